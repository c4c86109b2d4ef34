#include "cohesin/run/read_modality.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/gdc.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/omics/append_table.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/omics/convert_unit.h"
#include "cohesin/omics/feature_names.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

// One file, read: `unit` is what `table` holds now.
struct Part {
  Table table;
  std::vector<std::string> gene_names;  // [features], or empty: made from the names
  FileUnit unit;
  std::vector<SheetRow> sheet;  // [samples], or empty
  Frame obs;
};

FileUnit unit_of(const ModalityRequest& request, Findings& findings) {
  if (!request.unit.empty()) return parse_file_unit(request.unit);
  const std::string unit = assumed_unit(request.name);
  if (noted(findings, request.name, "unit_assumed") == 0) {
    log_warning("{}: no unit is stated, {} is assumed; say it with --unit {}=UNIT", request.name,
                unit, request.name);
    note(findings, request.name, "unit_assumed", 1, unit);
  }
  return parse_file_unit(unit);
}

// The unit of converted values.
FileUnit after_conversion(const FileUnit& unit) {
  using Kind = FileUnit::Kind;
  const bool needs_sums = unit.kind == Kind::kCounts || unit.kind == Kind::kFpkm;
  return needs_sums ? unit : file_unit(stored_unit(unit));
}

Part read_text_part(const ModalityRequest& request, const fs::path& path, Findings& findings) {
  TableOptions options;
  options.modality = request.name;
  options.unit = unit_of(request, findings);
  if (!request.orientation.empty()) options.orientation = parse_orientation(request.orientation);
  TableNotes notes;
  Part part;
  part.table = read_table(path, options, &notes);
  part.unit = after_conversion(options.unit);
  note(findings, request.name, "clipped_to_zero", notes.num_clipped, notes.first_clipped);
  return part;
}

// Checks and converts the values of a file that holds floats.
void convert_values(Part& part, const ModalityRequest& request, const fs::path& path,
                    const FileUnit& unit, Findings& findings) {
  int64_t num_clipped = 0;
  std::string first_clipped;
  for (size_t s = 0; s < part.table.num_samples(); ++s) {
    for (size_t f = 0; f < part.table.num_features(); ++f) {
      float& value = part.table.row(s)[f];
      if (std::isnan(value)) continue;
      const auto fail = [&](const char* reason) {
        throw Error("{}: sample '{}', feature '{}': {}: {}; {}", path.string(),
                    part.table.samples[s], part.table.features[f], value, reason,
                    unit_advice(unit, request.name));
      };
      if (std::isinf(value)) fail("a value must be finite");
      if (const char* reason = unit_violation(unit, value)) fail(reason);
      const int64_t before = num_clipped;
      value = static_cast<float>(convert_value(unit, value, num_clipped));
      if (before == 0 && num_clipped == 1)
        first_clipped =
            fmt::format("sample {}, feature {}", part.table.samples[s], part.table.features[f]);
    }
  }
  note(findings, request.name, "clipped_to_zero", num_clipped, first_clipped);
  part.unit = after_conversion(unit);
}

std::vector<std::string> names_in_var(const Frame& var) {
  for (const char* column : {"gene_name", "gene_names", "gene_symbols", "symbol", "feature_name"})
    if (const Column* found = var.find(column)) return column_as_text(*found);
  return {};
}

Part read_hdf5_part(const ModalityRequest& request, const fs::path& path, Findings& findings) {
  if (!request.orientation.empty())
    throw Error("--orientation {}=...: {} has samples in rows by its format", request.name,
                path.string());
  AnnotatedMatrix matrix =
      path.extension() == ".h5mu" ? read_h5mu_modality(path, request.name) : read_h5ad(path);
  FileUnit unit;
  if (!matrix.unit.empty()) {
    unit = file_unit(parse_unit(matrix.unit));
    if (!request.unit.empty() && parse_file_unit(request.unit).kind != unit.kind)
      throw Error("{}: states the unit '{}', --unit says '{}'", path.string(), matrix.unit,
                  request.unit);
  } else {
    unit = unit_of(request, findings);
  }
  Part part;
  part.table = std::move(matrix.table);
  part.gene_names = names_in_var(matrix.var);
  part.obs = std::move(matrix.obs);
  part.obs.index = part.table.samples;
  if (part.table.samples.empty()) throw Error("{}: holds no samples", path.string());
  if (part.table.features.empty()) throw Error("{}: holds no features", path.string());
  convert_values(part, request, path, unit, findings);
  return part;
}

