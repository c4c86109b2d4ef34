#include "cohesin/tasks/task_config.h"

#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

void TaskConfig::check(const std::string& where) const {
  const std::vector<std::string> names = {"masked_lm", "classification"};
  if (name != names[0] && name != names[1]) {
    const std::string nearest = nearest_name(name, names);
    throw Error("{}: task.name: expected masked_lm or classification, got '{}'{}", where, name,
                nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
  }
  if (name == "classification") {
    if (target.empty())
      throw Error("{}: task.target: name the label column of the cohort to predict", where);
    if (!deep_path && !shallow_path)
      throw Error("{}: task: deep_path and shallow_path are both off; nothing would be learnt",
                  where);
  }
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
