#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/metrics/scores.h"
#include "cohesin/omics/prediction_table.h"
#include "cohesin/report/report_data.h"

// The parts that report_run.cpp puts together; no other file includes this one.
namespace cohesin {

// scores.json, as write_scores prints it; null becomes NaN. Throws Error naming the file.
Scores read_scores(const std::filesystem::path& path);

// One condition for each group of the model's scores, with the baselines of the same group. A
// baseline that was not scored with a modality hidden but never uses it is taken as it is.
std::vector<ReportCondition> report_conditions(const Scores& scores, const std::string& model);

// Fills confusion, ROC and reliability of a condition from the rows with its hidden modality.
void add_class_evidence(ReportCondition& condition, const PredictionTable& table);

// Curves by risk group of the model and, where it stands beside it, of the baseline `cox`.
std::vector<SurvivalFigure> survival_figures(const std::filesystem::path& folder,
                                             const PredictionTable& table,
                                             const std::string& model);

// Panels of embeddings.tsv; labels, predictions and folds come from `table` where it has them. One
// panel for all samples, unless the file has a column `fold` or nearest neighbours are of the same
// fold far more often than by chance (the folds' models then have spaces of their own): one a fold.
std::vector<EmbeddingPanel> read_embedding_panels(const std::filesystem::path& path,
                                                  const PredictionTable& table,
                                                  const std::vector<std::string>& classes);

// All log.jsonl below the folder, but for those of baselines.
std::vector<TrainingCurve> read_training_curves(const std::filesystem::path& folder);

std::vector<PreparationRow> read_preparation(const std::filesystem::path& path);

// The strongest genes and sets of the folder that explain wrote.
ReportExplanation read_explanation(const std::filesystem::path& folder);

// What a report needs of config.json and run.json.
struct RunFacts {
  std::string model, target, task;
  std::string recipe;  // the text of config.json
  std::vector<std::pair<std::string, std::string>> provenance;
};
RunFacts read_run_facts(const std::filesystem::path& folder);

}  // namespace cohesin
