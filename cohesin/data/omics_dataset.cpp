#include "cohesin/data/omics_dataset.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <mutex>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

OmicsDataset::OmicsDataset(std::shared_ptr<const MultiOmics> cohort,
                           std::shared_ptr<const OmicsEncoder> encoder, int64_t sequence_length,
                           BatchContent content, MissingGenes missing_genes)
    : cohort_(std::move(cohort)),
      encoder_(std::move(encoder)),
      sequence_length_(sequence_length),
      content_(content) {
  if (sequence_length_ < encoder_->num_genes())
    throw Error("the model has {} positions, but the data have {} genes", sequence_length_,
                encoder_->num_genes());
  for (const auto& omic : encoder_->omics()) {
    Source source;
    const std::vector<int64_t> measured = encoder_->measured(omic);
    source.measured = at::tensor(measured, at::kLong);
    source.modality = cohort_->find(omic);
    if (source.modality != nullptr) {
      encoder_->tokenizer(omic).check_unit(*source.modality);
      source.alignment =
          align_to_axis(*source.modality, encoder_->axis(), missing_genes, omic, "the model");
    }
    sources_[omic] = std::move(source);
  }
}

uint32_t OmicsDataset::bit_of(const std::string& omic) const {
  std::string list;
  uint32_t bit = 1;
  for (const auto& known : encoder_->omics()) {
    if (known == omic) return bit;
    list += (list.empty() ? "" : ", ") + known;
    bit <<= 1;
  }
  throw Error("no modality '{}' in the model; it has: {}", omic, list);
}

const AxisAlignment* OmicsDataset::alignment(const std::string& omic) const {
  const Source& source = sources_.at(omic);
  return source.modality == nullptr ? nullptr : &source.alignment;
}

uint32_t OmicsDataset::present_omics(int64_t sample) const {
  uint32_t bits = 0, bit = 1;
  for (const auto& omic : encoder_->omics()) {
    const Modality* modality = sources_.at(omic).modality;
    if (modality != nullptr && modality->row_of[static_cast<size_t>(sample)] >= 0) bits |= bit;
    bit <<= 1;
  }
  return bits;
}

Batch OmicsDataset::batch(const std::vector<int64_t>& samples, const HiddenOmics& hidden) const {
  Batch batch;
  for (const auto& omic : encoder_->omics()) encode_omic(omic, samples, hidden, batch);
  return batch;
}

void OmicsDataset::encode_omic(const std::string& omic, const std::vector<int64_t>& samples,
                               const HiddenOmics& hidden, Batch& batch) const {
  const Source& source = sources_.at(omic);
  const ValueTokenizer& tokenizer = encoder_->tokenizer(omic);
  const uint32_t bit = bit_of(omic);
  const auto num_samples = static_cast<int64_t>(samples.size());
  const int64_t num_genes = encoder_->num_genes();
  const bool scale = content_.values || content_.features;

  at::Tensor tokens_BL =
      at::full({num_samples, sequence_length_}, tokenizer.mask_token(), at::kLong);
  tokens_BL.narrow(1, num_genes, sequence_length_ - num_genes).fill_(tokenizer.pad_token());
  at::Tensor values_BL = at::zeros({scale ? num_samples : 0, sequence_length_}, at::kFloat);
  at::Tensor present_B = at::zeros({num_samples}, at::kFloat);
  std::mutex counts_mutex;

  at::parallel_for(0, num_samples, 8, [&](int64_t begin, int64_t end) {
    std::vector<float> raw(static_cast<size_t>(num_genes));
    TokenCounts counts;
    for (int64_t b = begin; b < end; ++b) {
      const auto sample = static_cast<size_t>(samples[static_cast<size_t>(b)]);
      const bool is_hidden = !hidden.empty() && (hidden[static_cast<size_t>(b)] & bit) != 0;
      if (is_hidden || source.modality == nullptr || source.modality->row_of[sample] < 0) continue;
      const float* row =
          source.modality->table.row(static_cast<size_t>(source.modality->row_of[sample]));
      gather_on_axis(row, source.alignment.columns, raw.data());
      const int64_t at = b * sequence_length_;
      tokenizer.tokens(raw.data(), raw.size(), tokens_BL.data_ptr<int64_t>() + at, counts);
      if (scale) tokenizer.scaled(raw.data(), raw.size(), values_BL.data_ptr<float>() + at);
      present_B.data_ptr<float>()[b] = 1;
    }
    const std::lock_guard<std::mutex> lock(counts_mutex);
    counts_[omic] += counts;
  });
  batch.tensors[omic + ".present"] = present_B;
  if (content_.features)
    batch.tensors[omic + ".features"] = values_BL.index_select(1, source.measured);
  if (content_.values) {
    batch.tensors[omic + ".hidden"] = tokens_BL == tokenizer.mask_token();
    batch.tensors[omic + ".values"] = values_BL;
  }
  batch.tensors[omic + ".tokens"] = tokens_BL;
}

}  // namespace cohesin
