#include "cohesin/run/split_samples.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/sequence_cohort.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/omics/sample_split.h"
#include "cohesin/run/cohort_ensemble.h"

namespace cohesin {

namespace {

struct Parts {
  std::string column;
  std::vector<std::string> names;
  std::vector<double> weights;
};

Parts make_parts(const SplitOptions& options) {
  const int asked = (options.folds > 0 ? 1 : 0) + (options.fractions.empty() ? 0 : 1) +
                    (options.leave_out.empty() ? 0 : 1);
  if (asked != 1)
    throw Error("pass one of --folds K, --fractions TRAIN,VALID,TEST and --leave-out COLUMN");
  if (!options.leave_out.empty()) {
    if (!options.stratify.empty())
      throw Error("--leave-out COLUMN decides the folds by itself; leave --stratify out");
    return {"fold", {}, {}};
  }
  Parts parts;
  if (options.fractions.empty()) {
    if (options.folds < 2) throw Error("--folds {}: at least 2 are needed", options.folds);
    parts.column = "fold";
    for (int64_t k = 0; k < options.folds; ++k) parts.names.push_back(fmt::format("{}", k));
    parts.weights.assign(static_cast<size_t>(options.folds), 1.0);
    return parts;
  }
  parts.column = "split";
  const double sum = std::accumulate(options.fractions.begin(), options.fractions.end(), 0.0);
  const bool sizes_fit = options.fractions.size() == 2 || options.fractions.size() == 3;
  bool all_valid = true;
  for (const double fraction : options.fractions) all_valid = all_valid && fraction >= 0;
  if (!sizes_fit || !all_valid || std::abs(sum - 1) > 1e-6)
    throw Error("--fractions {}: expected train,test or train,valid,test that sum to 1",
                fmt::join(options.fractions, ","));
  const std::vector<std::string> names = options.fractions.size() == 2
                                             ? std::vector<std::string>{"train", "test"}
                                             : std::vector<std::string>{"train", "valid", "test"};
  for (size_t i = 0; i < names.size(); ++i) {
    if (options.fractions[i] == 0) continue;
    parts.names.push_back(names[i]);
    parts.weights.push_back(options.fractions[i]);
  }
  return parts;
}

std::vector<std::string> read_groups(const Frame& obs, const std::string& column,
                                     const std::string& where) {
  std::vector<std::string> groups(obs.num_rows());
  // a cohort that was not made by `prepare` may have no patients: samples then stand alone
  if (column != "patient" || obs.find(column) != nullptr)
    groups = column_as_text(obs.at(column, where));
  for (size_t i = 0; i < groups.size(); ++i)
    if (groups[i].empty()) groups[i] = patient_of(obs.index[i]);
  return groups;
}

void check_classes(const std::vector<std::string>& classes, const std::vector<std::string>& groups,
                   const Parts& parts, const std::string& column, const std::string& where) {
  std::map<std::string, std::set<std::string>> groups_of;
  for (size_t i = 0; i < classes.size(); ++i)
    if (!classes[i].empty()) groups_of[classes[i]].insert(groups[i]);
  if (groups_of.empty()) throw Error("{}: column '{}' is empty for all samples", where, column);
  if (groups_of.size() == 1)
    throw Error("{}: column '{}' has one class only ('{}'): there is nothing to stratify by", where,
                column, groups_of.begin()->first);
  for (const auto& [name, members] : groups_of) {
    if (members.size() >= parts.names.size()) continue;
    throw Error(
        "{}: class '{}' of column '{}' has {} groups (patients), fewer than the {} {}s; "
        "take fewer, join the class with another, or leave --stratify out",
        where, name, column, members.size(), parts.names.size(), parts.column);
  }
}

// "COAD, 1" of several columns, a missing value as "-"; empty where all are missing.
std::vector<std::string> combine_columns(const Frame& obs, const std::vector<std::string>& columns,
                                         const std::string& where) {
  std::vector<std::string> combined(obs.num_rows());
  std::vector<bool> known(obs.num_rows());
  for (size_t c = 0; c < columns.size(); ++c) {
    const auto values = column_as_text(obs.at(columns[c], where));
    for (size_t i = 0; i < values.size(); ++i) {
      combined[i] += (c == 0 ? "" : ", ") + (values[i].empty() ? "-" : values[i]);
      known[i] = known[i] || !values[i].empty();
    }
  }
  for (size_t i = 0; i < combined.size(); ++i)
    if (!known[i]) combined[i].clear();
  return combined;
}

// One column's values, or combinations of several; a combination with too few groups for the parts
// goes with the commonest of its first column's value.
std::vector<std::string> read_classes(const Frame& obs, const std::vector<std::string>& columns,
                                      const std::vector<std::string>& groups, const Parts& parts,
                                      const std::string& where) {
  const auto first = column_as_text(obs.at(columns[0], where));
  if (columns.size() == 1) return first;
  std::vector<std::string> classes = combine_columns(obs, columns, where);
  std::map<std::string, std::map<std::string, std::set<std::string>>> groups_of;  // first, class
  for (size_t i = 0; i < classes.size(); ++i)
    if (!classes[i].empty()) groups_of[first[i]][classes[i]].insert(groups[i]);
  std::map<std::string, std::string> renamed;
  for (const auto& [value, members] : groups_of) {
    const auto commonest = std::max_element(
        members.begin(), members.end(),
        [](const auto& a, const auto& b) { return a.second.size() < b.second.size(); });
    for (const auto& [name, patients] : members)
      if (patients.size() < parts.names.size() && name != commonest->first)
        renamed[name] = commonest->first;
  }
  for (auto& name : classes)
    if (const auto found = renamed.find(name); found != renamed.end()) name = found->second;
  if (!renamed.empty())
    log_warning(
        "{} of the combinations of {} have fewer groups (patients) than the {} {}s and are spread "
        "with the commonest of the same {} (first: '{}' with '{}')",
        renamed.size(), fmt::join(columns, ", "), parts.names.size(), parts.column, columns[0],
        renamed.begin()->first, renamed.begin()->second);
  return classes;
}

// Folds name folders.
std::string as_fold_name(const std::string& value) {
  std::string name = value;
  for (char& c : name)
    if (std::isalnum(static_cast<unsigned char>(c)) == 0 && c != '-' && c != '.') c = '_';
  return name;
}

std::vector<std::string> read_left_out(const Frame& obs, const std::string& column,
                                       const std::string& where) {
  if (column != "site" || obs.find(column) != nullptr) return column_as_text(obs.at(column, where));
  std::vector<std::string> sites;
  for (const auto& sample : obs.index) sites.push_back(tissue_source_site_of(sample));
  if (std::all_of(sites.begin(), sites.end(), [](const auto& site) { return site.empty(); }))
    throw Error(
        "{}: has no column 'site', and its samples are no TCGA barcodes (first: '{}'); name the "
        "column that holds the site",
        where, obs.index.empty() ? "" : obs.index.front());
  return sites;
}

void check_one_value_a_group(const std::vector<std::string>& values,
                             const std::vector<std::string>& groups, const std::string& column,
                             const std::string& where) {
  std::map<std::string, std::string> value_of;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) continue;
    const auto& known = value_of.emplace(groups[i], values[i]).first->second;
    if (known != values[i])
      throw Error(
          "{}: patient '{}' stands in '{}' and in '{}' of column '{}'; leaving one out would test "
          "on a patient who was trained on",
          where, groups[i], known, values[i], column);
  }
}

