#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/stats/matrix.h"

namespace cohesin {

// One modality of n samples. A sample that lacks the modality has NaN throughout its row; a single
// NaN is a feature that was not measured. Features are the same, in the same order, in fit and
// prediction: their names are the caller's to check.
struct BlockData {
  std::string name;
  Matrix values;  // [n, p]
};

// What the training samples came to, one entry a row: classes 0..K-1, or follow-up.
struct BaselineTargets {
  BaselineTargets() = default;
  BaselineTargets(std::vector<int64_t> classes) : labels(std::move(classes)) {}  // NOLINT: as given
  BaselineTargets(std::vector<double> times, std::vector<int64_t> events)
      : time(std::move(times)), event(std::move(events)) {}

  size_t size() const { return labels.empty() ? time.size() : labels.size(); }

  std::vector<int64_t> labels;
  std::vector<double> time;
  std::vector<int64_t> event;  // 1 = observed, 0 = censored
};

// How classes predicted for held-out samples are scored; higher is better.
using LabelScore =
    std::function<double(const std::vector<int64_t>& truth, const std::vector<int64_t>& predicted)>;

// The same of risks; higher is better.
using RiskScore = std::function<double(const BaselineTargets& targets, const std::vector<double>&)>;

struct BaselineOptions {
  int64_t num_classes = 0;
  // Rows of the training samples that each inner fold holds out, to choose the penalty; the caller
  // draws them (from seed and sample name, grouped by patient). Without any the middle penalty is
  // taken.
  std::vector<std::vector<size_t>> inner_folds;
  LabelScore inner_score;      // needed with inner folds; macro F1 is usual
  RiskScore inner_risk_score;  // the same for survival; the C-index
  bool balanced_class_weights = false;
};

// A fitted baseline as plain arrays, to be stored with a checkpoint. `name` is what make_baseline
// takes; the keys of arrays and text are the baseline's own.
struct BaselineState {
  struct Array {
    std::vector<size_t> shape;
    std::vector<double> values;  // row-major
  };
  std::string name;
  std::map<std::string, Array> arrays;
  std::map<std::string, std::string> text;
};

// A plain method that everything else is measured against. All that it fits (scaling, filling,
// penalty, coefficients) comes from the training samples it is given.
class Baseline {
 public:
  virtual ~Baseline() = default;

  // Throws Error if blocks, targets or folds do not fit together, or a modality that the baseline
  // is made of is not there (naming the nearest).
  virtual void fit(const std::vector<BlockData>& blocks, const BaselineTargets& targets,
                   const BaselineOptions& options) = 0;

  // Probabilities [n, K], or risks [n, 1]. Modalities may be left out of `blocks` or have absent
  // rows. A sample without any modality that the baseline uses gets the class shares of the
  // training samples, or risk 0.
  virtual Matrix predict(const std::vector<BlockData>& blocks) const = 0;

  virtual BaselineState state() const = 0;
};

// The members, one line each: what make_baseline takes, and what it is.
//   majority        the class shares of the training samples
//   logistic        ridge multinomial logistic regression on all modalities side by side; one that
//                   a sample lacks is filled by ridge regression from those it has
//   logistic:NAME   the same on the modality NAME alone
//   pca_logistic    the same on 50 principal components
// and for survival:
//   cox             ridge Cox regression on all modalities side by side, filled as above
//   cox:NAME        the same on the modality NAME alone
//   pca_cox         the same on 30 principal components
const std::vector<std::pair<std::string, std::string>>& baseline_registry();

// Whether a member answers survival (a risk) and not classification.
bool is_survival_baseline(const std::string& name);

// Throws Error naming the nearest member.
std::unique_ptr<Baseline> make_baseline(const std::string& name);

// The fitted baseline again. Throws Error if an array is missing or has another shape.
std::unique_ptr<Baseline> restore_baseline(const BaselineState& state);

}  // namespace cohesin
