#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/omics/frame.h"

namespace cohesin {

// The name under which covariates stand beside the modalities: in a batch, in `modalities` of
// predictions, in --without and in a baseline's name.
inline const std::string kCovariates = "covariates";

// One covariate as it was met in training.
struct Covariate {
  bool is_text = false;
  double mean = 0, sd = 1;          // numbers
  std::vector<std::string> levels;  // text, sorted
  bool marks_missing = false;       // some training samples lack it

  void visit(Fields& field) {
    field("is_text", is_text, "levels, not numbers");
    field("mean", mean, "of the training samples");
    field("sd", sd, "of the training samples");
    field("levels", levels, "those of the training samples");
    field("marks_missing", marks_missing, "one more feature says that it is not known");
  }
  int64_t num_features() const;
};

// Clinical columns of a cohort (age, stage, sex) as features: numbers are standardised, each level
// of a text column is a 0/1 feature. What is not known is 0, and marked by a feature of its own
// where training samples lacked it, too. All is fitted on the training samples.
class CovariateEncoder {
 public:
  CovariateEncoder() = default;  // no covariates
  // Throws Error for a column that `obs` lacks, that no training sample has, or that never varies.
  static CovariateEncoder fit(const Frame& obs, const std::vector<int64_t>& samples,
                              const std::vector<std::string>& columns);
  static CovariateEncoder read(const std::string& text, const std::string& where);
  std::string text() const;

  bool empty() const { return columns_.empty(); }
  int64_t num_features() const;
  std::vector<std::string> feature_names() const;  // "age", "stage=II", "age:missing"

  // Features [samples, F] of a cohort and, for each sample, whether any covariate is known. A level
  // that training did not have counts as not known; `notes` gets a sentence for each such level and
  // each column that the cohort lacks. Throws Error for text where numbers were, or the reverse.
  struct Encoded {
    std::vector<float> values;
    std::vector<uint8_t> known;
    std::vector<std::string> notes;
  };
  Encoded encode(const Frame& obs) const;

 private:
  void visit(Fields& field);

  std::vector<std::string> columns_;
  std::vector<Covariate> covariates_;  // by column
};

}  // namespace cohesin