SplitResult leave_out_values(const Frame& obs, const SplitOptions& options,
                             const std::vector<std::string>& groups, const std::string& where) {
  const auto values = read_left_out(obs, options.leave_out, where);
  check_one_value_a_group(values, groups, options.leave_out, where);
  std::map<std::string, int64_t> size_of;
  for (const auto& value : values)
    if (!value.empty()) ++size_of[value];
  SplitResult result;
  result.split.column = "fold";
  std::map<std::string, std::string> value_of_fold;
  for (size_t i = 0; i < values.size(); ++i) {
    if (values[i].empty()) {
      result.unassigned.push_back(obs.index[i]);
      continue;
    }
    const bool small = size_of[values[i]] < options.min_size;
    const std::string fold = small ? "pooled" : as_fold_name(values[i]);
    const std::string& owner = value_of_fold.emplace(fold, small ? "" : values[i]).first->second;
    if (owner != (small ? "" : values[i]))
      throw Error("{}: '{}' and '{}' of column '{}' would both be the fold '{}'; rename one", where,
                  owner.empty() ? "the pooled ones" : owner, values[i], options.leave_out, fold);
    result.split.samples.push_back(obs.index[i]);
    result.split.parts.push_back(fold);
  }
  for (const auto& [value, size] : size_of)
    if (size < options.min_size) result.pooled.push_back(value);
  result.classes.resize(result.split.samples.size());
  result.num_groups =
      static_cast<int64_t>(std::set<std::string>(groups.begin(), groups.end()).size());
  if (value_of_fold.size() < 2)
    throw Error(
        "{}: column '{}' gives {} fold{} of {} samples at least ({} values are smaller); two are "
        "needed, see --min-size",
        where, options.leave_out, value_of_fold.size(), value_of_fold.size() == 1 ? "" : "s",
        options.min_size, result.pooled.size());
  return result;
}

}  // namespace

