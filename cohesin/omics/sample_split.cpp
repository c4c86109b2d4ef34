#include "cohesin/omics/sample_split.h"

#include <algorithm>
#include <cassert>
#include <map>
#include <numeric>

#include "cohesin/base/philox.h"

namespace cohesin {

namespace {

struct Group {
  std::string name;
  std::string main_class;
  std::vector<size_t> samples;
  uint64_t draw = 0;
};

std::vector<Group> make_groups(const std::vector<std::string>& groups,
                               const std::vector<std::string>& classes, uint64_t seed) {
  std::map<std::string, std::vector<size_t>> members;
  for (size_t i = 0; i < groups.size(); ++i) members[groups[i]].push_back(i);
  std::vector<Group> made;
  for (auto& [name, samples] : members) {
    std::map<std::string, int64_t> votes;
    for (const size_t i : samples) ++votes[classes[i]];
    const auto most =
        std::max_element(votes.begin(), votes.end(),
                         [](const auto& a, const auto& b) { return a.second < b.second; });
    RandomStream stream(seed, "split", stable_hash(name));
    made.push_back({name, most->first, std::move(samples), stream.next_word64()});
  }
  // classes one after the other; within a class large groups first, since they fit worst
  std::sort(made.begin(), made.end(), [](const Group& a, const Group& b) {
    if (a.main_class != b.main_class) return a.main_class < b.main_class;
    if (a.samples.size() != b.samples.size()) return a.samples.size() > b.samples.size();
    return a.draw != b.draw ? a.draw < b.draw : a.name < b.name;
  });
  return made;
}

}  // namespace

std::vector<int64_t> split_by_group(const std::vector<std::string>& groups,
                                    const std::vector<std::string>& classes,
                                    const std::vector<double>& weights, uint64_t seed) {
  assert(groups.size() == classes.size() && !weights.empty());
  const double total_weight = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> share;
  for (const double weight : weights) share.push_back(weight / total_weight);
  std::map<std::string, double> class_size;
  for (const auto& name : classes) ++class_size[name];
  std::map<std::string, std::vector<double>> class_count;
  std::vector<double> count(weights.size(), 0);
  std::vector<int64_t> part_of(groups.size(), 0);
  for (const auto& group : make_groups(groups, classes, seed)) {
    auto& of_class = class_count[group.main_class];
    of_class.resize(weights.size(), 0);
    // the share of its due that a part still lacks: small parts are filled as evenly as large ones
    const double due = class_size[group.main_class];
    const auto lack = [&](size_t p) { return share[p] * due - of_class[p]; };
    const auto lack_of_all = [&](size_t p) {
      return share[p] * static_cast<double>(groups.size()) - count[p];
    };
    size_t best = 0;
    for (size_t p = 1; p < weights.size(); ++p) {
      const double gain = lack(p) - lack(best);
      if (gain > 1e-9 || (gain > -1e-9 && lack_of_all(p) > lack_of_all(best) + 1e-9)) best = p;
    }
    const auto size = static_cast<double>(group.samples.size());
    of_class[best] += size;
    count[best] += size;
    for (const size_t i : group.samples) part_of[i] = static_cast<int64_t>(best);
  }
  return part_of;
}

}  // namespace cohesin
