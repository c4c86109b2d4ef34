#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/tasks/tracks_config.h"

namespace cohesin {

// What a head can be asked; a joint task asks several at once.
enum class TaskKind { classification, survival, regression };

// The section `task` of a recipe and of a checkpoint's config.json: what the model is asked.
struct TaskConfig {
  std::string name = "masked_lm";
  std::string target;
  std::vector<std::string> classes;
  std::vector<std::string> covariates;
  bool deep_path = true;
  std::vector<int64_t> hidden_sizes = {256, 128};
  bool layer_norm = false;
  double dropout = 0.0;
  bool shallow_path = false;
  int64_t shallow_hidden_size = 64;
  double shallow_dropout = 0.3;
  double shallow_input_dropout = 0.0;
  bool linear_path = false;
  double linear_penalty = 0.3;
  bool linear_alone = false;
  // survival
  std::string ties = "efron";
  std::string stratify_by;
  std::vector<double> horizons_days = {365, 1096, 1826};
  std::string hazard = "cox";
  int64_t intervals = 10;
  std::vector<double> interval_ends_days;
  // regression
  std::vector<std::string> values;
  std::vector<double> value_means, value_sds;
  // joint
  std::vector<std::string> kinds;
  std::string weighting = "uncertainty";
  // masked_lm
  double masked_fraction = 0.15;
  // tracks
  TracksConfig tracks;
  // sequences
  std::string pool = "mean";
  bool per_letter = false;
  int64_t max_tokens = 0;
  std::string too_long = "error";

  void visit(Fields& field);
  bool has_head() const { return name != "masked_lm"; }
  bool asks(TaskKind kind) const;
  bool discrete_hazards() const { return hazard == "discrete"; }
  bool wide_path() const { return shallow_path || linear_path; }  // one that reads the values

  // Outputs stand side by side in this order: class logits, the risk (or a logit an interval),
  // values.
  struct Span {
    int64_t begin = 0, count = 0;
  };
  Span outputs_of(TaskKind kind) const;
  int64_t num_outputs() const;

  // A regression may name its one column as `target`.
  void resolve();
  // Throws Error naming `where` and the field that is out of range.
  void check(const std::string& where) const;
};

}  // namespace cohesin