Part read_gdc_part(const ModalityRequest& request, const fs::path& path, Findings& findings) {
  GdcOptions options;
  options.modality = request.name;
  options.unit = request.unit;
  options.sample_sheet = request.sample_sheet;
  options.sample_type = request.sample_type;
  options.probe_map = request.probe_map;
  GdcData data = read_gdc_folder(path, options, findings);
  return {std::move(data.table), std::move(data.gene_names), data.unit, std::move(data.sheet), {}};
}

// Keeps the rows whose barcode says the wanted type.
void keep_sample_type(Part& part, const ModalityRequest& request, const fs::path& path,
                      Findings& findings) {
  std::vector<size_t> kept;
  std::string first_dropped;
  for (size_t s = 0; s < part.table.num_samples(); ++s) {
    if (sample_type_matches(sample_type_of(part.table.samples[s]), request.sample_type)) {
      kept.push_back(s);
    } else if (first_dropped.empty()) {
      first_dropped = part.table.samples[s];
    }
  }
  if (kept.empty())
    throw Error(
        "{}: --sample-type '{}': no sample's name is a TCGA barcode of this type (first: "
        "'{}')",
        path.string(), request.sample_type, part.table.samples.front());
  note(findings, request.name, "samples_of_other_type",
       static_cast<int64_t>(part.table.num_samples() - kept.size()), first_dropped);
  Table chosen{{}, part.table.features, {}};
  chosen.values.reserve(kept.size() * chosen.num_features());
  for (const size_t s : kept) {
    chosen.samples.push_back(part.table.samples[s]);
    chosen.values.insert(chosen.values.end(), part.table.row(s),
                         part.table.row(s) + part.table.num_features());
  }
  part.table = std::move(chosen);
}

// Probes to genes where the omic is methylation and the table's features are in the map.
void apply_probe_map(Part& part, const ModalityRequest& request, const fs::path& path,
                     Findings& findings) {
  if (request.probe_map == nullptr || stored_unit(part.unit) != Unit::kBeta) return;
  part.table =
      average_probes(part.table, *request.probe_map, request.name, path.string(), findings);
  part.gene_names.clear();
}

Modality finish_part(Part& part, const ModalityRequest& request, const fs::path& path,
                     Findings& findings) {
  const std::string where = path.string();
  Modality modality;
  modality.name = request.name;
  modality.unit = stored_unit(part.unit);
  FeatureNames named = name_features(part.table.features, request.name, findings);
  part.table.features = std::move(named.ids);
  for (size_t f = 0; f < part.gene_names.size(); ++f) {
    if (part.gene_names[f].empty()) continue;
    named.names[f] = part.gene_names[f];
    // the copy on Y must not stand for the gene where genes are matched by name
    if (part.table.features[f].ends_with("_PAR_Y") && !named.names[f].ends_with("_PAR_Y"))
      named.names[f] += "_PAR_Y";
  }
  modality.gene_names = std::move(named.names);
  modality.table = std::move(part.table);
  merge_duplicate_features(modality, request.duplicates, where, findings);
  using Kind = FileUnit::Kind;
  if (part.unit.kind == Kind::kCounts || part.unit.kind == Kind::kFpkm) {
    static const std::unordered_map<std::string, double> kNoLengths;
    to_tpm(modality.table, part.unit,
           request.length_bp == nullptr ? kNoLengths : *request.length_bp, where);
  }
  return modality;
}

Part read_part(const ModalityRequest& request, const fs::path& path, Findings& findings) {
  const bool is_folder = fs::is_directory(path);
  const auto extension = path.extension();
  Part part = is_folder ? read_gdc_part(request, path, findings)
              : extension == ".h5ad" || extension == ".h5mu"
                  ? read_hdf5_part(request, path, findings)
                  : read_text_part(request, path, findings);
  if (!is_folder) {
    if (!request.sample_type.empty()) keep_sample_type(part, request, path, findings);
    apply_probe_map(part, request, path, findings);
  }
  return part;
}

