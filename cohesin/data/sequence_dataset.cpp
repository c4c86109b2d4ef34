#include "cohesin/data/sequence_dataset.h"

#include <ATen/Functions.h>

#include <algorithm>
#include <set>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/base/philox.h"
#include "cohesin/data/pack_by_length.h"

namespace cohesin {
namespace {

constexpr int64_t kIgnored = -100;
constexpr const char* kSequence = "sequence";

bool stands_for_letters(int64_t start) { return start != SequenceTokens::kAdded; }

}  // namespace

SequenceDataset::SequenceDataset(std::shared_ptr<const MultiOmics> cohort,
                                 std::shared_ptr<const SequenceTokenizer> tokenizer,
                                 SequenceLimit limit)
    : cohort_(std::move(cohort)),
      tokenizer_(std::move(tokenizer)),
      limit_(limit),
      letters_(&cohort_->sequences_at(kSequence).letters) {
  SequenceChanges changes;
  int64_t num_letters = 0;
  for (size_t i = 0; i < letters_->size(); ++i) {
    const SequenceTokens tokens =
        tokenizer_->tokenize({name(static_cast<int64_t>(i)), "", (*letters_)[i]}, changes);
    if (std::none_of(tokens.starts.begin(), tokens.starts.end(), stands_for_letters))
      throw Error("'{}' has no letter that the model reads", name(static_cast<int64_t>(i)));
    auto count = static_cast<int64_t>(tokens.ids.size());
    if (limit_.max_tokens > 0 && count > limit_.max_tokens) {
      if (!limit_.crop)
        throw Error(
            "'{}' has {} tokens, more than the {} that the model takes (task.max_tokens); set "
            "task.too_long to crop, or leave it out",
            name(static_cast<int64_t>(i)), count, limit_.max_tokens);
      ++num_cropped_;
      count = limit_.max_tokens;
    }
    num_tokens_.push_back(count);
    first_letter_.push_back(num_letters);
    num_letters += static_cast<int64_t>((*letters_)[i].size());
  }
  for (const auto& line : changes.describe()) log_warning("{}", line);
}

SequenceTokens SequenceDataset::tokens_of(int64_t sample) const {
  SequenceChanges counted_already;
  return tokenizer_->tokenize({name(sample), "", (*letters_)[static_cast<size_t>(sample)]},
                              counted_already);
}

// Special tokens at the ends stay, in between is a window.
SequenceTokens SequenceDataset::seen(int64_t sample, const std::optional<CropAddress>& draw) const {
  SequenceTokens all = tokens_of(sample);
  const size_t room = static_cast<size_t>(num_tokens_[static_cast<size_t>(sample)]);
  if (all.ids.size() == room) return all;
  const size_t before = stands_for_letters(all.starts.front()) ? 0 : 1;
  const size_t after = stands_for_letters(all.starts.back()) ? 0 : 1;
  const size_t width = room - before - after, places = all.ids.size() - room + 1;
  size_t skip = 0;
  if (draw)
    skip = static_cast<size_t>(
        RandomStream(draw->seed, "crop/" + name(sample), draw->epoch).below(places));
  const auto cut = [&](auto& values) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(before);
    values.erase(begin + static_cast<std::ptrdiff_t>(skip + width),
                 values.end() - static_cast<std::ptrdiff_t>(after));
    values.erase(begin, begin + static_cast<std::ptrdiff_t>(skip));
  };
  cut(all.ids);
  cut(all.starts);
  return all;
}

Batch SequenceDataset::batch(const std::vector<int64_t>& samples,
                             const std::optional<CropAddress>& draw) const {
  std::vector<int64_t> ids, lengths, rows, of;
  for (const int64_t sample : samples) {
    const SequenceTokens tokens = seen(sample, draw);
    for (size_t i = 0; i < tokens.ids.size(); ++i) {
      if (!stands_for_letters(tokens.starts[i])) continue;
      rows.push_back(static_cast<int64_t>(ids.size() + i));
      of.push_back(static_cast<int64_t>(lengths.size()));
    }
    ids.insert(ids.end(), tokens.ids.begin(), tokens.ids.end());
    lengths.push_back(static_cast<int64_t>(tokens.ids.size()));
  }
  Batch batch;
  batch.tensors["input_ids"] = at::tensor(ids, at::kLong);
  batch.tensors["lengths"] = at::tensor(lengths, at::kLong);
  batch.tensors["letter_rows"] = at::tensor(rows, at::kLong);
  batch.tensors["letters_of"] = at::tensor(of, at::kLong);
  return batch;
}

std::vector<int64_t> SequenceDataset::letters_in(const std::vector<int64_t>& samples) const {
  std::vector<int64_t> letters;
  for (const int64_t sample : samples)
    for (const int64_t start : seen(sample, std::nullopt).starts)
      if (stands_for_letters(start)) letters.push_back(first_letter(sample) + start);
  return letters;
}

std::vector<std::vector<size_t>> SequenceDataset::batches(const std::vector<int64_t>& samples,
                                                          int64_t max_tokens) const {
  std::vector<size_t> tokens;
  for (const int64_t sample : samples)
    tokens.push_back(static_cast<size_t>(num_tokens_[static_cast<size_t>(sample)]));
  return pack_by_length(tokens, static_cast<size_t>(max_tokens));
}

at::Tensor mask_tokens(Batch& batch, const SequenceDataset& dataset,
                       const std::vector<int64_t>& samples, const MaskingSettings& settings,
                       uint64_t seed, uint64_t epoch) {
  const SequenceVocabulary& vocabulary = dataset.tokenizer().vocabulary();
  if (!vocabulary.mask) throw Error("the model has no <mask> and cannot learn what is hidden");
  const std::set<int32_t> special(vocabulary.special.begin(), vocabulary.special.end());
  std::vector<int64_t> words;  // that a selected token may become
  for (size_t id = 0; id < vocabulary.words.size(); ++id)
    if (special.count(static_cast<int32_t>(id)) == 0) words.push_back(static_cast<int64_t>(id));
  at::Tensor& ids_N = batch.tensors.at("input_ids");
  at::Tensor labels_N = at::full_like(ids_N, kIgnored);
  auto* ids = ids_N.data_ptr<int64_t>();
  auto* labels = labels_N.data_ptr<int64_t>();
  const at::Tensor& rows_M = batch.at("letter_rows");
  const auto* rows = rows_M.const_data_ptr<int64_t>();
  const auto* of = batch.at("letters_of").const_data_ptr<int64_t>();
  for (int64_t m = 0; m < rows_M.numel();) {
    const int64_t sequence = of[m];
    RandomStream random(seed, "mask/" + dataset.name(samples[static_cast<size_t>(sequence)]),
                        epoch);
    for (; m < rows_M.numel() && of[m] == sequence; ++m) {
      int64_t& id = ids[rows[m]];
      if (special.count(static_cast<int32_t>(id)) != 0) continue;  // <unk>: nothing to learn
      if (random.uniform() >= settings.selected_fraction) continue;
      labels[rows[m]] = id;
      const double kind = random.uniform();
      if (kind < settings.hidden_fraction)
        id = *vocabulary.mask;
      else if (kind < settings.hidden_fraction + settings.random_fraction)
        id = words[static_cast<size_t>(random.below(words.size()))];
    }
  }
  return labels_N;
}

}  // namespace cohesin
