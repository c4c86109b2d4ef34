#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cohesin {

// The kinds of predictions; n rows each, an unknown outcome is empty or NaN.

struct ClassPredictions {
  std::vector<std::string> classes;           // K names
  std::vector<std::string> label, predicted;  // label: empty = unknown
  std::vector<double> probability;            // [n, K] within [0, 1]
  // Conformal sets: classes joined by ';' that hold the truth with this coverage; 0 = no sets.
  double coverage = 0;
  std::vector<std::string> set;
};

struct SurvivalPredictions {
  std::vector<double> time_days;      // NaN = unknown
  std::vector<int64_t> event;         // 1 = observed; 0 where the time is unknown
  std::vector<double> risk;           // higher = earlier
  std::vector<double> horizons_days;  // H
  std::vector<double> survival;       // [n, H] probability to live beyond each horizon
  std::vector<std::string> group;     // low, middle or high risk; empty vector = not known
};

struct ValuePredictions {
  std::vector<std::string> names;  // T
  std::vector<double> target;      // [n, T]; NaN = unknown
  std::vector<double> predicted;   // [n, T]
};

// What a model, or another tool, said about each sample: the content of predictions.tsv. A table
// has one kind at least; those of a joint task have several.
struct PredictionTable {
  std::vector<std::string> sample;
  std::vector<std::string> fold;        // empty vector = no folds
  std::vector<std::string> modalities;  // those used, comma-separated
  std::vector<std::string> hidden;      // the modality that was hidden, or empty
  std::vector<std::string> cohort;      // empty vector = not known; scores are told by cohort
  // Modalities whose values lie further off than those of any training sample, comma-separated;
  // empty vector = not looked at.
  std::vector<std::string> unusual;
  std::optional<ClassPredictions> classes;
  std::optional<SurvivalPredictions> survival;
  std::optional<ValuePredictions> values;

  size_t num_rows() const { return sample.size(); }
};

}  // namespace cohesin
