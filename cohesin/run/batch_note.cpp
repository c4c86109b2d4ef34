#include "cohesin/run/batch_note.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/stats/association.h"

namespace cohesin {

namespace {

constexpr const char* kHeader =
    "grouping\tgroups\tsamples\tchi_square\tdegrees_of_freedom\tp_value\tcramers_v\t"
    "cramers_v_corrected";

struct Grouping {
  std::string name;
  std::vector<std::string> value;  // [cohort samples], empty = unknown
};

std::vector<Grouping> groupings_of(const MultiOmics& cohort, const std::string& target) {
  std::vector<Grouping> groupings;
  for (const char* name : {"batch", "site", "cohort"})
    if (const Column* column = cohort.obs.find(name); column != nullptr && target != name)
      groupings.push_back({name, column_as_text(*column)});
  Grouping sites{"tissue source site", {}};
  for (const auto& sample : cohort.obs.index) sites.value.push_back(tissue_source_site_of(sample));
  groupings.push_back(std::move(sites));
  return groupings;
}

std::string number_text(double value) { return std::isnan(value) ? "" : fmt::format("{}", value); }

}  // namespace

std::string batch_note_text(const MultiOmics& cohort, const TaskConfig& task,
                            const TaskTargets& targets, const std::vector<int64_t>& samples) {
  const std::vector<int64_t> strata = targets.strata();
  std::string text;
  for (const auto& grouping : groupings_of(cohort, task.target)) {
    std::map<std::string, int64_t> number;
    std::vector<int64_t> group, outcome;
    for (const int64_t sample : samples) {
      const auto i = static_cast<size_t>(sample);
      if (strata.empty() || strata[i] < 0 || grouping.value[i].empty()) continue;
      group.push_back(number.emplace(grouping.value[i], std::ssize(number)).first->second);
      outcome.push_back(strata[i]);
    }
    if (number.size() < 2 || std::set<int64_t>(outcome.begin(), outcome.end()).size() < 2) continue;
    const Association found = associate(group, outcome);
    text += fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n", grouping.name, found.num_rows,
                        found.num_samples, found.chi_square, found.degrees_of_freedom,
                        number_text(found.p_value), found.cramers_v,
                        number_text(found.cramers_v_corrected));
  }
  return text.empty() ? text : std::string(kHeader) + "\n" + text;
}

std::vector<BatchAssociation> read_batch_note(const std::filesystem::path& path) {
  TextReader reader(path);
  std::string line;
  if (!reader.next_line(line) || line != kHeader)
    throw Error("{}: expected the columns of batches.tsv", path.string());
  std::vector<BatchAssociation> rows;
  while (reader.next_line(line)) {
    const auto fields = split(line, '\t');
    if (fields.size() != 8) reader.fail("expected 8 fields, got {}", fields.size());
    const auto number = [&](size_t k, const char* name) {
      return fields[k].empty() ? kNotANumber : reader.parse_number(fields[k], name);
    };
    BatchAssociation row;
    row.grouping = fields[0];
    row.groups = reader.parse_int(fields[1], "groups");
    row.samples = reader.parse_int(fields[2], "samples");
    row.chi_square = number(3, "chi_square");
    row.degrees_of_freedom = reader.parse_int(fields[4], "degrees_of_freedom");
    row.p_value = number(5, "p_value");
    row.cramers_v = number(6, "cramers_v");
    row.cramers_v_corrected = number(7, "cramers_v_corrected");
    rows.push_back(std::move(row));
  }
  return rows;
}

}  // namespace cohesin
