#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// Risks at most this far apart are tied, as in scikit-survival.
inline constexpr double kTiedRisk = 1e-8;

// Harrell's concordance (Harrell et al. 1996). A pair is comparable if the earlier time is an
// event, or if the times are equal, one is an event and the other is censored.
struct Concordance {
  int64_t concordant = 0, discordant = 0;
  int64_t tied_risk = 0;  // comparable, risks within 1e-8: one half each
  int64_t tied_time = 0;  // comparable pairs of equal time

  double c_index() const;  // NaN if no pair is comparable
};

// The comparable pairs of one event with samples that were followed longer.
struct EventPairs {
  size_t event_sample = 0;
  int64_t concordant = 0, discordant = 0, tied_risk = 0;
};
// Of every event, in no order that means anything. n log n. Throws Error as `concordance`.
std::vector<EventPairs> pairs_by_event(std::span<const double> time, std::span<const int64_t> event,
                                       std::span<const double> risk);

// `event` 1 = observed, 0 = censored; a higher `risk` means an earlier event. n log n.
// Throws Error if inputs are empty, differ in length or hold NaN, or an event is neither 0 nor 1.
Concordance concordance(std::span<const double> time, std::span<const int64_t> event,
                        std::span<const double> risk);

}  // namespace cohesin
