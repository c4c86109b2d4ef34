#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/omics/multi_omics.h"
#include "cohesin/run/explain.h"
#include "cohesin/run/explanation_table.h"
#include "cohesin/run/omics_predict.h"
#include "cohesin/tasks/attribution.h"

// The parts that explain.cpp puts together; no other file but their own includes this one.
namespace cohesin {

// The models of one fold (or of all the run) and the samples that they explain.
struct ExplainUnit {
  std::string name;  // "fold_1"; empty without folds
  std::vector<std::filesystem::path> members;
  std::vector<int64_t> samples;
  std::vector<int64_t> class_of;  // [samples]; 0 for a task without classes
};

// The samples that can be explained, each in its class: the label where it is known, else the
// predicted class; at most `most` a class, drawn from the seed (0 = all).
void choose_samples(ExplainUnit& unit, const OmicsEnsemble& members,
                    const std::shared_ptr<const MultiOmics>& cohort, int64_t most, uint64_t seed);

// Genes of each omic to hide, by name.
using GenesByOmic = std::map<std::string, std::vector<std::string>>;

struct UnitAttributions {
  std::vector<std::string> omics, genes;  // the axis
  // [outcomes] by omic [genes]: over the samples that have the gene.
  std::vector<std::map<std::string, std::vector<FoldAttribution>>> by_class;
  // By omic [samples, genes], on request; of the first question.
  std::map<std::string, std::vector<float>> of_samples;
  double gap = 0, difference = 0;  // integrated gradients: sums of |sum - difference|, |difference|
};

// Mean over the members. `genes` only for occlusion.
UnitAttributions explain_unit(const ExplainUnit& unit, const OmicsEnsemble& members,
                              const std::shared_ptr<const MultiOmics>& cohort,
                              const ExplainOptions& options, const std::string& method,
                              const GenesByOmic& genes);

// Adds the attention maps of the unit's first member to `maps`, each the mean over the samples of
// a class, [heads, positions, positions], by the name [FOLD/]CLASS/attention_map_layer_K. Members
// are not averaged: their heads have nothing in common. Throws Error for a checkpoint without deep
// path and for maps of more than 4096 positions. Returns the genes that fall to one position.
int64_t add_attention_maps(const ExplainUnit& unit, const OmicsCheckpoint& member,
                           const std::shared_ptr<const MultiOmics>& cohort, NamedTensors& maps);

// The classes, "risk" and the values, as the task asks them.
std::vector<std::string> explained_outcomes(const TaskConfig& task);
// One for all classes, one for the risk, one a value: each takes passes of its own.
int64_t num_questions(const TaskConfig& task);

}  // namespace cohesin
