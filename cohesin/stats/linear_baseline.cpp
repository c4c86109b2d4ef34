#include "cohesin/stats/linear_baseline.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/stats/baseline_state.h"
#include "cohesin/stats/cox.h"
#include "cohesin/stats/pca.h"

namespace cohesin {
namespace {

// Training samples as the regression sees them: modalities in order, labels, inner folds.
struct TrainingSet {
  std::vector<Matrix> modalities;
  BaselineTargets targets;
  std::vector<std::vector<size_t>> inner_folds;
};

TrainingSet pick_rows(const TrainingSet& from, const std::vector<size_t>& rows) {
  TrainingSet picked;
  for (const Matrix& modality : from.modalities)
    picked.modalities.push_back(pick_rows(modality, rows));
  for (const size_t row : rows) {
    if (!from.targets.labels.empty()) picked.targets.labels.push_back(from.targets.labels.at(row));
    if (from.targets.time.empty()) continue;
    picked.targets.time.push_back(from.targets.time.at(row));
    picked.targets.event.push_back(from.targets.event.at(row));
  }
  return picked;
}

// Samples without any of the modalities teach nothing; the rows of inner folds move up.
TrainingSet drop_rows_without_input(const TrainingSet& from) {
  const std::vector<bool> has_input = rows_with_any(from.modalities);
  std::vector<size_t> kept, place(from.targets.size());
  for (size_t row = 0; row < from.targets.size(); ++row) {
    place[row] = kept.size();
    if (has_input[row]) kept.push_back(row);
  }
  TrainingSet training = pick_rows(from, kept);
  for (const std::vector<size_t>& held_out : from.inner_folds) {
    training.inner_folds.emplace_back();
    for (const size_t row : held_out) {
      if (row >= place.size())
        throw Error("an inner fold holds out row {}, but there are {} samples", row, place.size());
      if (has_input[row]) training.inner_folds.back().push_back(place[row]);
    }
  }
  return training;
}

std::vector<int64_t> top_classes(const Matrix& probabilities) {
  std::vector<int64_t> classes;
  for (size_t i = 0; i < probabilities.num_rows; ++i) {
    const double* row = probabilities.row(i);
    classes.push_back(std::max_element(row, row + probabilities.num_columns) - row);
  }
  return classes;
}

using Settings = LinearBaseline::Settings;

// Cox regression as the one row of a linear model. With principal components, told in terms of the
// features.
std::vector<LogisticModel> fit_cox_models(const Settings& settings, const Matrix& features,
                                          const BaselineTargets& targets,
                                          const std::vector<double>& inverse_penalties) {
  std::vector<double> penalties;
  for (const double inverse : inverse_penalties) penalties.push_back(1 / inverse);
  const bool reduced = settings.num_components > 0;
  const Pca pca = reduced ? fit_pca(features, settings.num_components) : Pca{};
  const auto path = fit_cox_path(reduced ? project(pca, features) : features, targets.time,
                                 targets.event, penalties);
  std::vector<LogisticModel> models;
  for (const auto& weights : path) {
    LogisticModel model{Matrix(1, features.num_columns), {0.0}};
    for (size_t j = 0; j < features.num_columns; ++j)
      if (!reduced) model.coefficients.row(0)[j] = weights[j];
    for (size_t k = 0; reduced && k < weights.size(); ++k)
      for (size_t j = 0; j < features.num_columns; ++j)
        model.coefficients.row(0)[j] += weights[k] * pca.components.row(k)[j];
    models.push_back(std::move(model));
  }
  return models;
}

std::vector<LogisticModel> fit_models(const Settings& settings, const Matrix& features,
                                      const BaselineTargets& targets,
                                      const std::vector<double>& inverse_penalties,
                                      const BaselineOptions& options) {
  if (settings.survival) return fit_cox_models(settings, features, targets, inverse_penalties);
  LogisticOptions logistic;
  logistic.balanced_class_weights = options.balanced_class_weights;
  logistic.num_components = settings.num_components;
  return fit_logistic_path(features, targets.labels, options.num_classes, inverse_penalties,
                           logistic);
}

Matrix outputs_of(const Settings& settings, const LogisticModel& model, const Matrix& features) {
  if (!settings.survival) return predict_probabilities(model, features);
  Matrix risks(features.num_rows, 1);
  for (size_t i = 0; i < features.num_rows; ++i)
    risks.row(i)[0] = std::inner_product(features.row(i), features.row(i) + features.num_columns,
                                         model.coefficients.row(0), 0.0);
  return risks;
}

double score_outputs(const Settings& settings, const BaselineTargets& targets,
                     const Matrix& outputs, const BaselineOptions& options) {
  return settings.survival ? options.inner_risk_score(targets, outputs.values)
                           : options.inner_score(targets.labels, top_classes(outputs));
}

bool has_event(const BaselineTargets& targets) {
  return std::find(targets.event.begin(), targets.event.end(), 1) != targets.event.end();
}

// Scores of each penalty on the rows that one inner fold holds out.
std::vector<double> score_inner_fold(const TrainingSet& all, const std::vector<size_t>& held_out,
                                     const Settings& settings, const BaselineOptions& options) {
  std::vector<bool> is_held_out(all.targets.size(), false);
  for (const size_t row : held_out) is_held_out[row] = true;
  std::vector<size_t> rest;
  for (size_t row = 0; row < all.targets.size(); ++row)
    if (!is_held_out[row]) rest.push_back(row);
  const TrainingSet training = pick_rows(all, rest), validation = pick_rows(all, held_out);
  if (settings.survival && !has_event(training.targets))  // says nothing about any penalty
    return std::vector<double>(settings.inverse_penalties.size(), 0.0);
  // Filling is fitted only where a modality is absent: elsewhere it would change nothing.
  const bool needs_fill =
      std::any_of(all.modalities.begin(), all.modalities.end(), [](const Matrix& modality) {
        const std::vector<bool> present = present_rows(modality);
        return std::find(present.begin(), present.end(), false) != present.end();
      });
  const FeaturePreparation preparation = fit_preparation(training.modalities, needs_fill);
  const auto path = fit_models(settings, prepare_features(preparation, training.modalities),
                               training.targets, settings.inverse_penalties, options);
  const Matrix features = prepare_features(preparation, validation.modalities);
  std::vector<double> scores;
  for (const LogisticModel& model : path)
    scores.push_back(score_outputs(settings, validation.targets,
                                   outputs_of(settings, model, features), options));
  return scores;
}

// The C with the best mean score over the inner folds; the smallest of equals.
double choose_inverse_penalty(const TrainingSet& training, const Settings& settings,
                              const BaselineOptions& options) {
  const std::vector<double>& inverse_penalties = settings.inverse_penalties;
  if (training.inner_folds.empty()) return inverse_penalties[inverse_penalties.size() / 2];
  if (settings.survival ? !options.inner_risk_score : !options.inner_score)
    throw Error("inner folds need a score to choose the penalty by");
  std::vector<double> total(inverse_penalties.size(), 0.0);
  for (const std::vector<size_t>& held_out : training.inner_folds) {
    if (held_out.empty()) continue;
    const auto scores = score_inner_fold(training, held_out, settings, options);
    for (size_t c = 0; c < total.size(); ++c) total[c] += scores[c];
  }
  const auto best = std::max_element(total.begin(), total.end());
  return inverse_penalties[static_cast<size_t>(best - total.begin())];
}

const BlockData* find_block(const std::vector<BlockData>& blocks, const std::string& name) {
  for (const BlockData& block : blocks)
    if (block.name == name) return &block;
  return nullptr;
}

std::vector<std::string> names_of(const std::vector<BlockData>& blocks) {
  std::vector<std::string> names;
  for (const BlockData& block : blocks) names.push_back(block.name);
  return names;
}

const BlockData& block_at(const std::vector<BlockData>& blocks, const std::string& name,
                          const std::string& baseline) {
  if (const BlockData* block = find_block(blocks, name)) return *block;
  const std::vector<std::string> names = names_of(blocks);
  const std::string nearest = nearest_name(name, names);
  throw Error("baseline '{}': the data have no modality '{}'{} (they have: {})", baseline, name,
              nearest.empty() ? "" : "; the nearest is '" + nearest + "'", fmt::join(names, ", "));
}

std::string modality_key(size_t index) { return fmt::format("modality.{}", index); }

}  // namespace

LinearBaseline::LinearBaseline(Settings settings) : settings_(std::move(settings)) {}

LinearBaseline::LinearBaseline(Settings settings, const BaselineState& state)
    : settings_(std::move(settings)) {
  for (size_t m = 0; state.text.count(modality_key(m)) > 0; ++m)
    modalities_.push_back(state.text.at(modality_key(m)));
  if (modalities_.empty())
    throw Error("the stored baseline '{}' has no entry '{}'", state.name, modality_key(0));
  preparation_ = stored_preparation(state, modalities_.size());
  size_t num_features = 0;
  for (const StandardScaler& scaler : preparation_.scalers) num_features += scaler.mean.size();
  model_.coefficients = stored_matrix(state, "coefficients", num_features);
  model_.intercept = stored_vector(state, "intercept", model_.coefficients.num_rows);
  shares_ = stored_vector(state, "shares", model_.coefficients.num_rows);
  inverse_penalty_ = stored_vector(state, "inverse_penalty", 1)[0];
}

void LinearBaseline::fit(const std::vector<BlockData>& blocks, const BaselineTargets& targets,
                         const BaselineOptions& options) {
  modalities_ = settings_.modality.empty() ? names_of(blocks) : std::vector{settings_.modality};
  if (modalities_.empty())
    throw Error("baseline '{}' needs at least one modality, got none", settings_.name);
  shares_ = settings_.survival ? std::vector<double>{0}
                               : class_shares(targets.labels, options.num_classes);
  TrainingSet given{{}, targets, options.inner_folds};
  for (const std::string& name : modalities_) {
    given.modalities.push_back(block_at(blocks, name, settings_.name).values);
    if (given.modalities.back().num_rows != targets.size())
      throw Error("baseline '{}': modality '{}' has {} samples, but there are {} labels",
                  settings_.name, name, given.modalities.back().num_rows, targets.size());
  }
  const TrainingSet training = drop_rows_without_input(given);
  if (training.targets.size() < 2)
    throw Error("baseline '{}': {} training samples have a modality of {}; 2 or more are needed",
                settings_.name, training.targets.size(), fmt::join(modalities_, ", "));
  inverse_penalty_ = choose_inverse_penalty(training, settings_, options);
  preparation_ = fit_preparation(training.modalities, true);
  model_ = fit_models(settings_, prepare_features(preparation_, training.modalities),
                      training.targets, {inverse_penalty_}, options)
               .front();
}

Matrix LinearBaseline::predict(const std::vector<BlockData>& blocks) const {
  if (blocks.empty()) throw Error("a prediction needs at least one modality, got none");
  const size_t num_rows = blocks.front().values.num_rows;
  std::vector<Matrix> modalities;
  for (size_t m = 0; m < modalities_.size(); ++m) {
    const BlockData* block = find_block(blocks, modalities_[m]);
    if (block != nullptr && block->values.num_rows != num_rows)
      throw Error("baseline '{}': modality '{}' has {} samples, '{}' has {}", settings_.name,
                  blocks.front().name, num_rows, block->name, block->values.num_rows);
    modalities.push_back(block != nullptr ? block->values
                                          : Matrix(num_rows, preparation_.scalers[m].mean.size(),
                                                   std::numeric_limits<double>::quiet_NaN()));
  }
  Matrix outputs = outputs_of(settings_, model_, prepare_features(preparation_, modalities));
  const std::vector<bool> has_input = rows_with_any(modalities);
  for (size_t i = 0; i < num_rows; ++i)
    if (!has_input[i]) std::copy(shares_.begin(), shares_.end(), outputs.row(i));
  return outputs;
}

BaselineState LinearBaseline::state() const {
  BaselineState state{settings_.name, {}, {}};
  for (size_t m = 0; m < modalities_.size(); ++m) state.text[modality_key(m)] = modalities_[m];
  store(state, preparation_);
  store(state, "coefficients", model_.coefficients);
  store(state, "intercept", model_.intercept);
  store(state, "shares", shares_);
  store(state, "inverse_penalty", std::vector{inverse_penalty_});
  return state;
}

}  // namespace cohesin
