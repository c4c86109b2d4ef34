#include "cohesin/metrics/concordance.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Counts of items by rank with prefix sums in log n (Fenwick 1994).
class RankCounts {
 public:
  explicit RankCounts(size_t num_ranks) : tree_(num_ranks + 1, 0) {}
  void add(size_t rank) {
    for (size_t i = rank + 1; i < tree_.size(); i += i & (~i + 1)) ++tree_[i];
  }
  int64_t below(size_t rank) const {  // items with a smaller rank
    int64_t sum = 0;
    for (size_t i = rank; i > 0; i -= i & (~i + 1)) sum += tree_[i];
    return sum;
  }

 private:
  std::vector<int64_t> tree_;
};

void check(std::span<const double> time, std::span<const int64_t> event,
           std::span<const double> risk) {
  if (time.size() != event.size() || time.size() != risk.size())
    throw Error("concordance needs a time, an event and a risk a sample: got {}, {} and {}",
                time.size(), event.size(), risk.size());
  if (time.empty()) throw Error("scores need at least one sample with a known time, got none");
  for (size_t i = 0; i < time.size(); ++i) {
    if (std::isnan(time[i]) || std::isnan(risk[i]))
      throw Error("sample {}: the {} is NaN", i, std::isnan(time[i]) ? "time" : "risk");
    if (event[i] != 0 && event[i] != 1)
      throw Error("sample {}: event {} is neither 1 (observed) nor 0 (censored)", i, event[i]);
  }
}

// Ranks of a sorted list that bound the risks tied with `risk`: [first, last).
struct TiedRanks {
  size_t first, last;
};
TiedRanks tied_ranks(const std::vector<double>& sorted, double risk) {
  const auto first = std::partition_point(sorted.begin(), sorted.end(),
                                          [&](double x) { return risk - x > kTiedRisk; });
  const auto last =
      std::partition_point(first, sorted.end(), [&](double x) { return x - risk <= kTiedRisk; });
  return {static_cast<size_t>(first - sorted.begin()), static_cast<size_t>(last - sorted.begin())};
}

int64_t count_tied_times(std::span<const double> time, std::span<const int64_t> event) {
  std::vector<double> events, censored;
  for (size_t i = 0; i < time.size(); ++i) (event[i] == 1 ? events : censored).push_back(time[i]);
  std::sort(censored.begin(), censored.end());
  int64_t count = 0;
  for (const double t : events) {
    const auto [first, last] = std::equal_range(censored.begin(), censored.end(), t);
    count += last - first;
  }
  return count;
}

}  // namespace

double Concordance::c_index() const {
  const auto pairs = static_cast<double>(concordant + discordant + tied_risk);
  if (pairs == 0) return std::numeric_limits<double>::quiet_NaN();
  return (static_cast<double>(concordant) + 0.5 * static_cast<double>(tied_risk)) / pairs;
}

std::vector<EventPairs> pairs_by_event(std::span<const double> time, std::span<const int64_t> event,
                                       std::span<const double> risk) {
  check(time, event, risk);
  std::vector<double> sorted(risk.begin(), risk.end());
  std::sort(sorted.begin(), sorted.end());
  const auto rank_of = [&](size_t i) {
    return static_cast<size_t>(std::lower_bound(sorted.begin(), sorted.end(), risk[i]) -
                               sorted.begin());
  };
  // From the last time to the first, the censored of one time before its events: what has been
  // added when an event's turn comes is exactly what it is comparable with.
  std::vector<size_t> order(time.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::sort(order.begin(), order.end(), [&](size_t a, size_t b) {
    return time[a] != time[b] ? time[a] > time[b] : event[a] < event[b];
  });
  std::vector<EventPairs> pairs;
  RankCounts later(sorted.size());
  int64_t num_later = 0;
  for (size_t begin = 0; begin < order.size();) {
    size_t end = begin;
    for (; end < order.size() && time[order[end]] == time[order[begin]]; ++end)
      if (event[order[end]] == 0) {
        later.add(rank_of(order[end]));
        ++num_later;
      }
    for (size_t i = begin; i < end; ++i) {
      if (event[order[i]] == 0) continue;
      const TiedRanks tied = tied_ranks(sorted, risk[order[i]]);
      const int64_t lower = later.below(tied.first), up_to = later.below(tied.last);
      pairs.push_back({order[i], lower, num_later - up_to, up_to - lower});
    }
    for (size_t i = begin; i < end; ++i)
      if (event[order[i]] == 1) {
        later.add(rank_of(order[i]));
        ++num_later;
      }
    begin = end;
  }
  return pairs;
}

Concordance concordance(std::span<const double> time, std::span<const int64_t> event,
                        std::span<const double> risk) {
  Concordance result;
  for (const EventPairs& pairs : pairs_by_event(time, event, risk)) {
    result.concordant += pairs.concordant;
    result.discordant += pairs.discordant;
    result.tied_risk += pairs.tied_risk;
  }
  result.tied_time = count_tied_times(time, event);
  return result;
}

}  // namespace cohesin
