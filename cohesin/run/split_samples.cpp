#include "cohesin/run/split_samples.h"

#include <cmath>
#include <map>
#include <numeric>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/omics/sample_split.h"

namespace cohesin {

namespace {

struct Parts {
  std::string column;
  std::vector<std::string> names;
  std::vector<double> weights;
};

Parts make_parts(const SplitOptions& options) {
  if ((options.folds > 0) == !options.fractions.empty())
    throw Error("pass either --folds K or --fractions TRAIN,VALID,TEST");
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

}  // namespace

SplitResult split_samples(const Frame& obs, const SplitOptions& options, const std::string& where) {
  const Parts parts = make_parts(options);
  const auto groups = read_groups(obs, options.group, where);
  SplitResult result;
  result.classes.resize(obs.num_rows());
  if (!options.stratify.empty()) {
    result.classes = column_as_text(obs.at(options.stratify, where));
    check_classes(result.classes, groups, parts, options.stratify, where);
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
                                                        : read_h5mu(options.data).obs;
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
  return text;
}

}  // namespace cohesin
