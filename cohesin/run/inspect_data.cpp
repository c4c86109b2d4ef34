#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/predictions.h"
#include "cohesin/io/split_file.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/run/inspect_kinds.h"
#include "cohesin/run/score.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

std::string json_text(const Json& json) {
  return json.dump(2, ' ', false, Json::error_handler_t::replace) + "\n";
}

Json describe_text_column(const std::vector<std::string>& texts) {
  constexpr size_t kMostClasses = 40;
  std::map<std::string, int64_t> counts;
  for (const auto& text : texts) ++counts[text];
  Json shown;
  const int64_t missing = counts.count("") != 0 ? counts.at("") : 0;
  counts.erase("");
  if (counts.size() <= kMostClasses && 2 * counts.size() <= texts.size())  // else they are names
    shown["classes"] = counts;
  else
    shown["distinct"] = counts.size();
  shown["missing"] = missing;
  return shown;
}

Json describe_number_column(const std::vector<double>& numbers) {
  std::vector<double> known;
  std::copy_if(numbers.begin(), numbers.end(), std::back_inserter(known),
               [](double value) { return !std::isnan(value); });
  Json shown{{"numbers", known.size()}, {"missing", numbers.size() - known.size()}};
  if (known.empty()) return shown;
  const auto [least, most] = std::minmax_element(known.begin(), known.end());
  shown["min"] = *least;
  shown["max"] = *most;
  return shown;
}

Json describe_columns(const Frame& frame) {
  auto shown = Json::object();
  for (const auto& column : frame.columns)
    shown[column.name] = column.is_text() ? describe_text_column(column.text())
                                          : describe_number_column(column.numbers());
  return shown;
}

// The column `patient`; where it is absent or empty, what the sample's name says.
size_t count_patients(const Frame& obs) {
  const Column* column = obs.find("patient");
  const auto named =
      column != nullptr ? column_as_text(*column) : std::vector<std::string>(obs.num_rows());
  std::set<std::string> patients;
  for (size_t i = 0; i < obs.num_rows(); ++i)
    patients.insert(named[i].empty() ? patient_of(obs.index[i]) : named[i]);
  return patients.size();
}

Json describe_modality(const Modality& modality, bool has_unit) {
  const auto& values = modality.table.values;
  const auto missing =
      std::count_if(values.begin(), values.end(), [](float value) { return std::isnan(value); });
  return {{"samples", modality.table.num_samples()},
          {"features", modality.table.num_features()},
          {"unit", has_unit ? Json(unit_name(modality.unit)) : Json()},
          {"not_measured", missing}};
}

// What `prepare omics` found, where its table still lies beside the cohort.
Json read_findings(const std::filesystem::path& path) {
  auto rows = Json::array();
  if (!std::filesystem::exists(path)) return rows;
  TextReader reader(path);
  std::string_view line;
  std::vector<std::string> header;
  while (reader.next_line(line)) {
    const auto fields = split(line, '\t');
    if (header.empty()) {
      header.assign(fields.begin(), fields.end());
      continue;
    }
    if (fields.size() != header.size())
      reader.fail("expected {} columns, got {}", header.size(), fields.size());
    Json row;
    for (size_t i = 0; i < fields.size(); ++i)
      row[header[i]] = header[i] == "count" ? Json(reader.parse_int(fields[i], header[i]))
                                            : Json(std::string(fields[i]));
    rows.push_back(std::move(row));
  }
  return rows;
}

Json describe_split(const std::filesystem::path& path) {
  const auto split = read_split(path);
  auto parts = Json::object();
  for (const auto& part : split.part_names())
    parts[part] = std::count(split.parts.begin(), split.parts.end(), part);
  return {{"kind", "split"},
          {"path", path.string()},
          {"column", split.column},
          {"samples", split.samples.size()},
          {"split", parts}};
}

Json describe_predictions(const std::filesystem::path& path) {
  const PredictionTable table = read_predictions(path);
  const auto distinct = [](const std::vector<std::string>& texts) {
    return std::set<std::string>(texts.begin(), texts.end());
  };
  Json shown{{"kind", "predictions"},
             {"path", path.string()},
             {"task", task_name(table)},
             {"samples", distinct(table.sample).size()},
             {"rows", table.num_rows()},
             {"folds", distinct(table.fold)},
             {"modalities", distinct(table.modalities)},
             {"hidden", distinct(table.hidden)}};
  if (table.classes) shown["classes"] = table.classes->classes;
  if (table.survival) shown["horizons_days"] = table.survival->horizons_days;
  if (table.values) shown["targets"] = table.values->names;
  return shown;
}

