#include "cohesin/run/cohort_split.h"

#include <algorithm>
#include <set>
#include <unordered_map>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/io/split_file.h"
#include "cohesin/run/leakage.h"

namespace cohesin {

CohortSplit read_cohort_split(const std::filesystem::path& path, const MultiOmics& cohort,
                              bool allow_shared_patients) {
  std::unordered_map<std::string, int64_t> index;
  for (size_t i = 0; i < cohort.num_samples(); ++i)
    index.emplace(cohort.obs.index[i], static_cast<int64_t>(i));
  CohortSplit split;
  std::set<int64_t> assigned;
  std::string unknown;
  size_t num_unknown = 0;
  const SampleSplit file = read_split(path);
  for (size_t i = 0; i < file.samples.size(); ++i) {
    const auto found = index.find(file.samples[i]);
    if (found == index.end()) {
      if (num_unknown++ == 0) unknown = file.samples[i];
      continue;
    }
    split.parts[file.parts[i]].push_back(found->second);
    assigned.insert(found->second);
  }
  if (num_unknown > 0)
    throw Error(
        "{}: {} samples are not in the data (first: {}); a split must be made for this cohort",
        path.string(), num_unknown, unknown);
  for (auto& [part, samples] : split.parts) std::sort(samples.begin(), samples.end());
  check_shared_patients(split.parts, cohort, path.string(), allow_shared_patients);
  for (size_t i = 0; i < cohort.num_samples(); ++i)
    if (assigned.count(static_cast<int64_t>(i)) == 0)
      split.unassigned.push_back(static_cast<int64_t>(i));
  if (!split.unassigned.empty())
    log_warning("{} of {} samples are not in {} and are left out (first: {})",
                split.unassigned.size(), cohort.num_samples(), path.string(),
                cohort.obs.index[static_cast<size_t>(split.unassigned.front())]);
  return split;
}

std::vector<int64_t> samples_outside(const CohortSplit& split, const std::string& held_out) {
  std::vector<int64_t> samples;
  for (const auto& [part, members] : split.parts)
    if (part != held_out) samples.insert(samples.end(), members.begin(), members.end());
  std::sort(samples.begin(), samples.end());
  return samples;
}

}  // namespace cohesin
