#include "cohesin/io/gdc.h"

#include <algorithm>
#include <map>
#include <unordered_map>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/gdc_file.h"
#include "cohesin/omics/append_table.h"
#include "cohesin/omics/barcode.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

struct FolderContent {
  std::vector<fs::path> star, betas, other;  // each in order of path
};

FolderContent list_folder(const fs::path& folder) {
  std::vector<fs::path> files;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end;
       at.increment(failed))
    if (at->is_regular_file()) files.push_back(at->path());
  if (failed) throw Error("{}: cannot list the folder: {}", folder.string(), failed.message());
  std::sort(files.begin(), files.end());
  FolderContent content;
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    const auto has = [&name](const char* part) { return name.find(part) != std::string::npos; };
    const bool is_tsv = name.ends_with(".tsv") || name.ends_with(".tsv.gz");
    const bool is_text = name.ends_with(".txt") || name.ends_with(".txt.gz");
    if (is_text && has("level3betas")) {
      content.betas.push_back(file);
    } else if (is_tsv && (has("star_gene_counts") || is_star_counts(file))) {
      content.star.push_back(file);
    } else {
      content.other.push_back(file);
    }
  }
  return content;
}

bool reads_betas(const FolderContent& content, const GdcOptions& options, const fs::path& folder) {
  if (content.star.empty() && content.betas.empty())
    throw Error(
        "{}: holds neither STAR counts (*star_gene_counts.tsv) nor methylation "
        "(*level3betas.txt) files",
        folder.string());
  const bool wants_betas = options.unit == "beta" || options.unit == "m_value";
  if (!options.unit.empty()) {
    if ((wants_betas ? content.betas : content.star).empty())
      throw Error(
          "{}: holds no files of unit '{}': {} STAR counts (tpm, fpkm, counts) and {} "
          "methylation files (beta)",
          folder.string(), options.unit, content.star.size(), content.betas.size());
    return wants_betas;
  }
  if (content.star.empty() || content.betas.empty()) return content.star.empty();
  if (options.modality == "rnaseq" || options.modality == "methylation")
    return options.modality == "methylation";
  throw Error("{}: holds {} STAR counts and {} methylation files; pass --unit {}=tpm or =beta",
              folder.string(), content.star.size(), content.betas.size(), options.modality);
}

FileUnit gdc_unit(const GdcOptions& options, bool betas) {
  if (options.unit.empty()) return parse_file_unit(betas ? "beta" : "tpm");
  const FileUnit unit = parse_file_unit(options.unit);
  using Kind = FileUnit::Kind;
  if (!betas && unit.kind != Kind::kTpm && unit.kind != Kind::kFpkm && unit.kind != Kind::kCounts)
    throw Error("--unit {}={}: STAR counts give tpm, fpkm or counts", options.modality,
                options.unit);
  return unit;
}

// A file that is to be read and what the sheet says of it.
struct Chosen {
  fs::path file;
  SheetRow row;
};

std::string name_of_file(const fs::path& file) {
  const std::string name = file.filename().string();
  return name.substr(0, name.find('.'));
}

void drop_other_types(std::vector<Chosen>& chosen, const GdcOptions& options, Findings& findings) {
  if (options.sample_type.empty()) return;
  std::map<std::string, int64_t> num_of_type;
  std::vector<Chosen> kept;
  for (auto& one : chosen) {
    ++num_of_type[one.row.sample_type];
    if (sample_type_matches(one.row.sample_type, options.sample_type)) {
      kept.push_back(std::move(one));
    } else {
      note(findings, options.modality, "samples_of_other_type", 1, one.row.sample_id);
    }
  }
  if (kept.empty()) {
    std::string types;
    for (const auto& [type, count] : num_of_type)
      types +=
          fmt::format("{}{} ({})", types.empty() ? "" : ", ", type.empty() ? "?" : type, count);
    throw Error("--sample-type '{}': no sample of {} is of this type; types: {}",
                options.sample_type, options.modality, types);
  }
  chosen = std::move(kept);
}

std::vector<Chosen> choose_files(const std::vector<fs::path>& files, const GdcOptions& options,
                                 const fs::path& folder, Findings& findings) {
  std::vector<Chosen> chosen;
  if (options.sample_sheet.empty()) {
    for (const auto& file : files) {
      const std::string name = name_of_file(file);
      chosen.push_back({file, {file.filename().string(), "", "", name, sample_type_of(name)}});
    }
    drop_other_types(chosen, options, findings);
    return chosen;
  }
  const auto sheet = read_sample_sheet(options.sample_sheet);
  std::unordered_map<std::string, const SheetRow*> row_of;
  for (const auto& row : sheet) row_of.emplace(row.file_name, &row);
  std::unordered_map<std::string, bool> is_used;
  for (const auto& file : files) {
    const std::string name = file.filename().string();
    const auto found = row_of.find(name);
    if (found == row_of.end()) {
      note(findings, options.modality, "files_not_in_sheet", 1, name);
      continue;
    }
    is_used[name] = true;
    chosen.push_back({file, *found->second});
  }
  if (chosen.empty())
    throw Error("{}: none of the {} files is in the sample sheet {} (first file: {})",
                folder.string(), files.size(), options.sample_sheet.string(),
                files.front().filename().string());
  const bool betas = chosen.front().row.file_name.find("level3betas") != std::string::npos;
  for (const auto& row : sheet) {
    const bool is_of_kind = (row.file_name.find("level3betas") != std::string::npos) == betas;
    if (is_of_kind && !is_used[row.file_name])
      note(findings, options.modality, "sheet_rows_without_file", 1, row.file_name);
  }
  drop_other_types(chosen, options, findings);
  return chosen;
}

