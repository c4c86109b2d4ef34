#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <string>

#include "cohesin/data/sequence_dataset.h"
#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/run/recipe.h"
#include "cohesin/tasks/calibration.h"
#include "cohesin/tasks/sequence_predictor.h"

namespace cohesin {

// A trained checkpoint of a model over tokens in memory, ready to be asked.
struct SequenceCheckpoint {
  std::filesystem::path folder;
  Recipe recipe;
  std::shared_ptr<const SequenceTokenizer> tokenizer;
  std::shared_ptr<SequencePredictor> predictor;  // null unless the task has a head
  Calibration calibration;                       // of the predictor
};

// `path`: a run folder or a checkpoint; verified against its manifest. An adapter comes on its
// base, which is looked for in `base` where that is not empty.
SequenceCheckpoint load_sequence_checkpoint(const std::filesystem::path& path,
                                            const std::filesystem::path& base = {});

// The recipe's model, not initialised, and its tokenizer: name, k and version follow from the
// model's vocabulary, the rest is the recipe's, which is completed. Throws Error where the model
// reads no tokens.
std::shared_ptr<SequenceModel> make_sequence_model(const Recipe& recipe);
std::shared_ptr<const SequenceTokenizer> make_sequence_tokenizer(Recipe& recipe,
                                                                 const SequenceModel& model);

// How long a sequence may be, by the task and the model.
SequenceLimit sequence_limit(const TaskConfig& task, const SequenceModel& model);

// What a checkpoint holds beside its tensors.
std::map<std::string, std::string> sequence_checkpoint_texts(const Recipe& recipe);

}  // namespace cohesin
