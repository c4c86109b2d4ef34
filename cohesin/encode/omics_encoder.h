#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cohesin/encode/covariate_encoder.h"
#include "cohesin/encode/gene_axis.h"
#include "cohesin/encode/value_tokenizer.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// All that is fitted before a model sees a number: the shared gene axis, one tokenizer an omic, and
// the covariates. It stands in a checkpoint as features.tsv, tokenizers.json and covariates.json.
class OmicsEncoder {
 public:
  // Fits on `samples` (rows of cohort.obs) alone: the axis is the union of the cohort's features
  // (`genes`, where not empty), `configs` holds the settings by modality, defaults where absent.
  // Throws Error for a config without a modality of its name.
  static OmicsEncoder fit(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                          const std::map<std::string, TokenizerConfig>& configs,
                          const std::vector<std::string>& genes = {});
  // Published weights: nothing is fitted, every gene counts as measured.
  OmicsEncoder(GeneAxis axis, std::map<std::string, ValueTokenizer> tokenizers);
  // From the two texts of a checkpoint; `where` names it in errors.
  static OmicsEncoder read(std::string_view features, std::string_view tokenizers,
                           const std::string& where);
  // The same with a scaler for every omic of the cohort that has none (published weights come
  // without), fitted on `samples` alone. Tokens stay as they are.
  OmicsEncoder with_scalers(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                            MissingGenes policy) const;
  std::string features_text() const { return write_features(axis_); }
  std::string tokenizers_text() const { return write_tokenizers(tokenizers_); }

  const GeneAxis& axis() const { return axis_; }
  int64_t num_genes() const { return static_cast<int64_t>(axis_.num_genes()); }
  const std::vector<std::string>& omics() const { return axis_.modalities; }
  const ValueTokenizer& tokenizer(const std::string& omic) const { return tokenizers_.at(omic); }
  const CovariateEncoder& covariates() const { return covariates_; }
  void set_covariates(CovariateEncoder covariates) { covariates_ = std::move(covariates); }
  // The omics and, where there are any, the covariates.
  std::vector<std::string> inputs() const;
  // Features of an input that a path over values sees.
  int64_t num_features(const std::string& input) const;
  // Positions of the axis that were measured in training.
  std::vector<int64_t> measured(const std::string& omic) const;

 private:
  GeneAxis axis_;
  std::map<std::string, ValueTokenizer> tokenizers_;
  CovariateEncoder covariates_;
};

}  // namespace cohesin
