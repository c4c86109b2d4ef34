#pragma once

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/data/omics_dataset.h"
#include "cohesin/encode/omics_encoder.h"
#include "cohesin/models/model.h"
#include "cohesin/run/recipe.h"
#include "cohesin/tasks/calibration.h"
#include "cohesin/tasks/omics_predictor.h"

namespace cohesin {

// A checkpoint in memory, ready to be asked.
struct OmicsCheckpoint {
  std::filesystem::path folder;
  Recipe recipe;
  std::shared_ptr<const OmicsEncoder> encoder;
  std::shared_ptr<OmicsModel> model;          // null without a deep path
  std::shared_ptr<OmicsPredictor> predictor;  // null unless the task has a head
  Calibration calibration;                    // of the predictor

  // A cohort as this checkpoint sees it; throws Error where units or genes do not fit. Without
  // `missing_genes` as in training.
  OmicsDataset dataset(std::shared_ptr<const MultiOmics> cohort,
                       std::optional<MissingGenes> missing_genes = std::nullopt) const;
  // Throws Error if genes are missing that the model should hide and cannot.
  void check_can_hide(const std::string& omic, const AxisAlignment& alignment,
                      MissingGenes policy) const;
};

// `path`: a run folder or a checkpoint; verified against its manifest. An adapter comes on its
// base, which is looked for in `base` where that is not empty.
OmicsCheckpoint load_omics_checkpoint(const std::filesystem::path& path,
                                      const std::filesystem::path& base = {});

// The checkpoints that answer together (means over them): those of the run folders `seed_K` in a
// run, of all `fold_K` in a crossval folder, else the one that `path` names.
std::vector<std::filesystem::path> member_folders(const std::filesystem::path& path);

// The encoder as texts of a checkpoint, and back; `where` names it in errors.
std::map<std::string, std::string> encoder_texts(const OmicsEncoder& encoder);
OmicsEncoder read_encoder(const std::map<std::string, std::string>& texts,
                          const std::string& where);

// What a checkpoint holds beside its tensors.
std::map<std::string, std::string> checkpoint_texts(const Recipe& recipe,
                                                    const OmicsEncoder& encoder);

// The recipe's model, sized for the encoder's gene axis and bins; not initialised.
std::shared_ptr<OmicsModel> make_omics_model(Recipe& recipe, const OmicsEncoder& encoder);
std::shared_ptr<OmicsPredictor> make_predictor(const Recipe& recipe, const OmicsEncoder& encoder,
                                               std::shared_ptr<OmicsModel> model);

// Warns of genes that the model was trained on and the cohort lacks.
void report_alignment(const OmicsDataset& dataset);

// What the task needs in a batch.
BatchContent batch_content(const OmicsModel* model, const TaskConfig& task);

}  // namespace cohesin