SplitResult split_samples(const Frame& obs, const SplitOptions& options, const std::string& where) {
  const Parts parts = make_parts(options);
  const auto groups = read_groups(obs, options.group, where);
  if (!options.leave_out.empty()) return leave_out_values(obs, options, groups, where);
  SplitResult result;
  result.classes.resize(obs.num_rows());
  if (!options.stratify.empty()) {
    result.classes = read_classes(obs, options.stratify, groups, parts, where);
    check_classes(result.classes, groups, parts,
                  fmt::format("{}", fmt::join(options.stratify, ",")), where);
  }
  result.num_groups =
      static_cast<int64_t>(std::set<std::string>(groups.begin(), groups.end()).size());
  if (result.num_groups < static_cast<int64_t>(parts.names.size()))
    throw Error("{}: has {} groups (patients), fewer than the {} {}s", where, result.num_groups,
                parts.names.size(), parts.column);
  const auto part_of = split_by_group(groups, result.classes, parts.weights, options.seed);
  result.split.column = parts.column;
  result.split.samples = obs.index;
  for (const int64_t part : part_of)
    result.split.parts.push_back(parts.names[static_cast<size_t>(part)]);
  const auto present = result.split.part_names();
  if (present.size() < parts.names.size())
    throw Error("{}: {} groups (patients) are too few for these fractions: a part would be empty",
                where, result.num_groups);
  return result;
}

SplitResult run_split(const SplitOptions& options) {
  require_absent_or_force(options.out, options.force);
  make_parts(options);  // complains before the data is read
  H5adWanted wanted;
  wanted.x = false;
  const Frame obs = options.data.extension() == ".h5ad" ? read_h5ad(options.data, wanted).obs
                    : is_cohort_file(options.data)      ? read_h5mu(options.data).obs
                                                        : read_sequence_cohort(options.data).obs;
  SplitResult result = split_samples(obs, options, options.data.string());
  write_text(options.out, split_tsv(result.split));
  return result;
}

std::string describe_split(const SplitResult& result) {
  const std::set<std::string> classes(result.classes.begin(), result.classes.end());
  std::map<std::string, std::map<std::string, int64_t>> counts;
  std::map<std::string, int64_t> totals;
  for (size_t i = 0; i < result.classes.size(); ++i) {
    ++counts[result.split.parts[i]][result.classes[i]];
    ++totals[result.split.parts[i]];
  }
  std::string text = result.split.column + "\tsamples";
  const bool has_classes = classes.size() > 1;
  if (has_classes)
    for (const auto& name : classes) text += "\t" + (name.empty() ? "(no label)" : name);
  text += '\n';
  for (const auto& part : result.split.part_names()) {
    text += fmt::format("{}\t{}", part, totals[part]);
    if (has_classes)
      for (const auto& name : classes) text += fmt::format("\t{}", counts[part][name]);
    text += '\n';
  }
  if (!result.pooled.empty()) text += fmt::format("pooled: {}\n", fmt::join(result.pooled, ", "));
  if (!result.unassigned.empty())
    text += fmt::format("{} samples without a value are in no fold (first: {})\n",
                        result.unassigned.size(), result.unassigned.front());
  return text;
}

}  // namespace cohesin