Json describe_embeddings(const std::filesystem::path& path, size_t num_columns) {
  TextReader reader(path);
  std::string_view line;
  reader.next_line(line);
  size_t num_samples = 0;
  for (; reader.next_line(line); ++num_samples) {
    const auto fields = split(line, '\t');
    if (fields.size() != num_columns)
      reader.fail("expected {} columns, got {}", num_columns, fields.size());
    for (size_t i = 1; i < fields.size(); ++i)
      reader.parse_number(fields[i], fmt::format("e{}", i - 1));
  }
  if (num_samples == 0) throw Error("{}: has a header, but no row", path.string());
  return {{"kind", "embeddings"},
          {"path", path.string()},
          {"samples", num_samples},
          {"dimensions", num_columns - 1}};
}

}  // namespace

std::string inspect_cohort(const std::filesystem::path& path) {
  std::vector<std::string> unitless;
  const MultiOmics cohort = read_h5mu(path, &unitless);
  auto modalities = Json::object();
  std::vector<char> complete(cohort.num_samples(), 1);
  for (const auto& modality : cohort.modalities) {
    const bool has_unit =
        std::find(unitless.begin(), unitless.end(), modality.name) == unitless.end();
    modalities[modality.name] = describe_modality(modality, has_unit);
    for (size_t i = 0; i < complete.size(); ++i)
      if (modality.row_of[i] < 0) complete[i] = 0;
  }
  Json shown{{"kind", "cohort"},
             {"path", path.string()},
             {"samples", cohort.num_samples()},
             {"patients", count_patients(cohort.obs)},
             {"complete_samples", std::count(complete.begin(), complete.end(), 1)},
             {"modalities", modalities},
             {"columns", describe_columns(cohort.obs)}};
  const auto findings = read_findings(path.string() + ".prepare.tsv");
  if (!findings.empty()) shown["provenance"] = {{"prepared", findings}};
  return json_text(shown);
}

std::string inspect_h5ad(const std::filesystem::path& path) {
  const AnnotatedMatrix matrix = read_h5ad(path, {true, true, {}});
  auto obsm = Json::object();
  for (const auto& part : matrix.obsm) obsm[part.name] = part.num_columns;
  return json_text({{"kind", "h5ad"},
                    {"path", path.string()},
                    {"samples", matrix.table.num_samples()},
                    {"features", matrix.table.num_features()},
                    {"unit", matrix.unit.empty() ? Json() : Json(matrix.unit)},
                    {"patients", count_patients(matrix.obs)},
                    {"columns", describe_columns(matrix.obs)},
                    {"feature_columns", describe_columns(matrix.var)},
                    {"obsm", obsm}});
}

std::string inspect_tracks(const std::filesystem::path& path) {
  const TrackSet set = read_tracks(path);
  std::map<std::string, int64_t> parts, groups;
  for (const auto& part : set.split) ++parts[part];
  for (const auto& description : set.descriptions) ++groups[track_group(description)];
  Json shown{{"kind", "tracks"},
             {"path", path.string()},
             {"windows", set.num_windows()},
             {"window_bp", set.window_bp()},
             {"bins", set.num_bins},
             {"bin_size", set.bin_size},
             {"tracks", set.num_tracks()},
             {"split", parts}};
  groups.erase("");
  if (!groups.empty()) shown["assays"] = groups;
  return json_text(shown);
}

std::string inspect_text_table(const std::filesystem::path& path) {
  std::vector<std::string> header;
  {
    TextReader reader(path);
    std::string_view line;
    if (!reader.next_line(line)) throw Error("{}: is empty", path.string());
    for (const auto& field : split(line, '\t')) header.emplace_back(trim(field));
  }
  const auto has = [&header](const std::string& name) {
    return std::find(header.begin(), header.end(), name) != header.end();
  };
  if (header.size() == 2 && header[0] == "sample" && (header[1] == "fold" || header[1] == "split"))
    return json_text(describe_split(path));
  const bool has_answer = has("predicted") || has("risk") ||
                          std::any_of(header.begin(), header.end(), [](const std::string& name) {
                            return name.rfind("predicted:", 0) == 0;
                          });
  if (has("sample") && has_answer) return json_text(describe_predictions(path));
  if (header.size() > 1 && header[0] == "sample" && header[1] == "e0")
    return json_text(describe_embeddings(path, header.size()));
  throw Error(
      "{}: is nothing that this command knows: a cohort (h5mu), h5ad, safetensors, a "
      "checkpoint or run folder, a recipe, scores.json, or a TSV with the header of a split "
      "(sample fold), of predictions or of embeddings; a plain table of values becomes a "
      "cohort with `cohesin prepare omics`",
      path.string());
}

}  // namespace cohesin