// Samples whose files list the same features in the same order.
struct Layout {
  Table table;
  std::vector<std::string> gene_names;
  Table genes;  // of a probe map: the means of samples that are no longer in `table`
};

// Arrays have half a million probes: with a map, samples become gene means as they come.
constexpr size_t kProbeSamples = 32;

void average_layout(Layout& layout, const GdcOptions& options, const fs::path& folder,
                    Findings& findings) {
  if (layout.table.samples.empty()) return;
  Findings own;
  append_rows(layout.genes, average_probes(layout.table, *options.probe_map, options.modality,
                                           folder.string(), own));
  const bool is_first = layout.genes.num_samples() == layout.table.num_samples();
  for (const auto& finding : own)  // what concerns the probes is said once
    if (is_first || finding.what == "probe_values_missing")
      note(findings, finding.modality, finding.what, finding.count, finding.first);
  layout.table.samples.clear();
  layout.table.values.clear();
}

// Joins the layouts; without a probe map all files must have the same features.
Table join_layouts(std::vector<Layout>& layouts, const GdcOptions& options, const fs::path& folder,
                   Findings& findings) {
  if (options.probe_map == nullptr) {
    Table table = std::move(layouts.front().table);
    for (size_t i = 1; i < layouts.size(); ++i) {
      const std::string sample = layouts[i].table.samples.front();
      const auto appended = append_rows(table, layouts[i].table);
      if (!appended.same())
        throw Error(
            "{}: the files do not list the same features: '{}' lacks {} of them (first: "
            "{}) and has {} others (first: {}); read folders of one gene model or array at "
            "a time, or pass --probe-map for arrays",
            folder.string(), sample, appended.num_lacking, appended.first_lacking, appended.num_new,
            appended.first_new);
    }
    return table;
  }
  Table table;
  for (auto& layout : layouts) {
    average_layout(layout, options, folder, findings);
    append_rows(table, layout.genes);
    layout = {};
  }
  return table;
}

}  // namespace

std::vector<SheetRow> read_sample_sheet(const fs::path& path) {
  const Frame frame = read_frame(path, "File Name");
  const std::string where = path.string();
  const auto column = [&](const char* name) { return column_as_text(frame.at(name, where)); };
  const auto sample_ids = column("Sample ID"), case_ids = column("Case ID");
  const auto optional_column = [&](const char* name) {
    const Column* found = frame.find(name);
    return found == nullptr ? std::vector<std::string>(frame.num_rows()) : column_as_text(*found);
  };
  const auto projects = optional_column("Project ID"), types = optional_column("Sample Type"),
             tissues = optional_column("Tissue Type"),
             descriptors = optional_column("Tumor Descriptor");
  std::vector<SheetRow> rows;
  for (size_t i = 0; i < frame.num_rows(); ++i) {
    if (sample_ids[i].empty() || sample_ids[i].find(',') != std::string::npos)
      throw Error("{}: row {}: expected one Sample ID, got '{}'", where, i + 1, sample_ids[i]);
    std::string type = types[i];
    if (type.empty() && tissues[i] == "Normal") type = sample_type_of(sample_ids[i]);
    if (type.empty() && !tissues[i].empty())
      type = descriptors[i].empty() || tissues[i] == "Normal" ? tissues[i]
                                                              : descriptors[i] + " " + tissues[i];
    if (type.empty()) type = sample_type_of(sample_ids[i]);
    rows.push_back({frame.index[i], projects[i], case_ids[i], sample_ids[i], type});
  }
  return rows;
}

GdcData read_gdc_folder(const fs::path& folder, const GdcOptions& given, Findings& findings) {
  const FolderContent content = list_folder(folder);
  GdcOptions options = given;
  const bool betas = reads_betas(content, options, folder);
  if (!betas) options.probe_map = nullptr;
  const FileUnit unit = gdc_unit(options, betas);
  const auto chosen = choose_files(betas ? content.betas : content.star, options, folder, findings);
  std::vector<Layout> layouts;
  for (const auto& one : chosen) {
    GdcFile file = betas ? read_level3betas(one.file, unit) : read_star_counts(one.file, unit);
    note(findings, options.modality, "files_read", 1, one.file.filename().string());
    note(findings, options.modality, "star_summary_rows", file.num_summary_rows, "N_unmapped");
    auto layout = std::find_if(layouts.begin(), layouts.end(), [&file](const Layout& known) {
      return known.table.features == file.features;
    });
    if (layout == layouts.end()) {
      layouts.push_back({{{}, std::move(file.features), {}}, std::move(file.gene_names), {}});
      layout = layouts.end() - 1;
    }
    Table& table = layout->table;
    if (options.probe_map == nullptr && table.samples.empty())
      table.values.reserve(chosen.size() * table.num_features());
    table.samples.push_back(one.row.sample_id);
    table.values.insert(table.values.end(), file.values.begin(), file.values.end());
    if (options.probe_map != nullptr && table.num_samples() == kProbeSamples)
      average_layout(*layout, options, folder, findings);
  }
  note(findings, options.modality, "other_files", static_cast<int64_t>(content.other.size()),
       content.other.empty() ? "" : content.other.front().filename().string());
  GdcData data;
  data.gene_names = layouts.front().gene_names;
  data.table = join_layouts(layouts, options, folder, findings);
  data.unit = unit.kind == FileUnit::Kind::kMValue ? parse_file_unit("beta") : unit;
  if (options.sample_sheet.empty()) return data;
  std::unordered_map<std::string, const SheetRow*> row_of;
  for (const auto& one : chosen) row_of.emplace(one.row.sample_id, &one.row);
  for (const auto& sample : data.table.samples) data.sheet.push_back(*row_of.at(sample));
  return data;
}

}  // namespace cohesin
