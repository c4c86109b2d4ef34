#include "cohesin/run/cohort_input.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/io/gene_files.h"
#include "cohesin/io/probe_files.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/omics/convert_unit.h"
#include "cohesin/omics/identical_samples.h"
#include "cohesin/omics/missing_values.h"
#include "cohesin/run/join_labels.h"
#include "cohesin/run/read_modality.h"

namespace cohesin {

namespace {

// The name is a path inside h5mu files and stands in comma-separated lists.
void check_modality_name(const std::string& name) {
  const bool fine = !name.empty() && std::all_of(name.begin(), name.end(), [](unsigned char c) {
    return std::isalnum(c) != 0 || c == '_' || c == '-';
  });
  if (!fine) throw Error("--modality: the name '{}' may hold letters, digits, _ and - only", name);
}

std::vector<ModalityRequest> list_requests(const CohortInput& input) {
  if (input.modalities.empty()) throw Error("no modality is given: pass --modality NAME=FILE");
  std::vector<ModalityRequest> requests;
  for (const auto& assignment : input.modalities) {
    const auto [name, file] = split_assignment(assignment, "--modality");
    check_modality_name(name);
    auto found = std::find_if(requests.begin(), requests.end(),
                              [&wanted = name](const auto& known) { return known.name == wanted; });
    if (found == requests.end()) {
      requests.emplace_back();
      requests.back().name = name;
      found = requests.end() - 1;
    }
    if (!std::filesystem::exists(file)) throw Error("--modality {}: no file '{}'", name, file);
    found->files.push_back({file, ""});
  }
  return requests;
}

ModalityRequest& request_of(std::vector<ModalityRequest>& requests, const std::string& name,
                            const std::string& flag) {
  std::string known;
  for (auto& request : requests) {
    if (request.name == name) return request;
    known += (known.empty() ? "" : ", ") + request.name;
  }
  throw Error("{} {}=...: there is no modality '{}'; there are: {}", flag, name, name, known);
}

void apply_flags(std::vector<ModalityRequest>& requests, const CohortInput& input) {
  for (const auto& assignment : input.units) {
    const auto [name, unit] = split_assignment(assignment, "--unit");
    parse_file_unit(unit);
    request_of(requests, name, "--unit").unit = unit;
  }
  for (const auto& assignment : input.orientations) {
    const auto [name, orientation] = split_assignment(assignment, "--orientation");
    request_of(requests, name, "--orientation").orientation = orientation;
  }
  for (const auto& assignment : input.cohorts) {
    const size_t equals = assignment.rfind('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == assignment.size())
      throw Error("--cohort '{}': expected FILE=VALUE", assignment);
    const std::string file = assignment.substr(0, equals);
    bool is_used = false;
    for (auto& request : requests) {
      for (auto& known : request.files) {
        if (known.path != file) continue;
        known.cohort = assignment.substr(equals + 1);
        is_used = true;
      }
    }
    if (!is_used) throw Error("--cohort '{}': no --modality has the file '{}'", assignment, file);
  }
}

// Files that are read once and used by every modality.
struct SharedFiles {
  GeneList genes;
  Aliases aliases;
  std::unordered_map<std::string, double> length_bp;
  ProbeMap probe_map;
};

SharedFiles read_shared_files(const CohortInput& input) {
  SharedFiles files;
  if (!input.genes.empty()) files.genes = read_gene_list(input.genes);
  if (!input.aliases.empty()) {
    if (input.genes.empty()) throw Error("--aliases are names of the genes of --genes: pass it");
    files.aliases = read_aliases(input.aliases);
  }
  if (!input.gene_lengths.empty()) files.length_bp = read_gene_lengths(input.gene_lengths);
  if (!input.probe_map.empty())
    files.probe_map = read_probe_map(input.probe_map, {input.without_chromosomes});
  if (input.probe_map.empty() && !input.masked_probes.empty())
    throw Error("--masked-probes leaves probes out of the means of --probe-map: pass it");
  if (input.probe_map.empty() && !input.without_chromosomes.empty())
    throw Error("--without-chromosomes leaves probes out of the means of --probe-map: pass it");
  if (!input.masked_probes.empty()) read_masked_probes(input.masked_probes, files.probe_map);
  return files;
}

ModalityData read_one(ModalityRequest request, const CohortInput& input, const SharedFiles& files,
                      Findings& findings) {
  const MissingValues missing = parse_missing_values(input.missing_values);
  request.duplicates = parse_duplicates(input.duplicates);
  request.sample_type = input.sample_type;
  request.sample_sheet = input.sample_sheet;
  request.union_of_features = missing != MissingValues::kError || !input.genes.empty();
  if (!input.probe_map.empty()) request.probe_map = &files.probe_map;
  if (!input.gene_lengths.empty()) request.length_bp = &files.length_bp;
  ModalityData data = read_modality(request, findings);
  std::string where = request.files.front().path.string();
  if (request.files.size() > 1) where += fmt::format(" and {} more", request.files.size() - 1);
  std::vector<uint8_t> in_list;
  if (!input.genes.empty())
    in_list = align_to_genes(data.modality, files.genes, input.genes.string(), files.aliases,
                             parse_missing_genes(input.missing_genes), request.duplicates, where,
                             findings);
  settle_missing_values(data.modality.table, missing, in_list, request.name, where, findings);
  note(findings, request.name, "samples", static_cast<int64_t>(data.modality.table.num_samples()),
       data.modality.table.samples.front());
  note(findings, request.name, "features", static_cast<int64_t>(data.modality.table.num_features()),
       data.modality.table.features.front());
  return data;
}

// A list whose names are written otherwise would mask nothing.
void check_mask_used(const CohortInput& input, const SharedFiles& files, const Findings& findings) {
  if (input.masked_probes.empty()) return;
  const bool any = std::any_of(findings.begin(), findings.end(), [](const Finding& finding) {
    return finding.what == "probes_masked";
  });
  if (any) return;
  throw Error(
      "--masked-probes {}: none of its {} probes is in the data (the list has '{}', the probe map "
      "'{}'); leave the list away if they were taken out before",
      input.masked_probes.string(), files.probe_map.masked.size(), files.probe_map.first_masked,
      files.probe_map.first_probe);
}

// A file that changed nothing was meant for something else.
void check_files_used(const CohortInput& input, const std::vector<ModalityRequest>& requests,
                      const SharedFiles& files, const Findings& findings) {
  bool any_folder = false, any_probe = false;
  for (const auto& request : requests) {
    any_probe = any_probe || noted(findings, request.name, "probes_mapped") > 0;
    for (const auto& file : request.files)
      any_folder = any_folder || std::filesystem::is_directory(file.path);
  }
  if (!input.probe_map.empty() && !any_probe)
    throw Error(
        "--probe-map {}: no modality is methylation (unit beta or m_value); say what the files "
        "hold with --unit NAME=UNIT",
        input.probe_map.string());
  check_mask_used(input, files, findings);
  if (!input.sample_sheet.empty() && !any_folder)
    throw Error("--sample-sheet {}: no modality is a folder of GDC files",
                input.sample_sheet.string());
}

// Tables without a common sample are a mistake in names or orientation.
void check_overlap(const MultiOmics& cohort) {
  const auto& first = cohort.modalities.front();
  const std::unordered_set<std::string> samples(first.table.samples.begin(),
                                                first.table.samples.end());
  for (size_t m = 1; m < cohort.modalities.size(); ++m) {
    const auto& other = cohort.modalities[m];
    const auto any_of = [](const auto& names, const auto& known) {
      return std::any_of(names.begin(), names.end(),
                         [&known](const auto& name) { return known.count(name) > 0; });
    };
    if (any_of(other.table.samples, samples)) continue;
    bool shares_any = false;  // with one of those between
    for (size_t k = 1; k < m && !shares_any; ++k) {
      const auto& names = cohort.modalities[k].table.samples;
      shares_any =
          any_of(other.table.samples, std::unordered_set<std::string>(names.begin(), names.end()));
    }
    if (shares_any) continue;
    std::string hint = "; are the names those of the same samples?";
    std::unordered_set<std::string> patients;
    for (const auto& sample : samples) patients.insert(patient_of(sample));
    std::vector<std::string> other_patients;
    for (const auto& sample : other.table.samples) other_patients.push_back(patient_of(sample));
    if (any_of(other.table.features, samples))
      hint = fmt::format("; but its features do: pass --orientation {}=features-by-samples",
                         other.name);
    else if (any_of(first.table.features,
                    std::unordered_set<std::string>(other.table.samples.begin(),
                                                    other.table.samples.end())))
      hint = fmt::format("; but the features of '{}' do: pass --orientation {}=features-by-samples",
                         first.name, first.name);
    else if (any_of(other_patients, patients))
      hint = "; but their patients agree: cut the barcodes to the same length in the tables";
    throw Error(
        "modality '{}' shares no sample with the others (its first is '{}', that of '{}' "
        "is '{}'){}",
        other.name, other.table.samples.front(), first.name, first.table.samples.front(), hint);
  }
}

void add_obs_columns(Frame& obs, const Frame& more) {
  std::unordered_map<std::string, size_t> row_of;
  for (size_t i = 0; i < more.num_rows(); ++i) row_of.emplace(more.index[i], i);
  for (const auto& column : more.columns) {
    if (obs.find(column.name) != nullptr) continue;
    std::vector<std::string> text(obs.num_rows());
    std::vector<double> numbers(obs.num_rows(), kNotMeasured);
    for (size_t i = 0; i < obs.num_rows(); ++i) {
      const auto found = row_of.find(obs.index[i]);
      if (found == row_of.end()) continue;
      if (column.is_text()) {
        text[i] = column.text()[found->second];
      } else {
        numbers[i] = column.numbers()[found->second];
      }
    }
    obs.columns.push_back(column.is_text() ? Column{column.name, std::move(text)}
                                           : Column{column.name, std::move(numbers)});
  }
}

// What the modalities' own files say of the samples: a column of text, left out if all is empty.
void add_told_column(Frame& obs, const std::string& name,
                     const std::vector<std::unordered_map<std::string, std::string>>& told) {
  std::vector<std::string> values(obs.num_rows());
  bool any = false;
  for (size_t i = 0; i < obs.num_rows(); ++i) {
    for (const auto& value_of : told) {
      const auto found = value_of.find(obs.index[i]);
      if (found == value_of.end()) continue;
      if (!values[i].empty() && values[i] != found->second)
        throw Error("sample '{}' has two values for '{}': '{}' and '{}'", obs.index[i], name,
                    values[i], found->second);
      values[i] = found->second;
      any = true;
    }
  }
  if (any) obs.set({name, std::move(values)});
}

void keep_complete(MultiOmics& cohort, Findings& findings) {
  std::vector<int64_t> complete;
  std::string first_left;
  for (size_t i = 0; i < cohort.num_samples(); ++i) {
    const bool has_all =
        std::all_of(cohort.modalities.begin(), cohort.modalities.end(),
                    [i](const Modality& modality) { return modality.row_of[i] >= 0; });
    if (has_all) {
      complete.push_back(static_cast<int64_t>(i));
    } else if (first_left.empty()) {
      first_left = cohort.obs.index[i];
    }
  }
  if (complete.empty()) throw Error("--complete-cases: no sample has every modality");
  const auto num_left = cohort.num_samples() - complete.size();
  note(findings, "cohort", "excluded_incomplete", static_cast<int64_t>(num_left), first_left);
  if (num_left > 0) cohort = select_samples(cohort, complete);
}

void count_presence(const MultiOmics& cohort, Findings& findings) {
  for (size_t i = 0; i < cohort.num_samples(); ++i) {
    int present = 0;
    for (const auto& modality : cohort.modalities) present += modality.row_of[i] >= 0 ? 1 : 0;
    const bool is_complete = present == static_cast<int>(cohort.modalities.size());
    note(findings, "cohort", is_complete ? "samples_with_every_modality" : "samples_lacking_one", 1,
         cohort.obs.index[i]);
  }
  note(findings, "cohort", "samples", static_cast<int64_t>(cohort.num_samples()),
       cohort.obs.index.front());
  const auto patients = column_as_text(cohort.obs.at("patient", "the cohort"));
  note(findings, "cohort", "patients",
       static_cast<int64_t>(
           std::unordered_set<std::string>(patients.begin(), patients.end()).size()),
       patients.front());
}

}  // namespace

std::pair<std::string, std::string> split_assignment(const std::string& text,
                                                     const std::string& flag) {
  const size_t equals = text.find('=');
  if (equals == std::string::npos || equals == 0 || equals + 1 == text.size())
    throw Error("{} '{}': expected two parts with = between them", flag, text);
  return {text.substr(0, equals), text.substr(equals + 1)};
}

MultiOmics read_cohort(const CohortInput& input, Findings& findings) {
  auto requests = list_requests(input);
  apply_flags(requests, input);
  parse_missing_genes(input.missing_genes);
  const SharedFiles files = read_shared_files(input);
  if (!files.probe_map.genes.empty())
    note(findings, "cohort", "probe_map_genes", static_cast<int64_t>(files.probe_map.genes.size()),
         files.probe_map.columns.empty() ? "probe, gene" : files.probe_map.columns);
  MultiOmics cohort;
  std::vector<std::unordered_map<std::string, std::string>> cohorts, patients;
  std::vector<Frame> frames;
  for (const auto& request : requests) {
    ModalityData data = read_one(request, input, files, findings);
    cohort.modalities.push_back(std::move(data.modality));
    cohorts.push_back(std::move(data.cohort_of));
    patients.push_back(std::move(data.patient_of));
    frames.push_back(std::move(data.obs));
  }
  check_files_used(input, requests, files, findings);
  check_overlap(cohort);
  std::unordered_set<std::string> seen;
  for (const auto& modality : cohort.modalities)
    for (const auto& sample : modality.table.samples)
      if (seen.insert(sample).second) cohort.obs.index.push_back(sample);
  index_samples(cohort);
  add_told_column(cohort.obs, "patient", patients);
  add_told_column(cohort.obs, "cohort", cohorts);
  for (const auto& frame : frames) add_obs_columns(cohort.obs, frame);
  // Before the labels, so that what is counted there is what stays.
  if (input.complete_cases) keep_complete(cohort, findings);
  join_labels(cohort, input, findings);
  count_presence(cohort, findings);
  for (const auto& pair : identical_samples(cohort))
    note(findings, pair.modality, "identical_samples", 1,
         cohort.obs.index[static_cast<size_t>(pair.first)] + " and " +
             cohort.obs.index[static_cast<size_t>(pair.second)]);
  return cohort;
}

}  // namespace cohesin
