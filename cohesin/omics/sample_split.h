#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

// Parts of samples that never divide a group (patient) and have nearly the same classes. Groups
// are taken in an order drawn from (seed, group name) alone; each goes to the part that lacks most
// of its class, then most samples. So the result does not depend on the order of the samples.

// [samples]: the part, 0-based, of each sample. `groups` and `classes` are [samples]; a group's
// class is the one most of its samples have. The parts' sizes go as `weights` (> 0), within each
// class and in all.
std::vector<int64_t> split_by_group(const std::vector<std::string>& groups,
                                    const std::vector<std::string>& classes,
                                    const std::vector<double>& weights, uint64_t seed);

}  // namespace cohesin
