#include <nlohmann/json.hpp>

#include "cohesin/metrics/scores.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;  // which writes NaN as null

Json to_json(const GroupScores& group) {
  Json metrics = Json::object();
  for (const auto& [name, summary] : group.metrics)
    metrics[name] = {{"mean", summary.mean},
                     {"sd", summary.sd},
                     {"ci95", summary.ci95},
                     {"folds", summary.folds}};
  return {{"modalities", group.modalities},   {"hidden", group.hidden},
          {"num_samples", group.num_samples}, {"num_unlabelled", group.num_unlabelled},
          {"fold_names", group.fold_names},   {"metrics", metrics}};
}

Json to_json(const std::vector<GroupScores>& groups) {
  Json list = Json::array();
  for (const GroupScores& group : groups) list.push_back(to_json(group));
  return list;
}

}  // namespace

std::string write_scores(const Scores& scores) {
  Json baselines = Json::object();
  for (const auto& [name, groups] : scores.baselines) baselines[name] = to_json(groups);
  Json all = {{"task", scores.task}, {"scores", to_json(scores.groups)}, {"baselines", baselines}};
  if (!scores.notes.empty()) all["notes"] = scores.notes;
  return all.dump(2) + "\n";
}

}  // namespace cohesin
