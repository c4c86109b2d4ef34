#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/data/masking.h"
#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/omics/multi_omics.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// What becomes of a sequence with more than `max_tokens` tokens.
struct SequenceLimit {
  int64_t max_tokens = 0;
  bool crop = false;  // false: an Error; true: a window of it is seen
};

// Where windows of long sequences are drawn: from (seed, sample name, epoch) alone.
struct CropAddress {
  uint64_t seed = 0, epoch = 0;
};

// The sequences of a cohort as a model over tokens sees them, one after the other without padding.
// Keys of a batch:
//   input_ids    [N] int64  tokens of all its sequences, special ones included
//   lengths      [B] int64  of each sequence
//   letter_rows  [M] int64  which of the N tokens stand for letters
//   letters_of   [M] int64  the sequence (0..B-1) of each of these
class SequenceDataset {
 public:
  // Reads every sequence once: throws Error naming the sample for letters that the tokenizer
  // refuses, a sequence without letters that the model knows, or one beyond the limit; what letters
  // were rewritten is logged.
  SequenceDataset(std::shared_ptr<const MultiOmics> cohort,
                  std::shared_ptr<const SequenceTokenizer> tokenizer, SequenceLimit limit);

  // Longer sequences are cut to a drawn window, or without `draw` to their beginning.
  Batch batch(const std::vector<int64_t>& samples,
              const std::optional<CropAddress>& draw = std::nullopt) const;

  // The same for one label a letter: each sample's letters in `letter_rows`' order are letters
  // [sample's first_letter + k] of the cohort, numbered through it. Needs one token a letter.
  std::vector<int64_t> letters_in(const std::vector<int64_t>& samples) const;
  int64_t first_letter(int64_t sample) const { return first_letter_[static_cast<size_t>(sample)]; }

  // See pack_by_length; places in `samples`.
  std::vector<std::vector<size_t>> batches(const std::vector<int64_t>& samples,
                                           int64_t max_tokens) const;

  const MultiOmics& cohort() const { return *cohort_; }
  const SequenceTokenizer& tokenizer() const { return *tokenizer_; }
  int64_t num_cropped() const { return num_cropped_; }  // samples beyond the limit
  const std::string& name(int64_t sample) const {
    return cohort_->obs.index[static_cast<size_t>(sample)];
  }

 private:
  SequenceTokens tokens_of(int64_t sample) const;
  // What of a sample's tokens is seen.
  SequenceTokens seen(int64_t sample, const std::optional<CropAddress>& draw) const;

  std::shared_ptr<const MultiOmics> cohort_;
  std::shared_ptr<const SequenceTokenizer> tokenizer_;
  SequenceLimit limit_;
  const std::vector<std::string>* letters_;
  std::vector<int64_t> num_tokens_;    // [samples] after the limit
  std::vector<int64_t> first_letter_;  // [samples] of all letters of the cohort
  int64_t num_cropped_ = 0;
};

// The corruption of masked language modelling on a batch of SequenceDataset, in place: of the
// letters' tokens a part is selected; of these most become <mask>, some another word, some stay.
// Returns labels [N] int64: the original id where selected, -100 elsewhere. The choice depends on
// (seed, epoch, sample name) alone.
at::Tensor mask_tokens(Batch& batch, const SequenceDataset& dataset,
                       const std::vector<int64_t>& samples, const MaskingSettings& settings,
                       uint64_t seed, uint64_t epoch);

}  // namespace cohesin
