#include "cohesin/data/masking.h"

#include <ATen/Functions.h>

#include "cohesin/base/philox.h"

namespace cohesin {

namespace {

constexpr int64_t kIgnored = -100;

// One sample of one omic. `values` and `hidden` are null where the batch has no continuous input.
struct Row {
  int64_t* tokens;
  int64_t* labels;
  float* values;
  bool* hidden;
};

void mask_row(Row row, int64_t length, int64_t bins, const MaskingSettings& settings,
              RandomStream random) {
  for (int64_t i = 0; i < length; ++i) {
    row.labels[i] = kIgnored;
    if (row.tokens[i] >= bins) continue;  // <pad> or <mask>: nothing known to predict
    if (random.uniform() >= settings.selected_fraction) continue;
    row.labels[i] = row.tokens[i];
    const double kind = random.uniform();
    if (kind < settings.hidden_fraction) {
      row.tokens[i] = bins + 1;
      if (row.hidden != nullptr) {
        row.hidden[i] = true;
        row.values[i] = 0;
      }
    } else if (kind < settings.hidden_fraction + settings.random_fraction) {
      row.tokens[i] = static_cast<int64_t>(random.below(static_cast<uint64_t>(bins)));
      if (row.values != nullptr) row.values[i] = static_cast<float>(random.normal());
    }
  }
}

}  // namespace

NamedTensors mask_batch(Batch& batch, const OmicsDataset& dataset,
                        const std::vector<int64_t>& samples, const MaskingSettings& settings,
                        uint64_t seed, uint64_t epoch) {
  NamedTensors labels;
  for (const auto& omic : dataset.encoder().omics()) {
    at::Tensor tokens_BL = batch.at(omic + ".tokens");
    at::Tensor labels_BL = at::empty_like(tokens_BL);
    const int64_t length = tokens_BL.size(1);
    const int64_t bins = dataset.encoder().tokenizer(omic).pad_token();
    const bool continuous = batch.has(omic + ".hidden");
    for (size_t b = 0; b < samples.size(); ++b) {
      const auto offset = static_cast<int64_t>(b) * length;
      Row row{tokens_BL.data_ptr<int64_t>() + offset, labels_BL.data_ptr<int64_t>() + offset,
              nullptr, nullptr};
      if (continuous) {
        row.values = batch.at(omic + ".values").data_ptr<float>() + offset;
        row.hidden = batch.at(omic + ".hidden").data_ptr<bool>() + offset;
      }
      const std::string& name = dataset.cohort().obs.index[static_cast<size_t>(samples[b])];
      mask_row(row, length, bins, settings, RandomStream(seed, "mask/" + omic + "/" + name, epoch));
    }
    labels[omic + ".labels"] = labels_BL;
  }
  return labels;
}

}  // namespace cohesin
