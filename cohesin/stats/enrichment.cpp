#include "cohesin/stats/enrichment.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {
namespace {

double log_choose(int64_t n, int64_t k) {
  const auto lgamma_of = [](int64_t x) { return std::lgamma(static_cast<double>(x) + 1); };
  return lgamma_of(n) - lgamma_of(k) - lgamma_of(n - k);
}

// `count` of 0..total-1, ascending: Floyd's draw without replacement.
std::vector<int64_t> draw_subset(RandomStream& random, int64_t count, int64_t total,
                                 std::vector<uint8_t>& taken) {
  std::vector<int64_t> subset;
  for (int64_t last = total - count; last < total; ++last) {
    auto chosen = static_cast<int64_t>(random.below(static_cast<uint64_t>(last + 1)));
    if (taken[static_cast<size_t>(chosen)] != 0) chosen = last;
    taken[static_cast<size_t>(chosen)] = 1;
    subset.push_back(chosen);
  }
  for (const int64_t chosen : subset) taken[static_cast<size_t>(chosen)] = 0;
  std::sort(subset.begin(), subset.end());
  return subset;
}

}  // namespace

double hypergeometric_tail(int64_t overlap, int64_t universe, int64_t set_size, int64_t drawn) {
  if (set_size < 0 || drawn < 0 || set_size > universe || drawn > universe)
    throw Error("a set of {} and a draw of {} genes do not fit into {} genes", set_size, drawn,
                universe);
  const int64_t fewest = std::max<int64_t>(0, set_size + drawn - universe);
  const int64_t most = std::min(set_size, drawn);
  if (overlap <= fewest) return 1;
  if (overlap > most) return 0;
  // The tail beyond the mean is summed: its terms are small, and 1 - the rest would lose them.
  const double whole = log_choose(universe, drawn);
  const auto sum = [&](int64_t from, int64_t to) {
    double total = 0;
    for (int64_t x = from; x <= to; ++x)
      total +=
          std::exp(log_choose(set_size, x) + log_choose(universe - set_size, drawn - x) - whole);
    return total;
  };
  const double mean =
      static_cast<double>(set_size) * static_cast<double>(drawn) / static_cast<double>(universe);
  if (static_cast<double>(overlap) > mean) return std::min(1.0, sum(overlap, most));
  return std::max(0.0, 1 - sum(fewest, overlap - 1));
}

std::vector<double> adjust_p_values(std::span<const double> p_values) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p_values.size(); ++i)
    if (!std::isnan(p_values[i])) order.push_back(i);
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return p_values[a] > p_values[b]; });
  std::vector<double> adjusted(p_values.size(), std::numeric_limits<double>::quiet_NaN());
  double lowest = 1;
  const auto tests = static_cast<double>(order.size());
  for (size_t k = 0; k < order.size(); ++k) {  // from the largest p down
    const double rank = tests - static_cast<double>(k);
    lowest = std::min(lowest, p_values[order[k]] * tests / rank);
    adjusted[order[k]] = lowest;
  }
  return adjusted;
}

PrerankedTest::PrerankedTest(std::span<const double> scores, int64_t num_permutations,
                             uint64_t seed)
    : num_permutations_(num_permutations), seed_(seed) {
  if (scores.size() < 2) throw Error("a ranking needs two genes at least, got {}", scores.size());
  for (const double score : scores)
    if (!(score >= 0) || std::isinf(score))
      throw Error("a ranking needs scores of 0 or more, got {}", score);
  order_.resize(scores.size());
  std::iota(order_.begin(), order_.end(), int64_t{0});
  std::stable_sort(order_.begin(), order_.end(), [&](int64_t a, int64_t b) {
    return scores[static_cast<size_t>(a)] > scores[static_cast<size_t>(b)];
  });
  rank_of_.resize(scores.size());
  for (size_t rank = 0; rank < order_.size(); ++rank) {
    rank_of_[static_cast<size_t>(order_[rank])] = static_cast<int64_t>(rank);
    by_rank_.push_back(scores[static_cast<size_t>(order_[rank])]);
  }
  random_.resize(scores.size());
}

PrerankedTest::Peak PrerankedTest::running_peak(const std::vector<int64_t>& ranks) const {
  double total = 0;
  for (const int64_t rank : ranks) total += by_rank_[static_cast<size_t>(rank)];
  const auto count = static_cast<double>(ranks.size());
  const double others = static_cast<double>(by_rank_.size()) - count;
  Peak peak;
  double risen = 0;
  for (size_t k = 0; k < ranks.size(); ++k) {  // the sum peaks at members alone
    risen += total > 0 ? by_rank_[static_cast<size_t>(ranks[k])] / total : 1 / count;
    const double fallen = static_cast<double>(ranks[k] - static_cast<int64_t>(k)) / others;
    if (risen - fallen > peak.score) peak = {risen - fallen, k + 1};
  }
  return peak;
}

const std::vector<double>& PrerankedTest::random_scores(int64_t set_size) {
  std::vector<double>& scores = random_[static_cast<size_t>(set_size)];
  if (!scores.empty() || num_permutations_ < 1) return scores;
  std::vector<uint8_t> taken(by_rank_.size());
  RandomStream random(seed_, "enrichment", static_cast<uint64_t>(set_size));
  for (int64_t i = 0; i < num_permutations_; ++i)
    scores.push_back(
        running_peak(draw_subset(random, set_size, static_cast<int64_t>(by_rank_.size()), taken))
            .score);
  std::sort(scores.begin(), scores.end());
  return scores;
}

PrerankedResult PrerankedTest::test(const std::vector<int64_t>& members) {
  if (members.empty() || members.size() >= by_rank_.size())
    throw Error("a gene set of {} of {} genes cannot be tested", members.size(), by_rank_.size());
  std::vector<int64_t> ranks;
  for (const int64_t gene : members) ranks.push_back(rank_of_[static_cast<size_t>(gene)]);
  std::sort(ranks.begin(), ranks.end());
  const Peak peak = running_peak(ranks);
  const std::vector<double>& random = random_scores(static_cast<int64_t>(members.size()));
  PrerankedResult result;
  result.score = peak.score;
  for (size_t k = 0; k < peak.members; ++k)
    result.leading.push_back(order_[static_cast<size_t>(ranks[k])]);
  // The same sum may differ in its last bits by the order of the members.
  const auto below = std::lower_bound(random.begin(), random.end(), peak.score - 1e-12);
  const auto as_high = static_cast<double>(random.end() - below);
  const auto count = static_cast<double>(random.size());
  result.p_value = (1 + as_high) / (1 + count);
  const double mean = std::accumulate(random.begin(), random.end(), 0.0) / std::max(1.0, count);
  result.normalized = mean > 0 ? peak.score / mean : 0;
  return result;
}

}  // namespace cohesin
