#include "cohesin/run/start_overlap.h"

#include <algorithm>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"

namespace cohesin {
namespace {

constexpr double kLittle = 0.5;  // of the model's genes

std::string first_of(const std::vector<std::string>& names) {
  return names.empty() ? "" : fmt::format(" (first: {})", names.front());
}

void report_modalities(const OmicsCheckpoint& start, const MultiOmics& cohort) {
  const std::vector<std::string>& known = start.encoder->omics();
  std::vector<std::string> found;
  for (const auto& modality : cohort.modalities) found.push_back(modality.name);
  size_t shared = 0;
  for (const auto& name : found) {
    const bool is_known = std::find(known.begin(), known.end(), name) != known.end();
    shared += is_known ? 1 : 0;
    if (!is_known)
      log_warning("{}: {} does not know this modality; it is left out", name,
                  start.folder.string());
  }
  if (shared == 0)
    throw Error("{} takes {}; the cohort has {}: none in common", start.folder.string(),
                fmt::join(known, ", "), fmt::join(found, ", "));
  for (const auto& name : known)
    if (cohort.find(name) == nullptr)
      log_warning("{}: {} takes it, the cohort has none; it is hidden for every sample", name,
                  start.folder.string());
}

}  // namespace

void report_overlap(const OmicsCheckpoint& start, const MultiOmics& cohort, MissingGenes policy) {
  report_modalities(start, cohort);
  for (const auto& omic : start.encoder->omics()) {
    const Modality* modality = cohort.find(omic);
    if (modality == nullptr) continue;
    const AxisAlignment found =
        align_to_axis(*modality, start.encoder->axis(), policy, omic, start.folder.string());
    start.check_can_hide(omic, found, policy);
    const size_t needed = found.num_matched + found.missing.size();
    const std::string missing =
        found.missing.empty()
            ? ""
            : fmt::format("; {} are missing{} and {}", found.missing.size(),
                          first_of(found.missing),
                          policy == MissingGenes::kZero ? "taken as 0" : "hidden");
    const std::string unused = found.unused.empty()
                                   ? ""
                                   : fmt::format(
                                         "; {} of the cohort's features are not known to the "
                                         "model{} and left out",
                                         found.unused.size(), first_of(found.unused));
    log_info("{}: the cohort has {} of the {} genes of {}{}{}", omic, found.num_matched, needed,
             start.folder.string(), missing, unused);
    if (static_cast<double>(found.num_matched) < kLittle * static_cast<double>(needed))
      log_warning(
          "{}: only {} of {} genes are in common, so little of what the model learned applies; "
          "if the names differ, prepare the cohort with --genes {}/features.tsv --aliases FILE",
          omic, found.num_matched, needed, start.folder.string());
  }
}

std::vector<int64_t> samples_known_to(const OmicsEncoder& encoder, const MultiOmics& cohort,
                                      const std::vector<int64_t>& from) {
  std::vector<int64_t> kept;
  std::string first;
  for (const int64_t sample : from) {
    const bool is_known =
        std::any_of(encoder.omics().begin(), encoder.omics().end(), [&](const std::string& omic) {
          const Modality* modality = cohort.find(omic);
          return modality != nullptr && modality->row_of[static_cast<size_t>(sample)] >= 0;
        });
    if (is_known) {
      kept.push_back(sample);
    } else if (first.empty()) {
      first = cohort.obs.index[static_cast<size_t>(sample)];
    }
  }
  if (kept.size() < from.size())
    log_warning(
        "{} of {} samples have no modality that the model takes and are left out (first: "
        "{})",
        from.size() - kept.size(), from.size(), first);
  return kept;
}

}  // namespace cohesin
