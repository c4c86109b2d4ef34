#include "cohesin/io/predictions.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string_view>
#include <tuple>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {
namespace {

constexpr double kNaN = std::numeric_limits<double>::quiet_NaN();
const std::string kProbability = "probability:", kSurvival = "survival:", kTarget = "target:",
                  kSet = "set:", kPredicted = "predicted:";

// The header: where each column stands.
class Columns {
 public:
  Columns(const TextReader& reader, std::string_view header) : reader_(reader) {
    for (const std::string_view field : split(header, '\t')) {
      const std::string name(trim(field));
      if (!index_.emplace(name, names_.size()).second)
        reader.fail("the column '{}' occurs twice", name);
      names_.push_back(name);
    }
  }
  size_t size() const { return names_.size(); }
  std::optional<size_t> find(const std::string& name) const {
    const auto found = index_.find(name);
    if (found == index_.end()) return std::nullopt;
    return found->second;
  }
  size_t at(const std::string& name) const {
    if (const auto found = find(name)) return *found;
    reader_.fail("no column '{}'; a predictions table needs it (columns: {})", name,
                 fmt::join(names_, ", "));
  }
  // What follows `prefix` in the names that begin with it, in their order.
  std::vector<std::string> after(const std::string& prefix) const {
    std::vector<std::string> rests;
    for (const std::string& name : names_)
      if (name.starts_with(prefix)) rests.push_back(name.substr(prefix.size()));
    return rests;
  }

 private:
  const TextReader& reader_;
  std::vector<std::string> names_;
  std::map<std::string, size_t> index_;
};

using Row = std::vector<std::string_view>;

double parse_probability(const TextReader& reader, std::string_view field,
                         const std::string& name) {
  const double value = reader.parse_number(field, name);
  if (value < 0 || value > 1)
    reader.fail("'{}' is {}; a probability is within [0, 1]", name, field);
  return value;
}

// One reader a kind: finds its columns, then takes the rows.
class ClassRows {
 public:
  ClassRows(const TextReader& reader, const Columns& columns)
      : reader_(reader), label_(columns.at("label")), predicted_(columns.at("predicted")) {
    table_.classes = columns.after(kProbability);
    if (table_.classes.empty())
      reader.fail("no column 'probability:CLASS'; a classification needs one a class");
    for (const std::string& name : table_.classes)
      probability_.push_back(columns.at(kProbability + name));
    if (const auto coverages = columns.after(kSet); !coverages.empty()) {
      table_.coverage = reader.parse_number(coverages.front(), "set:COVERAGE");
      set_ = columns.at(kSet + coverages.front());
    }
  }
  void take(const Row& row) {
    if (!row[label_].empty()) check_class(row[label_], "label");
    check_class(row[predicted_], "predicted");
    table_.label.emplace_back(row[label_]);
    table_.predicted.emplace_back(row[predicted_]);
    for (size_t k = 0; k < probability_.size(); ++k)
      table_.probability.push_back(
          parse_probability(reader_, row[probability_[k]], kProbability + table_.classes[k]));
    if (set_) table_.set.emplace_back(row[*set_]);
  }
  ClassPredictions table() && { return std::move(table_); }

 private:
  void check_class(std::string_view name, const char* column) const {
    const auto& classes = table_.classes;
    if (std::find(classes.begin(), classes.end(), name) == classes.end())
      reader_.fail("'{}' is '{}', a class without a column 'probability:{}' (classes: {})", column,
                   name, name, fmt::join(classes, ", "));
  }

  const TextReader& reader_;
  size_t label_, predicted_;
  std::vector<size_t> probability_;
  std::optional<size_t> set_;
  ClassPredictions table_;
};

class SurvivalRows {
 public:
  SurvivalRows(const TextReader& reader, const Columns& columns)
      : reader_(reader),
        time_(columns.at("time_days")),
        event_(columns.at("event")),
        risk_(columns.at("risk")),
        group_(columns.find("risk_group")) {
    for (const std::string& days : columns.after(kSurvival)) {
      table_.horizons_days.push_back(reader.parse_number(days, kSurvival + "DAYS"));
      survival_.push_back(columns.at(kSurvival + days));
    }
  }
  void take(const Row& row) {
    if (row[time_].empty() != row[event_].empty())
      reader_.fail("'time_days' and 'event' must be both known or both empty");
    const bool known = !row[time_].empty();
    table_.time_days.push_back(known ? reader_.parse_number(row[time_], "time_days") : kNaN);
    table_.event.push_back(known ? reader_.parse_int(row[event_], "event") : 0);
    if (table_.time_days.back() < 0) reader_.fail("'time_days' is {}; it is 0 or more", row[time_]);
    if (table_.event.back() != 0 && table_.event.back() != 1)
      reader_.fail("'event' is {}; it is 1 (observed) or 0 (censored)", row[event_]);
    table_.risk.push_back(reader_.parse_number(row[risk_], "risk"));
    for (const size_t column : survival_)
      table_.survival.push_back(parse_probability(reader_, row[column], "survival:DAYS"));
    if (group_) table_.group.emplace_back(row[*group_]);
  }
  SurvivalPredictions table() && { return std::move(table_); }

