#include "cohesin/run/class_predictions.h"

#include <algorithm>
#include <set>
#include <utility>

namespace cohesin {

PredictionTable class_prediction_table(const ClassProbabilities& probabilities,
                                       const std::vector<std::string>& classes,
                                       const MultiOmics& cohort, const std::string& target,
                                       const std::string& fold, const std::string& hidden) {
  const Column* column = cohort.obs.find(target);
  const auto text =
      column == nullptr ? std::vector<std::string>(cohort.num_samples()) : column_as_text(*column);
  const std::set<std::string> known(classes.begin(), classes.end());
  PredictionTable table;
  ClassPredictions rows;
  rows.classes = classes;
  rows.probability = probabilities.values;
  for (size_t i = 0; i < probabilities.samples.size(); ++i) {
    const auto sample = static_cast<size_t>(probabilities.samples[i]);
    table.sample.push_back(cohort.obs.index[sample]);
    if (!fold.empty()) table.fold.push_back(fold);
    table.hidden.push_back(hidden);
    rows.label.push_back(known.count(text[sample]) != 0 ? text[sample] : "");
    const auto first = probabilities.values.begin() + static_cast<int64_t>(i * classes.size());
    const auto best = std::max_element(first, first + static_cast<int64_t>(classes.size()));
    rows.predicted.push_back(classes[static_cast<size_t>(best - first)]);
  }
  table.modalities = probabilities.modalities;
  table.predictions = std::move(rows);
  return table;
}

void append_rows(PredictionTable& table, const PredictionTable& more) {
  if (table.num_rows() == 0) {
    table = more;
    return;
  }
  const auto append = [](auto& to, const auto& from) {
    to.insert(to.end(), from.begin(), from.end());
  };
  append(table.sample, more.sample);
  append(table.fold, more.fold);
  append(table.modalities, more.modalities);
  append(table.hidden, more.hidden);
  auto& rows = std::get<ClassPredictions>(table.predictions);
  const auto& more_rows = std::get<ClassPredictions>(more.predictions);
  append(rows.label, more_rows.label);
  append(rows.predicted, more_rows.predicted);
  append(rows.probability, more_rows.probability);
}

}  // namespace cohesin
