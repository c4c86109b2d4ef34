#include <fmt/ranges.h>

#include <cmath>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/predictions.h"

namespace cohesin {
namespace {

std::string checked_name(const std::string& text) {
  if (text.find_first_of("\t\n\r") != std::string::npos)
    throw Error("a predictions table cannot hold the name '{}': it has a tab or a line break",
                text);
  return text;
}

std::string number_or_empty(double value) {
  return std::isnan(value) ? std::string() : fmt::format("{}", value);
}

// A kind's header names, and its fields of one row.
std::vector<std::string> header_of(const ClassPredictions& kind) {
  std::vector<std::string> names = {"label", "predicted"};
  for (const std::string& name : kind.classes) names.push_back("probability:" + checked_name(name));
  if (kind.coverage > 0) names.push_back(fmt::format("set:{}", kind.coverage));
  return names;
}
std::vector<std::string> fields_of(const ClassPredictions& kind, size_t row) {
  std::vector<std::string> fields = {kind.label[row], kind.predicted[row]};
  const size_t columns = kind.classes.size();
  for (size_t k = 0; k < columns; ++k)
    fields.push_back(fmt::format("{}", kind.probability[row * columns + k]));
  if (kind.coverage > 0) fields.push_back(kind.set[row]);
  return fields;
}

std::vector<std::string> header_of(const SurvivalPredictions& kind) {
  std::vector<std::string> names = {"time_days", "event", "risk"};
  for (const double days : kind.horizons_days)
    names.push_back("survival:" + fmt::format("{}", days));
  if (!kind.group.empty()) names.emplace_back("risk_group");
  return names;
}
std::vector<std::string> fields_of(const SurvivalPredictions& kind, size_t row) {
  const bool known = !std::isnan(kind.time_days[row]);
  std::vector<std::string> fields = {number_or_empty(kind.time_days[row]),
                                     known ? fmt::format("{}", kind.event[row]) : std::string(),
                                     fmt::format("{}", kind.risk[row])};
  const size_t columns = kind.horizons_days.size();
  for (size_t h = 0; h < columns; ++h)
    fields.push_back(fmt::format("{}", kind.survival[row * columns + h]));
  if (!kind.group.empty()) fields.push_back(kind.group[row]);
  return fields;
}

std::vector<std::string> header_of(const ValuePredictions& kind) {
  std::vector<std::string> names;
  for (const std::string& name : kind.names) {
    names.push_back("target:" + checked_name(name));
    names.push_back("predicted:" + name);
  }
  return names;
}
std::vector<std::string> fields_of(const ValuePredictions& kind, size_t row) {
  std::vector<std::string> fields;
  const size_t columns = kind.names.size();
  for (size_t t = 0; t < columns; ++t) {
    fields.push_back(number_or_empty(kind.target[row * columns + t]));
    fields.push_back(fmt::format("{}", kind.predicted[row * columns + t]));
  }
  return fields;
}

}  // namespace

std::string format_predictions(const PredictionTable& table) {
  std::vector<std::string> names = {"sample"};
  if (!table.fold.empty()) names.emplace_back("fold");
  names.emplace_back("modalities");
  names.emplace_back("hidden");
  if (!table.cohort.empty()) names.emplace_back("cohort");
  const auto for_each_kind = [&table](const auto& call) {
    if (table.classes) call(*table.classes);
    if (table.survival) call(*table.survival);
    if (table.values) call(*table.values);
  };
  for_each_kind([&names](const auto& kind) {
    for (const std::string& name : header_of(kind)) names.push_back(name);
  });
  if (!table.unusual.empty()) names.emplace_back("unusual");
  std::string text = fmt::format("{}\n", fmt::join(names, "\t"));
  for (size_t row = 0; row < table.num_rows(); ++row) {
    text += checked_name(table.sample[row]);
    if (!table.fold.empty()) text += '\t' + table.fold[row];
    text += '\t' + table.modalities[row] + '\t' + table.hidden[row];
    if (!table.cohort.empty()) text += '\t' + checked_name(table.cohort[row]);
    for_each_kind([&text, row](const auto& kind) {
      for (const std::string& field : fields_of(kind, row)) text += '\t' + field;
    });
    if (!table.unusual.empty()) text += '\t' + table.unusual[row];
    text += '\n';
  }
  return text;
}

void write_predictions(const std::filesystem::path& path, const PredictionTable& table) {
  write_text(path, format_predictions(table));
}

}  // namespace cohesin
