#include "cohesin/encode/omics_encoder.h"

#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

OmicsEncoder::OmicsEncoder(GeneAxis axis, std::map<std::string, ValueTokenizer> tokenizers)
    : axis_(std::move(axis)), tokenizers_(std::move(tokenizers)) {
  for (const auto& omic : axis_.modalities)
    if (tokenizers_.count(omic) == 0) throw Error("no tokenizer for the modality '{}'", omic);
}

namespace {

// The modality's rows of these samples, where they have it.
std::vector<int64_t> rows_of(const Modality& modality, const std::vector<int64_t>& samples) {
  std::vector<int64_t> rows;
  for (const int64_t sample : samples)
    if (const int64_t row = modality.row_of[static_cast<size_t>(sample)]; row >= 0)
      rows.push_back(row);
  return rows;
}

}  // namespace

OmicsEncoder OmicsEncoder::fit(const MultiOmics& cohort, const std::vector<int64_t>& samples,
                               const std::map<std::string, TokenizerConfig>& configs,
                               const std::vector<std::string>& genes) {
  for (const auto& [name, config] : configs)
    if (cohort.find(name) == nullptr)
      throw Error("tokenizers.{}: the cohort has no such modality", name);
  std::vector<const Modality*> modalities;
  for (const auto& modality : cohort.modalities) modalities.push_back(&modality);
  if (modalities.empty()) throw Error("the cohort has no modality");
  GeneAxis axis = genes.empty() ? make_gene_axis(modalities) : make_gene_axis(genes, modalities);

  std::map<std::string, ValueTokenizer> tokenizers;
  for (const auto& modality : cohort.modalities) {
    const auto config = configs.find(modality.name);
    const AxisAlignment alignment =
        align_to_axis(modality, axis, MissingGenes::kMask, modality.name, "the gene axis");
    tokenizers[modality.name] =
        ValueTokenizer::fit(config == configs.end() ? TokenizerConfig{} : config->second, modality,
                            rows_of(modality, samples), alignment.columns);
  }
  return OmicsEncoder(std::move(axis), std::move(tokenizers));
}

OmicsEncoder OmicsEncoder::with_scalers(const MultiOmics& cohort,
                                        const std::vector<int64_t>& samples,
                                        MissingGenes policy) const {
  OmicsEncoder made = *this;
  for (auto& [omic, tokenizer] : made.tokenizers_) {
    const Modality* modality = cohort.find(omic);
    if (tokenizer.has_scaler() || modality == nullptr) continue;
    const AxisAlignment alignment = align_to_axis(*modality, axis_, policy, omic, "the model");
    tokenizer = ValueTokenizer::fit(tokenizer.config(), *modality, rows_of(*modality, samples),
                                    alignment.columns);
  }
  return made;
}

OmicsEncoder OmicsEncoder::read(std::string_view features, std::string_view tokenizers,
                                const std::string& where) {
  return OmicsEncoder(read_features(features, where + "/features.tsv"),
                      read_tokenizers(tokenizers, where + "/tokenizers.json"));
}

std::vector<std::string> OmicsEncoder::inputs() const {
  std::vector<std::string> names = omics();
  if (!covariates_.empty()) names.push_back(kCovariates);
  return names;
}

int64_t OmicsEncoder::num_features(const std::string& input) const {
  return input == kCovariates ? covariates_.num_features()
                              : static_cast<int64_t>(measured(input).size());
}

std::vector<int64_t> OmicsEncoder::measured(const std::string& omic) const {
  const std::vector<uint8_t>& flags = axis_.measured[axis_.modality_index(omic)];
  std::vector<int64_t> positions;
  for (size_t g = 0; g < flags.size(); ++g)
    if (flags[g] != 0) positions.push_back(static_cast<int64_t>(g));
  return positions;
}

}  // namespace cohesin
