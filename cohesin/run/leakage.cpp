#include "cohesin/run/leakage.h"

#include <set>
#include <unordered_set>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/omics/identical_samples.h"
#include "cohesin/run/task_targets.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;
constexpr const char* kFileName = "training_samples.tsv";
constexpr const char* kHeader = "sample\tpatient\tused";

void read_list(const fs::path& path, std::vector<TrainingSample>& samples) {
  TextReader reader(path);
  std::string line;
  if (!reader.next_line(line) || line != kHeader)
    throw Error("{}: expected the columns sample, patient, used", path.string());
  while (reader.next_line(line)) {
    const auto fields = split(line, '\t');
    if (fields.size() != 3) reader.fail("expected 3 fields, got {}", fields.size());
    samples.push_back({std::string(fields[0]), std::string(fields[1]), std::string(fields[2])});
  }
}

}  // namespace

void check_shared_patients(const std::map<std::string, std::vector<int64_t>>& parts,
                           const MultiOmics& cohort, const std::string& where, bool allowed) {
  const auto patients = patients_of(cohort);
  std::map<std::string, std::map<std::string, int64_t>> parts_of;  // patient, part, first sample
  for (const auto& [part, samples] : parts)
    for (const int64_t sample : samples)
      parts_of[patients[static_cast<size_t>(sample)]].emplace(part, sample);
  int64_t num_shared = 0;
  std::string first;
  for (const auto& [patient, found] : parts_of) {
    if (found.size() < 2 || ++num_shared > 3) continue;
    std::string places;
    for (const auto& [part, sample] : found)
      places += fmt::format("{}'{}' has {}", places.empty() ? "" : ", ", part,
                            cohort.obs.index[static_cast<size_t>(sample)]);
    first += fmt::format("{}patient {} ({})", first.empty() ? "" : "; ", patient, places);
  }
  if (num_shared == 0) return;
  const std::string text =
      fmt::format("{}: {} of {} patients stand in more than one part: {}{}", where, num_shared,
                  parts_of.size(), first, num_shared > 3 ? "; ..." : "");
  if (!allowed)
    throw Error("{}; split by patient (cohesin split), or pass --allow-shared-patients", text);
  log_warning("{}; the scores say less about new patients than they seem to", text);
}

void warn_of_identical_samples(const std::map<std::string, std::vector<int64_t>>& parts,
                               const MultiOmics& cohort) {
  std::map<int64_t, std::string> part_of;
  for (const auto& [part, samples] : parts)
    for (const int64_t sample : samples) part_of[sample] = part;
  int64_t num_pairs = 0, num_apart = 0;
  std::string first;
  for (const auto& pair : identical_samples(cohort)) {
    const auto a = part_of.find(pair.first), b = part_of.find(pair.second);
    if (a == part_of.end() || b == part_of.end()) continue;
    const bool apart = a->second != b->second;
    if (num_pairs++ == 0 || (apart && num_apart == 0))
      first = fmt::format("{} and {} in '{}'", cohort.obs.index[static_cast<size_t>(pair.first)],
                          cohort.obs.index[static_cast<size_t>(pair.second)], pair.modality);
    num_apart += apart ? 1 : 0;
  }
  if (num_pairs > 0)
    log_warning(
        "{} samples have the values of another one (first: {}); {} of these pairs stand in "
        "different parts, where the one gives the other away; leave one of each out",
        num_pairs, first, num_apart);
}

std::string training_samples_text(const std::vector<TrainingSample>& samples) {
  std::string text = std::string(kHeader) + "\n";
  for (const auto& one : samples)
    text += fmt::format("{}\t{}\t{}\n", one.sample, one.patient, one.used);
  return text;
}

std::vector<TrainingSample> read_training_samples(const fs::path& checkpoint) {
  std::vector<TrainingSample> samples;
  if (fs::is_directory(checkpoint))
    for (const auto& entry : fs::directory_iterator(checkpoint))
      if (entry.path().filename().string().starts_with("fold_") &&
          fs::exists(entry.path() / kFileName))
        read_list(entry.path() / kFileName, samples);
  if (!samples.empty()) return samples;
  // RUN, RUN/seed_K, RUN/seed_K/checkpoints/step_N
  fs::path folder = fs::weakly_canonical(checkpoint);
  for (int level = 0; level < 4; ++level, folder = folder.parent_path())
    if (fs::exists(folder / kFileName)) {
      read_list(folder / kFileName, samples);
      break;
    }
  return samples;
}

std::string describe_overlap(const std::vector<TrainingSample>& trained, const MultiOmics& cohort,
                             const std::vector<int64_t>& samples) {
  std::unordered_set<std::string> trained_samples, trained_patients;
  for (const auto& one : trained) {
    trained_samples.insert(one.sample);
    trained_patients.insert(one.patient);
  }
  const auto patients = patients_of(cohort);
  std::set<std::string> all_patients, shared_patients;
  int64_t num_shared = 0;
  std::string first_sample, first_patient;
  for (const int64_t sample : samples) {
    const std::string& name = cohort.obs.index[static_cast<size_t>(sample)];
    const std::string& patient = patients[static_cast<size_t>(sample)];
    all_patients.insert(patient);
    if (trained_samples.count(name) > 0 && num_shared++ == 0) first_sample = name;
    if (trained_patients.count(patient) == 0) continue;
    if (shared_patients.empty()) first_patient = patient;
    shared_patients.insert(patient);
  }
  if (num_shared == 0 && shared_patients.empty()) return "";
  return fmt::format(
      "the model has seen {} of the {} samples{} and {} of their {} patients{} in its training, "
      "early stopping or pre-training: these scores do not say what it does on new patients",
      num_shared, samples.size(), num_shared > 0 ? " (first: " + first_sample + ")" : "",
      shared_patients.size(), all_patients.size(),
      shared_patients.empty() ? "" : " (first: " + first_patient + ")");
}

}  // namespace cohesin
