#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// What must not happen between training and test: the same patient, the same sample under another
// name, a test sample that the checkpoint was trained on.

// Patients who stand in more than one part are an Error that counts them and names the first three
// with their samples; a warning if they are allowed. `where` is the file.
void check_shared_patients(const std::map<std::string, std::vector<int64_t>>& parts,
                           const MultiOmics& cohort, const std::string& where, bool allowed);

// Warns of samples of the parts that have the same values under two names, and says how many of the
// pairs stand in different parts.
void warn_of_identical_samples(const std::map<std::string, std::vector<int64_t>>& parts,
                               const MultiOmics& cohort);

// A sample that a run has seen: `training_samples.tsv` of a run folder.
struct TrainingSample {
  std::string sample, patient;
  std::string used;  // train, valid, pretraining; init: by the checkpoint that it began with
};

std::string training_samples_text(const std::vector<TrainingSample>& samples);

// Those of the run that `checkpoint` belongs to: a run folder, a checkpoint in it, or a crossval
// folder (all folds together). Empty where the run left no list (a converted checkpoint, a copy).
std::vector<TrainingSample> read_training_samples(const std::filesystem::path& checkpoint);

// How many of `samples` the checkpoint has seen, and patients of theirs: a sentence for people, or
// empty text where there are none.
std::string describe_overlap(const std::vector<TrainingSample>& trained, const MultiOmics& cohort,
                             const std::vector<int64_t>& samples);

}  // namespace cohesin
