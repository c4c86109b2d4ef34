#pragma once

#include <cstdint>
#include <iterator>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"

namespace cohesin {

// The section `task` of a recipe and of a checkpoint's config.json: what the model is asked.
struct TaskConfig {
  std::string name = "masked_lm";
  std::string target;
  std::vector<std::string> classes;
  // classification
  bool deep_path = true;
  std::vector<int64_t> hidden_sizes = {256, 128};
  bool layer_norm = false;
  double dropout = 0.0;
  bool shallow_path = false;
  int64_t shallow_hidden_size = 64;
  double shallow_dropout = 0.3;
  double shallow_input_dropout = 0.0;
  // survival
  std::string ties = "efron";
  std::string stratify_by;
  // masked_lm
  double masked_fraction = 0.15;

  void visit(Fields& field) {
    field("name", name, "masked_lm, classification or survival");
    field("target", target, "classification: label column of the cohort");
    field("classes", classes, "class names in the order of the outputs (filled in by training)");
    field("deep_path", deep_path, "use the model's embedding");
    field("hidden_sizes", hidden_sizes, "widths of the SELU layers of the head");
    field("layer_norm", layer_norm, "normalise before the head's last layer");
    field("dropout", dropout, "before the head's last layer");
    field("shallow_path", shallow_path, "a two-layer network on the scaled values, added beside");
    field("shallow_hidden_size", shallow_hidden_size, "width of the shallow path, an omic");
    field("shallow_dropout", shallow_dropout, "on the shallow path's hidden layer");
    field("shallow_input_dropout", shallow_input_dropout, "on the shallow path's input values");
    field("ties", ties, "survival: efron or breslow, for events at one time");
    field("stratify_by", stratify_by,
          "survival: column whose values have a baseline hazard of their own; empty = none");
    field("masked_fraction", masked_fraction, "positions selected in masked language modelling");
  }
  bool has_head() const { return name != "masked_lm"; }
  int64_t num_outputs() const { return name == "survival" ? 1 : std::ssize(classes); }
  // Throws Error naming `where` and the field that is out of range.
  void check(const std::string& where) const;
};

}  // namespace cohesin