// Adds the rows of a further file.
void append_part(Modality& modality, const Modality& more, const ModalityRequest& request,
                 const fs::path& path, Findings& findings) {
  if (modality.unit != more.unit)
    throw Error("{}: unit '{}', but the files before hold '{}'", path.string(),
                unit_name(more.unit), unit_name(modality.unit));
  std::unordered_map<std::string, std::string> name_of;
  for (size_t f = 0; f < more.table.num_features(); ++f)
    name_of.emplace(more.table.features[f], more.gene_names[f]);
  const AppendedFeatures appended = append_rows(modality.table, more.table);
  if (!appended.same() && !request.union_of_features)
    throw Error(
        "{}: lacks {} features of the files before (first: {}) and has {} others (first: "
        "{}); pass --genes FILE to align them, or --missing-values mask to keep all",
        path.string(), appended.num_lacking, appended.first_lacking, appended.num_new,
        appended.first_new);
  note(findings, request.name, "features_not_in_every_file",
       appended.num_new + appended.num_lacking,
       appended.num_lacking > 0 ? appended.first_lacking : appended.first_new);
  for (size_t f = modality.gene_names.size(); f < modality.table.num_features(); ++f)
    modality.gene_names.push_back(name_of[modality.table.features[f]]);
}

// The frame's rows below those of `frame`; columns are matched by name and kind.
void append_frame(Frame& frame, const Frame& more) {
  const size_t old_rows = frame.num_rows();
  if (old_rows == 0) {
    frame = more;
    return;
  }
  frame.index.insert(frame.index.end(), more.index.begin(), more.index.end());
  for (const auto& column : more.columns)
    if (frame.find(column.name) == nullptr)
      frame.columns.push_back(Column{column.name, std::vector<std::string>(old_rows)});
  for (auto& column : frame.columns) {
    std::vector<std::string> text = column_as_text(column);
    const Column* found = more.find(column.name);
    const auto added =
        found == nullptr ? std::vector<std::string>(more.num_rows()) : column_as_text(*found);
    if (found != nullptr && !found->is_text() && !column.is_text()) {
      auto& numbers = column.numbers();
      numbers.insert(numbers.end(), found->numbers().begin(), found->numbers().end());
      continue;
    }
    text.resize(old_rows);
    text.insert(text.end(), added.begin(), added.end());
    column.values = std::move(text);
  }
}

void remember(std::unordered_map<std::string, std::string>& values, const std::string& sample,
              const std::string& value, const char* what) {
  if (value.empty()) return;
  const auto [found, is_new] = values.emplace(sample, value);
  if (!is_new && found->second != value)
    throw Error("sample '{}' has two values for '{}': '{}' and '{}'", sample, what, found->second,
                value);
}

}  // namespace

std::string assumed_unit(const std::string& modality) {
  if (modality == "rnaseq") return "tpm";
  return modality == "methylation" ? "beta" : "other";
}

ModalityData read_modality(const ModalityRequest& request, Findings& findings) {
  ModalityData data;
  std::string where;
  for (const auto& file : request.files) {
    Part part = read_part(request, file.path, findings);
    const std::vector<std::string> samples = part.table.samples;
    for (const auto& sample : samples) remember(data.cohort_of, sample, file.cohort, "cohort");
    for (const auto& row : part.sheet) {
      remember(data.patient_of, row.sample_id, row.case_id, "patient");
      if (file.cohort.empty()) remember(data.cohort_of, row.sample_id, row.project, "cohort");
    }
    append_frame(data.obs, part.obs);
    Modality modality = finish_part(part, request, file.path, findings);
    if (data.modality.table.samples.empty()) {
      data.modality = std::move(modality);
    } else {
      append_part(data.modality, modality, request, file.path, findings);
    }
    where += (where.empty() ? "" : ", ") + file.path.string();
  }
  merge_duplicate_samples(data.modality.table, request.duplicates, request.name, where, findings);
  return data;
}

}  // namespace cohesin
