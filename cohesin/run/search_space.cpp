#include "cohesin/run/search_space.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {

namespace {

using Json = nlohmann::ordered_json;
constexpr size_t kMostTrials = 10000;

// The values of one key: a list of JSON texts, or a range to draw from.
struct Dimension {
  std::string key;
  std::vector<std::string> values;  // empty: a range
  std::string scale;                // uniform, log_uniform, integer
  double low = 0, high = 0;

  std::string draw(RandomStream random) const;
};

std::string Dimension::draw(RandomStream random) const {
  if (!values.empty()) return values[random.below(values.size())];
  if (scale == "integer")
    return fmt::format(
        "{}", static_cast<int64_t>(low) +
                  static_cast<int64_t>(random.below(static_cast<uint64_t>(high - low) + 1)));
  const double u = random.uniform();
  const double value = scale == "uniform" ? low + u * (high - low) : low * std::pow(high / low, u);
  // four digits, so that people can read and repeat it
  return fmt::format("{}", std::clamp(std::stod(fmt::format("{:.4g}", value)), low, high));
}

void set_range(Dimension& dimension, const std::string& scale, const std::vector<double>& ends,
               const std::string& place) {
  dimension.scale = scale;
  if (ends.size() != 2 || !(ends[0] < ends[1]))
    throw Error("{}.{}: expected [low, high], got [{}]", place, scale, fmt::join(ends, ", "));
  if (scale == "log_uniform" && !(ends[0] > 0))
    throw Error("{}.{}: expected numbers above 0, got {}", place, scale, ends[0]);
  dimension.low = ends[0];
  dimension.high = ends[1];
}

Dimension read_dimension(const std::string& key, const SearchRange& range,
                         const std::string& place) {
  Dimension dimension{key, {}, "", 0, 0};
  int64_t given = 0;
  for (const double value : range.values) dimension.values.push_back(fmt::format("{}", value));
  for (const auto& choice : range.choices) {
    // text that is JSON is taken as such, so that lists and true or false can be chosen
    const bool is_json = Json::accept(choice);
    dimension.values.push_back(is_json ? Json::parse(choice).dump() : Json(choice).dump());
  }
  given += range.values.empty() ? 0 : 1;
  given += range.choices.empty() ? 0 : 1;
  const std::vector<std::pair<std::string, std::vector<double>>> ranges = {
      {"uniform", range.uniform},
      {"log_uniform", range.log_uniform},
      {"integer", {range.integer.begin(), range.integer.end()}}};
  for (const auto& [scale, ends] : ranges) {
    if (ends.empty()) continue;
    ++given;
    set_range(dimension, scale, ends, place);
  }
  if (given != 1)
    throw Error("{}: expected one of values, choices, uniform, log_uniform and integer, got {}",
                place, given);
  const std::set<std::string> different(dimension.values.begin(), dimension.values.end());
  if (different.size() < dimension.values.size())
    throw Error("{}: a value stands there twice", place);
  return dimension;
}

std::vector<Dimension> read_space(const SearchSettings& search, const std::string& where) {
  std::vector<Dimension> dimensions;
  for (const auto& [key, range] : search.space) {
    const std::string place = where + ": search.space: " + key;
    dimensions.push_back(read_dimension(key, range, place));
    if (search.method == "grid" && dimensions.back().values.empty())
      throw Error(
          "{}: a grid needs values or choices; to draw from {}, set search.method to random", place,
          dimensions.back().scale);
  }
  if (dimensions.empty())
    throw Error(
        "{}: search.space: name a key and its values: {{\"task.linear_penalty\": {{\"values\": "
        "[0.1, 1]}}}}",
        where);
  return dimensions;
}

std::vector<SearchTrial> grid(const std::vector<Dimension>& dimensions, const std::string& where) {
  std::vector<SearchTrial> trials(1);
  for (const auto& dimension : dimensions) {
    std::vector<SearchTrial> longer;
    for (const auto& trial : trials)
      for (const auto& value : dimension.values) {
        longer.push_back(trial);
        longer.back().settings.emplace_back(dimension.key, value);
      }
    trials = std::move(longer);
    if (trials.size() > kMostTrials)
      throw Error("{}: search: the grid has more than {} points; set search.method to random",
                  where, kMostTrials);
  }
  return trials;
}

std::vector<SearchTrial> draws(const std::vector<Dimension>& dimensions, uint64_t seed,
                               size_t count) {
  std::vector<SearchTrial> trials;
  std::set<std::string> known;
  // a space of lists may have fewer points than asked
  for (uint64_t attempt = 0; attempt < 20 * count && trials.size() < count; ++attempt) {
    SearchTrial trial;
    for (const auto& dimension : dimensions)
      trial.settings.emplace_back(
          dimension.key, dimension.draw(RandomStream(seed, "search/" + dimension.key, attempt)));
    if (known.insert(trial.text()).second) trials.push_back(std::move(trial));
  }
  return trials;
}

bool stands_for(const std::string& key, const std::string& known) {  // "model." names a section
  return known.back() == '.' ? key.compare(0, known.size(), known) == 0 : key == known;
}

// Keys that a search may not choose, and why.
void check_key(const std::string& key, const Recipe& recipe, const std::string& where) {
  const std::string asked = "says what is predicted, not how it is learnt";
  std::vector<std::pair<std::string, std::string>> refused = {
      {"train.seed", "is no setting: a seed that scores well is luck"},
      {"train.seeds", "only averages; trials are trained once each"},
      {"model.name", "has other keys beside it; compare models by recipes of their own"},
      {"baselines", "has no part in the training"},
      {"missing_genes", "has no part in the training"},
      {"pretraining.",
       "would repeat the pre-training for every trial; choose it by a run of its own"}};
  for (const char* name : {"name", "target", "classes", "kinds", "values", "value_means",
                           "value_sds", "interval_ends_days", "horizons_days", "stratify_by"})
    refused.emplace_back(std::string("task.") + name, asked);
  if (recipe.pretraining)
    for (const char* name :
         {"model.", "tokenizers.", "train.validation_fraction", "task.deep_path"})
      refused.emplace_back(name,
                           "would repeat the section `pretraining` for every trial; leave one "
                           "of the two out");
  for (const auto& [known, why] : refused)
    if (stands_for(key, known)) throw Error("{}: search.space: {} {}", where, key, why);
}

void check_metric(const Recipe& recipe, const std::string& where) {
  const std::vector<std::pair<TaskKind, std::vector<std::string>>> metrics = {
      {TaskKind::classification,
       {"weighted_f1", "macro_f1", "accuracy", "balanced_accuracy", "auroc", "average_precision",
        "mcc"}},
      {TaskKind::survival, {"c_index", "c_index_macro", "c_index_weighted"}},
      {TaskKind::regression, {"pearson", "spearman", "r2"}}};
  std::vector<std::string> known = {"auto"};
  for (const auto& [kind, own] : metrics)
    if (recipe.task.asks(kind)) known.insert(known.end(), own.begin(), own.end());
  const std::string& metric = recipe.search->metric;
  if (std::find(known.begin(), known.end(), metric) == known.end())
    throw Error("{}: search.metric: expected one of {} (higher is better), got '{}'", where,
                fmt::join(known, ", "), metric);
}

}  // namespace

