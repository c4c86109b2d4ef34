#include "cohesin/omics/findings.h"

namespace cohesin {

void note(Findings& findings, const std::string& modality, const std::string& what, int64_t count,
          const std::string& first) {
  if (count == 0) return;
  for (auto& finding : findings) {
    if (finding.modality == modality && finding.what == what) {
      finding.count += count;
      return;
    }
  }
  findings.push_back({modality, what, count, first});
}

int64_t noted(const Findings& findings, const std::string& modality, const std::string& what) {
  for (const auto& finding : findings)
    if (finding.modality == modality && finding.what == what) return finding.count;
  return 0;
}

}  // namespace cohesin
