#include "cohesin/run/token_questions.h"

#include <ATen/ATen.h>

#include <map>
#include <utility>

#include "cohesin/base/interrupt.h"
#include "cohesin/data/pack_by_length.h"
#include "cohesin/run/sequence_encoder.h"

namespace cohesin {
namespace {

using Lists = std::vector<const std::vector<int32_t>*>;

// Token lists, each different one once, and who asks about it.
struct DistinctLists {
  Lists lists;
  std::vector<std::vector<size_t>> askers;
};

template <typename Asked>
DistinctLists distinct_lists(const std::vector<Asked>& asked) {
  DistinctLists distinct;
  const auto less = [](const auto* a, const auto* b) { return *a < *b; };
  std::map<const std::vector<int32_t>*, size_t, decltype(less)> index(less);
  for (size_t i = 0; i < asked.size(); ++i) {
    const auto [at, is_new] = index.emplace(&asked[i].ids, distinct.lists.size());
    if (is_new) {
      distinct.lists.push_back(at->first);
      distinct.askers.emplace_back();
    }
    distinct.askers[at->second].push_back(i);
  }
  return distinct;
}

// Runs the model over all lists and shows each asker the rows of its list.
void for_each_asker(SequenceModel& model, const DistinctLists& distinct, const std::string& output,
                    int64_t max_tokens,
                    const std::function<void(size_t, const at::Tensor&)>& take) {
  std::vector<size_t> num_tokens;
  for (const auto* ids : distinct.lists) num_tokens.push_back(ids->size());
  for (const auto& batch : pack_by_length(num_tokens, static_cast<size_t>(max_tokens))) {
    stop_here_if_requested();
    Lists lists;
    for (const size_t i : batch) lists.push_back(distinct.lists[i]);
    const auto rows = forward_packed(model, lists, output);
    for (size_t i = 0; i < batch.size(); ++i)
      for (const size_t asker : distinct.askers[batch[i]]) take(asker, rows[i]);
  }
}

}  // namespace

std::vector<at::Tensor> answer(SequenceModel& model, const std::vector<TokenQuestion>& questions,
                               int64_t max_tokens, const std::function<void(int64_t)>& done) {
  std::vector<at::Tensor> answers(questions.size());
  for_each_asker(model, distinct_lists(questions), "logits", max_tokens,
                 [&](size_t asker, const at::Tensor& logits_LV) {
                   const at::Tensor places = at::tensor(questions[asker].places, at::kLong);
                   answers[asker] =
                       at::log_softmax(logits_LV.index_select(0, places).to(at::kDouble), -1);
                   if (done) done(1);
                 });
  return answers;
}

std::vector<at::Tensor> mean_embeddings(SequenceModel& model, const std::vector<TokenSpan>& spans,
                                        int64_t max_tokens) {
  std::vector<at::Tensor> means(spans.size());
  for_each_asker(model, distinct_lists(spans),
                 "hidden_states." + std::to_string(model.num_layers()), max_tokens,
                 [&](size_t asker, const at::Tensor& rows_LD) {
                   const TokenSpan& span = spans[asker];
                   means[asker] = rows_LD.slice(0, span.begin, span.end).to(at::kDouble).mean(0);
                 });
  return means;
}

TokenQuestion hide_token(const SequenceModel& model, std::vector<int32_t> ids, int64_t place) {
  ids[static_cast<size_t>(place)] = static_cast<int32_t>(model.mask_token());
  return {std::move(ids), {place}};
}

}  // namespace cohesin
