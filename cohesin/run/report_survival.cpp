// predictions.tsv -> the survival curves of a report.
#include <algorithm>
#include <cmath>
#include <map>

#include "cohesin/base/error.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/report_parts.h"
#include "cohesin/stats/logrank.h"

namespace cohesin {
namespace {

struct Followed {
  std::vector<double> time;
  std::vector<int64_t> event;
};

SurvivalFigure figure_of(const PredictionTable& table, const std::string& name) {
  SurvivalFigure figure;
  figure.name = name;
  if (!table.survival || table.survival->group.empty()) return figure;
  const SurvivalPredictions& rows = *table.survival;
  const std::vector<std::string> names = {"low", "middle", "high"};
  std::map<std::string, Followed> groups;
  Followed all;
  std::vector<int64_t> group;
  for (size_t row = 0; row < table.num_rows(); ++row) {
    if (!table.hidden[row].empty() || std::isnan(rows.time_days[row])) continue;
    const auto found = std::find(names.begin(), names.end(), rows.group[row]);
    if (found == names.end()) continue;
    for (Followed* one : {&groups[*found], &all}) {
      one->time.push_back(rows.time_days[row]);
      one->event.push_back(rows.event[row]);
    }
    group.push_back(found - names.begin());
  }
  for (const auto& one : names) {
    const auto found = groups.find(one);
    if (found == groups.end()) continue;
    const Followed& members = found->second;
    figure.curves.push_back({one, static_cast<int64_t>(members.time.size()),
                             std::count(members.event.begin(), members.event.end(), 1),
                             kaplan_meier(members.time, members.event)});
  }
  try {
    if (figure.curves.size() > 1)
      figure.log_rank_p = logrank_test(all.time, all.event, group).p_value;
  } catch (const Error&) {  // no event, or groups that cannot be compared: no p
  }
  return figure;
}

}  // namespace

std::vector<SurvivalFigure> survival_figures(const std::filesystem::path& folder,
                                             const PredictionTable& table,
                                             const std::string& model) {
  std::vector<SurvivalFigure> figures = {figure_of(table, model)};
  const auto cox = folder / "baselines" / "cox" / "predictions.tsv";
  if (std::filesystem::exists(cox)) figures.push_back(figure_of(read_predictions(cox), "cox"));
  std::erase_if(figures, [](const SurvivalFigure& figure) { return figure.curves.empty(); });
  return figures;
}

}  // namespace cohesin
