#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// Scores of probabilities as such. Labels are 0..K-1, `probability` is [n, K] row-major; rows that
// do not sum to 1 are used as given. All throw Error if inputs are empty, differ in length, or a
// probability is NaN.

// Mean of -log p(truth) in nats; p is clipped to [eps, 1 - eps] of double.
double log_loss(std::span<const int64_t> truth, std::span<const double> probability,
                int64_t num_classes);
// Two classes; `score` is the probability of class 1.
double binary_log_loss(std::span<const int64_t> truth, std::span<const double> score);

// Mean squared difference between the probability of class 1 and the outcome.
double brier_score(std::span<const int64_t> truth, std::span<const double> score);

// Share of samples whose class is among the k most probable; of equal probabilities the later
// class comes first.
double top_k_accuracy(std::span<const int64_t> truth, std::span<const double> probability,
                      int64_t num_classes, int64_t k);

// Equal-width bins [lo, hi) of [0, 1], the last one closed.
struct CalibrationBin {
  int64_t count = 0;
  double mean_confidence = 0;  // 0 in an empty bin
  double accuracy = 0;         // share of correct ones; 0 in an empty bin
};
std::vector<CalibrationBin> calibration_bins(std::span<const double> confidence,
                                             const std::vector<bool>& correct, int64_t num_bins);

// Confidence = the largest probability; correct = that class (the first of equals) is the truth.
std::vector<CalibrationBin> top_label_calibration(std::span<const int64_t> truth,
                                                  std::span<const double> probability,
                                                  int64_t num_classes, int64_t num_bins = 15);
// The same for the probability of class 1 alone: class 1 is called from 0.5 on.
std::vector<CalibrationBin> binary_top_label_calibration(std::span<const int64_t> truth,
                                                         std::span<const double> score,
                                                         int64_t num_bins = 15);
// Confidence = the probability of class 1; correct = the truth is 1.
std::vector<CalibrationBin> positive_class_calibration(std::span<const int64_t> truth,
                                                       std::span<const double> score,
                                                       int64_t num_bins = 15);

// Expected calibration error (Naeini et al. 2015): mean |accuracy - confidence| of the bins,
// weighted by their counts.
double expected_calibration_error(const std::vector<CalibrationBin>& bins);

}  // namespace cohesin
