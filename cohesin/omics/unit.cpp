#include "cohesin/omics/unit.h"

#include "cohesin/base/error.h"

namespace cohesin {

std::string unit_name(Unit unit) {
  switch (unit) {
    case Unit::kTpm:
      return "tpm";
    case Unit::kBeta:
      return "beta";
    case Unit::kLogRatio:
      return "log_ratio";
    case Unit::kOther:
      return "other";
  }
  return "other";
}

Unit parse_unit(const std::string& name) {
  for (const Unit unit : {Unit::kTpm, Unit::kBeta, Unit::kLogRatio, Unit::kOther})
    if (unit_name(unit) == name) return unit;
  throw Error("unknown unit '{}': expected tpm, beta, log_ratio or other", name);
}

}  // namespace cohesin
