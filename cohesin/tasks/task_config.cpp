#include "cohesin/tasks/task_config.h"

#include <algorithm>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

void TaskConfig::check(const std::string& where) const {
  const std::vector<std::string> names = {"masked_lm", "classification", "survival"};
  if (std::find(names.begin(), names.end(), name) == names.end()) {
    const std::string nearest = nearest_name(name, names);
    throw Error("{}: task.name: expected masked_lm, classification or survival, got '{}'{}", where,
                name, nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
  }
  if (name == "classification" && target.empty())
    throw Error("{}: task.target: name the label column of the cohort to predict", where);
  if (has_head() && !deep_path && !shallow_path)
    throw Error("{}: task: deep_path and shallow_path are both off; nothing would be learnt",
                where);
  if (ties != "efron" && ties != "breslow")
    throw Error("{}: task.ties: expected efron or breslow, got '{}'", where, ties);
  const std::vector<std::pair<const char*, double>> fractions = {
      {"dropout", dropout},
      {"shallow_dropout", shallow_dropout},
      {"shallow_input_dropout", shallow_input_dropout},
      {"masked_fraction", masked_fraction}};
  for (const auto& [key, value] : fractions)
    if (!(value >= 0 && value < 1))
      throw Error("{}: task.{}: expected a fraction in [0, 1), got {}", where, key, value);
  for (const int64_t size : hidden_sizes)
    if (size <= 0)
      throw Error("{}: task.hidden_sizes: expected positive widths, got {}", where, size);
  if (shallow_hidden_size <= 0)
    throw Error("{}: task.shallow_hidden_size: expected a positive width, got {}", where,
                shallow_hidden_size);
}

}  // namespace cohesin