 private:
  const TextReader& reader_;
  size_t time_, event_, risk_;
  std::optional<size_t> group_;
  std::vector<size_t> survival_;
  SurvivalPredictions table_;
};

class ValueRows {
 public:
  ValueRows(const TextReader& reader, const Columns& columns) : reader_(reader) {
    table_.names = columns.after(kTarget);
    for (const std::string& name : columns.after(kPredicted)) columns.at(kTarget + name);
    for (const std::string& name : table_.names) {
      target_.push_back(columns.at(kTarget + name));
      predicted_.push_back(columns.at(kPredicted + name));
    }
  }
  void take(const Row& row) {
    for (size_t t = 0; t < target_.size(); ++t) {
      const std::string_view target = row[target_[t]];
      table_.target.push_back(
          target.empty() ? kNaN : reader_.parse_number(target, kTarget + table_.names[t]));
      table_.predicted.push_back(
          reader_.parse_number(row[predicted_[t]], kPredicted + table_.names[t]));
    }
  }
  ValuePredictions table() && { return std::move(table_); }

 private:
  const TextReader& reader_;
  std::vector<size_t> target_, predicted_;
  ValuePredictions table_;
};

// The columns that every kind has; fills `table` and refuses a repeated row.
class CommonRows {
 public:
  CommonRows(const TextReader& reader, const Columns& columns, PredictionTable& table)
      : reader_(reader),
        table_(table),
        sample_(columns.at("sample")),
        fold_(columns.find("fold")),
        modalities_(columns.find("modalities")),
        hidden_(columns.find("hidden")),
        cohort_(columns.find("cohort")),
        unusual_(columns.find("unusual")) {}
  void take(const Row& row) {
    const auto text = [&](std::optional<size_t> column) {
      return column ? std::string(row[*column]) : std::string();
    };
    if (row[sample_].empty()) reader_.fail("the column 'sample' is empty");
    if (fold_ && row[*fold_].empty()) reader_.fail("the column 'fold' is empty");
    const auto [place, is_new] = seen_.emplace(
        std::tuple(std::string(row[sample_]), text(fold_), text(hidden_)), reader_.line_number());
    if (!is_new)
      reader_.fail("the sample '{}' was on line {} already{}", row[sample_], place->second,
                   fold_ || hidden_ ? ", with the same fold and hidden modality" : "");
    table_.sample.emplace_back(row[sample_]);
    if (fold_) table_.fold.emplace_back(row[*fold_]);
    table_.modalities.push_back(text(modalities_));
    table_.hidden.push_back(text(hidden_));
    if (cohort_) table_.cohort.emplace_back(row[*cohort_]);
    if (unusual_) table_.unusual.emplace_back(row[*unusual_]);
  }

 private:
  const TextReader& reader_;
  PredictionTable& table_;
  size_t sample_;
  std::optional<size_t> fold_, modalities_, hidden_, cohort_, unusual_;
  std::map<std::tuple<std::string, std::string, std::string>, int64_t> seen_;
};

}  // namespace

PredictionTable read_predictions(const std::filesystem::path& path) {
  TextReader reader(path);
  std::string header;
  if (!reader.next_line(header))
    throw Error("{}: is empty; a predictions table begins with its column names", path.string());
  const Columns columns(reader, header);
  PredictionTable table;
  CommonRows common(reader, columns, table);
  std::optional<ClassRows> classes;
  std::optional<SurvivalRows> survival;
  std::optional<ValueRows> values;
  if (columns.find("risk") || columns.find("time_days")) survival.emplace(reader, columns);
  if (!columns.after(kTarget).empty() || !columns.after(kPredicted).empty())
    values.emplace(reader, columns);
  if ((!survival && !values) || !columns.after(kProbability).empty())
    classes.emplace(reader, columns);
  Row row;
  for (std::string_view line; reader.next_line(line);) {
    split(line, '\t', row);
    if (row.size() != columns.size())
      reader.fail("expected {} columns as in the header, got {}", columns.size(), row.size());
    common.take(row);
    if (classes) classes->take(row);
    if (survival) survival->take(row);
    if (values) values->take(row);
  }
  if (table.sample.empty())
    throw Error("{}: has a header but no rows; a predictions table has one row a sample",
                path.string());
  if (classes) table.classes = std::move(*classes).table();
  if (survival) table.survival = std::move(*survival).table();
  if (values) table.values = std::move(*values).table();
  return table;
}

}  // namespace cohesin
