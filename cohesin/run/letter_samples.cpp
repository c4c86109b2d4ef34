#include "cohesin/run/letter_samples.h"

#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/io/sequence_cohort.h"
#include "cohesin/run/task_targets.h"

namespace cohesin {

MultiOmics letters_as_samples(const MultiOmics& cohort, const std::string& target,
                              bool column_may_lack) {
  const auto& sequences = cohort.sequences_at(kSequenceModality).letters;
  const bool lacks = column_may_lack && cohort.obs.find(target) == nullptr;
  const std::vector<std::string> labels =
      lacks ? std::vector<std::string>(cohort.num_samples())
            : column_as_text(cohort.obs.at(target, "task.target"));
  const std::vector<std::string> patients = patients_of(cohort);
  MultiOmics letters;
  std::vector<std::string> label, patient;
  for (size_t i = 0; i < sequences.size(); ++i) {
    const std::string& text = labels[i];
    if (!text.empty() && text.size() != sequences[i].size())
      throw Error(
          "task.target: column '{}' of sample '{}' has {} characters, its sequence {} letters; "
          "task.per_letter needs one a letter ('?' = not known)",
          target, cohort.obs.index[i], text.size(), sequences[i].size());
    for (size_t k = 0; k < sequences[i].size(); ++k) {
      letters.obs.index.push_back(fmt::format("{}:{}", cohort.obs.index[i], k + 1));
      patient.push_back(patients[i]);
      label.push_back(text.empty() || text[k] == '?' ? "" : std::string(1, text[k]));
    }
  }
  letters.obs.set({"patient", std::move(patient)});
  if (!lacks) letters.obs.set({target, std::move(label)});
  return letters;
}

}  // namespace cohesin
