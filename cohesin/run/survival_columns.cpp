#include "cohesin/run/survival_columns.h"

#include <cmath>
#include <limits>
#include <set>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

constexpr double kDaysAYear = 365.25;
constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

struct TimeColumn {
  std::string name;
  double days_a_unit;
};

TimeColumn parse_time(const std::string& text) {
  const size_t colon = text.rfind(':');
  const std::string unit = colon == std::string::npos ? "" : text.substr(colon + 1);
  const std::string name = text.substr(0, colon);
  if (unit == "days") return {name, 1};
  if (unit == "months") return {name, kDaysAYear / 12};
  if (unit == "years") return {name, kDaysAYear};
  throw Error("--time '{}': expected COLUMN:days, COLUMN:months or COLUMN:years", text);
}

std::vector<double> read_times(const Frame& obs, const TimeColumn& time, const std::string& where) {
  const Column& column = obs.at(time.name, where);
  if (!column.is_text()) {
    std::vector<double> days;
    for (const double value : column.numbers()) days.push_back(value * time.days_a_unit);
    return days;
  }
  for (size_t i = 0; i < obs.num_rows(); ++i)
    if (!column.text()[i].empty())
      throw Error("{}: column '{}' of --time holds text (sample '{}': '{}')", where, time.name,
                  obs.index[i], column.text()[i]);
  return std::vector<double>(obs.num_rows(), kUnknown);
}

// Numbers are compared as numbers: --event censorship=0 fits 0.0.
std::string plain_number(const std::string& text) {
  char* end = nullptr;
  const double value = std::strtod(text.c_str(), &end);
  return end == text.c_str() || *end != '\0' ? text : fmt::format("{}", value);
}

std::vector<double> read_events(const Frame& obs, const std::string& flag,
                                const std::string& where) {
  const size_t equals = flag.rfind('=');
  const bool has_value = equals != std::string::npos && obs.find(flag) == nullptr;
  const std::string name = has_value ? flag.substr(0, equals) : flag;
  const std::string wanted = has_value ? plain_number(flag.substr(equals + 1)) : "1";
  const auto values = column_as_text(obs.at(name, where));
  std::vector<double> events;
  std::set<std::string> seen;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) {
      events.push_back(kUnknown);
      continue;
    }
    const std::string value = plain_number(values[i]);
    seen.insert(value);
    if (!has_value && value != "0" && value != "1")
      throw Error(
          "{}: column '{}' of --event holds '{}' (sample '{}'), expected 0 or 1; say which "
          "value is an event with --event {}=VALUE",
          where, name, values[i], obs.index[i], name);
    events.push_back(value == wanted ? 1 : 0);
  }
  if (has_value && seen.count(wanted) == 0)
    throw Error("{}: column '{}' never holds '{}', the value of --event; it holds: {}", where, name,
                wanted, fmt::join(seen, ", "));
  return events;
}

void refuse_overwriting(const Frame& obs, const std::string& name, const std::string& source,
                        const std::string& where) {
  if (obs.find(name) != nullptr && source != name)
    throw Error("{}: has a column '{}' already, which would be replaced by '{}'; rename it", where,
                name, source);
}

}  // namespace

void add_survival_columns(Frame& obs, const CohortInput& input, Findings& findings) {
  if (input.time.empty() && input.event.empty()) return;
  if (input.time.empty() || input.event.empty())
    throw Error("--time and --event go together: pass --{} as well",
                input.time.empty() ? "time" : "event");
  if (input.invalid_times != "error" && input.invalid_times != "exclude")
    throw Error("--invalid-times '{}': expected error or exclude", input.invalid_times);
  const std::string where = input.labels.empty() ? "the cohort" : input.labels.string();
  const TimeColumn time = parse_time(input.time);
  auto days = read_times(obs, time, where);
  auto events = read_events(obs, input.event, where);
  refuse_overwriting(obs, "time_days", time.name, where);
  refuse_overwriting(obs, "event", input.event.substr(0, input.event.rfind('=')), where);
  int64_t num_invalid = 0, num_known = 0, num_events = 0, num_without = 0;
  std::string first_invalid, first_without;
  for (size_t i = 0; i < days.size(); ++i) {
    if (std::isnan(days[i]) && std::isnan(events[i])) {
      if (num_without++ == 0) first_without = obs.index[i];
      continue;
    }
    if (days[i] > 0 && !std::isnan(events[i])) {
      ++num_known;
      if (events[i] == 1) ++num_events;
      continue;
    }
    if (num_invalid++ == 0)
      first_invalid = fmt::format("sample {}: time {} days, event {}", obs.index[i],
                                  std::isnan(days[i]) ? "missing" : fmt::format("{}", days[i]),
                                  std::isnan(events[i]) ? "missing" : fmt::format("{}", events[i]));
    days[i] = events[i] = kUnknown;
  }
  if (num_invalid > 0 && input.invalid_times == "error")
    throw Error(
        "{}: {} samples have no valid survival (first: {}); a time is above 0 and has an "
        "event; pass --invalid-times exclude to leave their survival out",
        where, num_invalid, first_invalid);
  note(findings, "labels", "samples_with_survival", num_known);
  note(findings, "labels", "events", num_events);
  note(findings, "labels", "samples_without_survival", num_without, first_without);
  note(findings, "labels", "invalid_times", num_invalid, first_invalid);
  obs.set({"time_days", std::move(days)});
  obs.set({"event", std::move(events)});
}

}  // namespace cohesin