void SearchRange::visit(Fields& field) {
  field("values", values, "numbers");
  field("choices", choices, "texts; lists and true or false as JSON: \"[64, 32]\"");
  field("uniform", uniform, "[low, high], to draw from");
  field("log_uniform", log_uniform, "[low, high], each magnitude as likely");
  field("integer", integer, "[low, high], both included");
}

void SearchSettings::visit(Fields& field) {
  field("method", method, "grid (every combination) or random");
  field("trials", trials, "random: how many");
  field("inner_folds", inner_folds,
        "parts of the training patients; each scores once what the "
        "others taught");
  field("metric", metric,
        "of scores.json, higher is better; auto: weighted_f1, c_index, pearson, or their mean");
  field("space", space, "what is searched, by key of the recipe (as train.epochs)");
}

std::vector<std::string> SearchTrial::assignments() const {
  std::vector<std::string> assignments;
  for (const auto& [key, value] : settings) assignments.push_back(key + "=" + value);
  return assignments;
}

std::string SearchTrial::text() const { return fmt::format("{}", fmt::join(assignments(), ", ")); }

std::vector<SearchTrial> search_trials(const Recipe& recipe, const std::string& where) {
  const SearchSettings& search = *recipe.search;
  const std::vector<Dimension> dimensions = read_space(search, where);
  if (search.method == "grid") return grid(dimensions, where);
  return draws(dimensions, static_cast<uint64_t>(recipe.train.seed),
               static_cast<size_t>(search.trials));
}

void check_search(const Recipe& recipe, const std::string& where) {
  const SearchSettings& search = *recipe.search;
  if (!recipe.task.has_head())
    throw Error("{}: search: needs a task with an outcome, got '{}'", where, recipe.task.name);
  if (search.method != "grid" && search.method != "random")
    throw Error("{}: search.method: expected grid or random, got '{}'", where, search.method);
  if (search.trials < 1 || search.trials > static_cast<int64_t>(kMostTrials))
    throw Error("{}: search.trials: expected 1 to {}, got {}", where, kMostTrials, search.trials);
  if (search.inner_folds < 2)
    throw Error("{}: search.inner_folds: expected 2 or more, got {}", where, search.inner_folds);
  check_metric(recipe, where);
  const std::string place = where + ": search.space";
  for (const auto& dimension : read_space(search, where)) {
    check_key(dimension.key, recipe, where);
    // the ends of a range may not be drawn, but someone thought them possible
    if (!dimension.values.empty()) continue;
    for (const double end : {dimension.low, dimension.high})
      with_settings(recipe, {fmt::format("{}={}", dimension.key, end)}, place);
  }
  for (const auto& trial : search_trials(recipe, where))
    with_settings(recipe, trial.assignments(), place);
}

}  // namespace cohesin
