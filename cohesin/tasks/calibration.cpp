#include "cohesin/tasks/calibration.h"

#include <algorithm>

#include "cohesin/base/error.h"

namespace cohesin {

std::vector<double> thirds(std::vector<double> risks) {
  if (risks.empty()) throw Error("risk groups need a training sample with follow-up");
  std::sort(risks.begin(), risks.end());
  return {risks[(risks.size() - 1) / 3], risks[2 * (risks.size() - 1) / 3]};
}

}  // namespace cohesin
