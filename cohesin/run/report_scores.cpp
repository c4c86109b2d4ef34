// scores.json -> the conditions of a report.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/run/report_parts.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

double number_or_nan(const Json& value) {
  return value.is_null() ? kNotANumber : value.get<double>();
}

MetricSummary parse_summary(const Json& json) {
  MetricSummary summary;
  summary.mean = number_or_nan(json.at("mean"));
  summary.sd = json.contains("sd") ? number_or_nan(json["sd"]) : kNotANumber;
  summary.ci95 = {kNotANumber, kNotANumber};
  if (json.contains("ci95") && json["ci95"].is_array())
    for (size_t k = 0; k < 2; ++k) summary.ci95[k] = number_or_nan(json["ci95"].at(k));
  if (json.contains("folds"))
    for (const Json& fold : json["folds"]) summary.folds.push_back(number_or_nan(fold));
  return summary;
}

std::vector<GroupScores> parse_groups(const Json& json) {
  std::vector<GroupScores> groups;
  for (const Json& entry : json) {
    GroupScores group;
    group.modalities = entry.value("modalities", "");
    group.hidden = entry.value("hidden", "");
    group.num_samples = entry.value("num_samples", int64_t{0});
    group.num_unlabelled = entry.value("num_unlabelled", int64_t{0});
    group.fold_names = entry.value("fold_names", std::vector<std::string>{});
    for (const auto& [metric, summary] : entry.at("metrics").items())
      group.metrics.emplace_back(metric, parse_summary(summary));
    groups.push_back(std::move(group));
  }
  return groups;
}

MethodScores method_scores(const std::string& name, bool is_baseline, const GroupScores& group) {
  MethodScores method{name, is_baseline, group.modalities, {}};
  for (const auto& [metric, summary] : group.metrics)
    method.scores.push_back(
        {metric, summary.mean, summary.sd, summary.ci95[0], summary.ci95[1], summary.folds});
  return method;
}

bool uses(const std::string& modalities, const std::string& wanted) {
  return ("," + modalities + ",").find("," + wanted + ",") != std::string::npos;
}

// The baseline's group that answers to the model's: the same rows, else the same modality hidden,
// else one that has no use for the hidden modality.
const GroupScores* matching_group(const std::vector<GroupScores>& groups, const GroupScores& wanted,
                                  bool is_main) {
  for (const auto& group : groups)
    if (group.hidden == wanted.hidden && group.modalities == wanted.modalities) return &group;
  if (!is_main) return nullptr;
  for (const auto& group : groups)
    if (group.hidden == wanted.hidden) return &group;
  for (const auto& group : groups)
    if (group.hidden.empty() && !group.modalities.empty() && group.modalities != "any" &&
        !uses(group.modalities, wanted.hidden))
      return &group;
  return nullptr;
}

std::string condition_name(const GroupScores& group, bool is_main) {
  const std::string name =
      group.hidden.empty()
          ? (group.modalities.empty() || group.modalities == "any" ? "all samples"
                                                                   : "all modalities")
          : "without " + group.hidden;
  if (is_main) return name;
  return fmt::format("{}{}samples that have {}", group.hidden.empty() ? "" : name,
                     group.hidden.empty() ? "" : ", ", group.modalities);
}

}  // namespace

Scores read_scores(const std::filesystem::path& path) {
  try {
    const Json json = Json::parse(read_text(path));
    Scores scores;
    scores.task = json.value("task", "");
    scores.groups = parse_groups(json.at("scores"));
    if (json.contains("baselines"))
      for (const auto& [name, groups] : json["baselines"].items())
        scores.baselines.emplace_back(name, parse_groups(groups));
    scores.notes = json.value("notes", std::vector<std::string>{});
    return scores;
  } catch (const Json::exception& error) {
    throw Error("{}: not a file of scores as 'cohesin score' writes it: {}", path.string(),
                error.what());
  }
}

std::vector<ReportCondition> report_conditions(const Scores& scores, const std::string& model) {
  std::vector<ReportCondition> conditions;
  std::set<std::string> seen;
  for (const auto& group : scores.groups) {
    ReportCondition condition;
    condition.is_main = seen.insert(group.hidden).second;
    condition.name = condition_name(group, condition.is_main);
    condition.hidden = group.hidden;
    condition.num_samples = group.num_samples;
    condition.methods.push_back(method_scores(model, false, group));
    for (const auto& [name, groups] : scores.baselines) {
      const GroupScores* match = matching_group(groups, group, condition.is_main);
      if (match != nullptr) condition.methods.push_back(method_scores(name, true, *match));
    }
    conditions.push_back(std::move(condition));
  }
  return conditions;
}

}  // namespace cohesin
