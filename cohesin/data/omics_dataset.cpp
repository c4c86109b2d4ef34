#include "cohesin/data/omics_dataset.h"

#include <ATen/Functions.h>
#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <mutex>
#include <numeric>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"

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
  constexpr int64_t kMostKeptBytes = int64_t{256} << 20;
  const int64_t row_bytes =
      sequence_length_ *
      static_cast<int64_t>(encoder_->omics().size() * (sizeof(int64_t) + sizeof(float)));
  keeps_rows_ = static_cast<int64_t>(cohort_->num_samples()) * row_bytes <= kMostKeptBytes;
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
  if (encoder_->covariates().empty()) return;
  covariates_ = encoder_->covariates().encode(cohort_->obs);
  for (const auto& note : covariates_.notes) log_warning("{}", note);
}

uint32_t OmicsDataset::bit_of(const std::string& input) const {
  std::string list;
  uint32_t bit = 1;
  for (const auto& known : encoder_->inputs()) {
    if (known == input) return bit;
    list += (list.empty() ? "" : ", ") + known;
    bit <<= 1;
  }
  throw Error("no modality '{}' in the model; it has: {}", input, list);
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

uint32_t OmicsDataset::present_inputs(int64_t sample) const {
  const uint32_t bits = present_omics(sample);
  const bool known =
      !covariates_.known.empty() && covariates_.known[static_cast<size_t>(sample)] != 0;
  return known ? bits | bit_of(kCovariates) : bits;
}

void OmicsDataset::add_covariates(const std::vector<int64_t>& samples, const HiddenOmics& hidden,
                                  Batch& batch) const {
  const uint32_t bit = bit_of(kCovariates);
  const auto num_samples = static_cast<int64_t>(samples.size());
  const int64_t width = encoder_->covariates().num_features();
  at::Tensor features_BF = at::zeros({num_samples, width}, at::kFloat);
  at::Tensor present_B = at::zeros({num_samples}, at::kFloat);
  for (int64_t b = 0; b < num_samples; ++b) {
    const auto i = static_cast<size_t>(b);
    const int64_t sample = samples[i];
    if ((!hidden.empty() && (hidden[i] & bit) != 0) || (present_inputs(sample) & bit) == 0)
      continue;
    present_B.data_ptr<float>()[b] = 1;
    const auto first = covariates_.values.begin() + sample * width;
    std::copy(first, first + width, features_BF.data_ptr<float>() + b * width);
  }
  batch.tensors[kCovariates + ".present"] = present_B;
  batch.tensors[kCovariates + ".features"] = features_BF;
}

Batch OmicsDataset::batch(const std::vector<int64_t>& samples, const HiddenOmics& hidden) const {
  Batch batch;
  for (const auto& omic : encoder_->omics()) add_omic(omic, samples, hidden, batch);
  if (!encoder_->covariates().empty()) add_covariates(samples, hidden, batch);
  return batch;
}

double OmicsDataset::deviation(const std::string& omic, int64_t sample) const {
  const Source& source = sources_.at(omic);
  const ValueTokenizer& tokenizer = encoder_->tokenizer(omic);
  const auto i = static_cast<size_t>(sample);
  if (source.modality == nullptr || source.modality->row_of[i] < 0 || !tokenizer.has_scaler())
    return std::nan("");
  std::vector<float> raw(static_cast<size_t>(encoder_->num_genes())), scaled(raw.size());
  gather_on_axis(source.modality->table.row(static_cast<size_t>(source.modality->row_of[i])),
                 source.alignment.columns, raw.data());
  tokenizer.scaled(raw.data(), raw.size(), scaled.data());
  double sum = 0, count = 0;
  for (size_t g = 0; g < raw.size(); ++g) {
    if (std::isnan(raw[g]) || std::isnan(tokenizer.fitted().mean[g])) continue;
    sum += static_cast<double>(scaled[g]) * static_cast<double>(scaled[g]);
    count += 1;
  }
  return count == 0 ? std::nan("") : std::sqrt(sum / count);
}

void OmicsDataset::encode_rows(const std::string& omic, const std::vector<int64_t>& samples,
                               const std::vector<int64_t>& rows, at::Tensor& tokens_NL,
                               at::Tensor& values_NL) const {
  const Source& source = sources_.at(omic);
  const ValueTokenizer& tokenizer = encoder_->tokenizer(omic);
  const bool scale = content_.values || content_.features;
  std::mutex counts_mutex;
  at::parallel_for(0, static_cast<int64_t>(samples.size()), 8, [&](int64_t begin, int64_t end) {
    std::vector<float> raw(static_cast<size_t>(encoder_->num_genes()));
    TokenCounts counts;
    for (int64_t i = begin; i < end; ++i) {
      const auto sample = static_cast<size_t>(samples[static_cast<size_t>(i)]);
      if (source.modality == nullptr || source.modality->row_of[sample] < 0) continue;
      const float* row =
          source.modality->table.row(static_cast<size_t>(source.modality->row_of[sample]));
      gather_on_axis(row, source.alignment.columns, raw.data());
      const int64_t at = rows[static_cast<size_t>(i)] * sequence_length_;
      tokenizer.tokens(raw.data(), raw.size(), tokens_NL.data_ptr<int64_t>() + at, counts);
      if (scale) tokenizer.scaled(raw.data(), raw.size(), values_NL.data_ptr<float>() + at);
    }
    const std::lock_guard<std::mutex> lock(counts_mutex);
    counts_[omic] += counts;
  });
}

void OmicsDataset::add_omic(const std::string& omic, const std::vector<int64_t>& samples,
                            const HiddenOmics& hidden, Batch& batch) const {
  const Source& source = sources_.at(omic);
  const ValueTokenizer& tokenizer = encoder_->tokenizer(omic);
  const uint32_t bit = bit_of(omic);
  const bool scale = content_.values || content_.features;
  const auto new_rows = [&](int64_t count, at::Tensor& tokens_NL, at::Tensor& values_NL) {
    tokens_NL = at::full({count, sequence_length_}, tokenizer.mask_token(), at::kLong);
    tokens_NL.narrow(1, encoder_->num_genes(), sequence_length_ - encoder_->num_genes())
        .fill_(tokenizer.pad_token());
    values_NL = at::zeros({scale ? count : 0, sequence_length_}, at::kFloat);
  };
  at::Tensor tokens_BL, values_BL;
  const auto num_samples = static_cast<int64_t>(samples.size());
  if (keeps_rows_) {
    Encoded& kept = kept_[omic];
    if (kept.done.empty()) {
      kept.done.assign(cohort_->num_samples(), 0);
      new_rows(static_cast<int64_t>(cohort_->num_samples()), kept.tokens_NL, kept.values_NL);
    }
    std::vector<int64_t> fresh;
    for (const int64_t sample : samples)
      if (!std::exchange(kept.done[static_cast<size_t>(sample)], uint8_t{1}))
        fresh.push_back(sample);
    encode_rows(omic, fresh, fresh, kept.tokens_NL, kept.values_NL);
    const at::Tensor index = at::tensor(samples, at::kLong);
    tokens_BL = kept.tokens_NL.index_select(0, index);
    values_BL = scale ? kept.values_NL.index_select(0, index) : kept.values_NL;
  } else {
    new_rows(num_samples, tokens_BL, values_BL);
    std::vector<int64_t> rows(samples.size());
    std::iota(rows.begin(), rows.end(), 0);
    encode_rows(omic, samples, rows, tokens_BL, values_BL);
  }
  at::Tensor present_B = at::zeros({num_samples}, at::kFloat);
  for (int64_t b = 0; b < num_samples; ++b) {
    const bool is_hidden = !hidden.empty() && (hidden[static_cast<size_t>(b)] & bit) != 0;
    if (!is_hidden && (present_omics(samples[static_cast<size_t>(b)]) & bit) != 0) {
      present_B.data_ptr<float>()[b] = 1;
    } else {
      tokens_BL[b].narrow(0, 0, encoder_->num_genes()).fill_(tokenizer.mask_token());
      if (scale) values_BL[b].zero_();
    }
  }
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
