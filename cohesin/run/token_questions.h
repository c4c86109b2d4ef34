#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <functional>
#include <vector>

#include "cohesin/models/model.h"

namespace cohesin {

// How likely is each word at these places of a token list?
struct TokenQuestion {
  std::vector<int32_t> ids;  // with <mask> where the model shall not look
  std::vector<int64_t> places;
};

// Log probabilities over the whole vocabulary, [places, V] in double, of each question: those with
// the same ids are one, and all go through the model without padding, at most `max_tokens`
// together. `done` hears how many questions each pass has answered.
std::vector<at::Tensor> answer(SequenceModel& model, const std::vector<TokenQuestion>& questions,
                               int64_t max_tokens,
                               const std::function<void(int64_t)>& done = nullptr);

// The mean of the last hidden state over tokens [begin, end) of each list, [D] in double.
struct TokenSpan {
  std::vector<int32_t> ids;
  int64_t begin = 0, end = 0;
};
std::vector<at::Tensor> mean_embeddings(SequenceModel& model, const std::vector<TokenSpan>& spans,
                                        int64_t max_tokens);

// The list with <mask> at `place`.
TokenQuestion hide_token(const SequenceModel& model, std::vector<int32_t> ids, int64_t place);

}  // namespace cohesin
