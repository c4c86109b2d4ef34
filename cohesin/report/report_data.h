#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/stats/kaplan_meier.h"

namespace cohesin {

// Everything that the report page shows, as plain numbers and text. NaN stands for a number that
// is not defined; it is printed as "n/a". An empty vector leaves its section out of the page, and a
// sentence says so. Text is escaped by the page: names may hold anything.

constexpr double kNotANumber = std::numeric_limits<double>::quiet_NaN();

// One metric of one method, as scores.json holds it: mean and sd (n-1) over folds, a 95 % interval.
struct ScoreSummary {
  std::string metric;  // its name in scores.json, such as "weighted_f1"
  double mean = kNotANumber;
  double sd = kNotANumber;
  double ci_low = kNotANumber;
  double ci_high = kNotANumber;
  std::vector<double> folds;  // one value a fold, the same order for every method
};

// The model or one baseline under one condition.
struct MethodScores {
  std::string name;
  bool is_baseline = false;
  std::string modalities;  // those used, comma-separated
  std::vector<ScoreSummary> scores;
};

struct ConfusionTable {
  std::vector<std::vector<int64_t>> counts;  // [truth][predicted], in the order of the classes
};

// One class against the rest.
struct RocLine {
  int class_index = 0;
  double auc = kNotANumber;
  std::vector<double> false_positive_rate;  // 0 ... 1, not decreasing
  std::vector<double> true_positive_rate;
};

// Samples whose top probability lies in [low, high).
struct ReliabilityBin {
  double low = 0, high = 1;
  int64_t count = 0;
  double mean_confidence = kNotANumber;
  double accuracy = kNotANumber;
};

// What was measured with all modalities, or with one hidden.
struct ReportCondition {
  std::string name;     // "all modalities", "without methylation"
  std::string hidden;   // empty, or the modality that was hidden
  bool is_main = true;  // else a part of the samples (those that lack a modality): in tables only
  std::vector<MethodScores> methods;
  int64_t num_samples = 0;  // predictions with a known label
  ConfusionTable confusion;
  std::vector<RocLine> roc;
  std::vector<ReliabilityBin> reliability;
  double calibration_error = kNotANumber;
};

// One run of the training loop: a fold, a seed. A loss that was not computed at a step is NaN.
struct TrainingCurve {
  std::string stage;  // "pre-training" or "training"; one plot a stage
  std::string name;   // "fold 1"
  std::vector<double> step;
  std::vector<double> train_loss;
  std::vector<double> validation_loss;
};

// The samples of one risk group.
struct SurvivalCurve {
  std::string name;  // "low"
  int64_t num_samples = 0, num_events = 0;
  KaplanMeier curve;
};

// The risk groups of one method, lowest first.
struct SurvivalFigure {
  std::string name;
  std::vector<SurvivalCurve> curves;
  double log_rank_p = kNotANumber;
};

struct EmbeddingPoint {
  double x = 0, y = 0;
  int class_index = -1;      // -1 = label unknown
  int predicted_index = -1;  // -1 = no prediction
  std::string sample;
};

// Points that come from one model and may therefore be compared with each other.
struct EmbeddingPanel {
  std::string name;  // "fold 1", or empty when there is one panel
  std::vector<EmbeddingPoint> points;
  int64_t num_samples = 0;  // before drawing a subset of them
  // Shares of samples whose nearest neighbour (all dimensions) is of their own class, of their own
  // fold, and what the latter would be by chance: far more of one fold would mean that the folds
  // lie apart.
  double same_class = kNotANumber;
  double same_fold = kNotANumber;
  double same_fold_by_chance = kNotANumber;
};

// What one gene of one modality contributes to a class, or to the risk; mean over folds.
struct GeneBar {
  std::string gene, modality;
  double mean = kNotANumber, ci_low = kNotANumber, ci_high = kNotANumber;
  double mean_absolute = kNotANumber;
  int64_t samples = 0;
};

// The genes of one class (or of the risk), strongest first.
struct GenePanel {
  std::string name;
  std::vector<GeneBar> genes;
  int64_t num_genes = 0;  // of which these are the first
};

// One gene set in one class and modality.
struct GeneSetRow {
  std::string set, of_class, modality;
  int64_t genes = 0, overlap = 0;  // of the set; of it among the top genes
  double expected = 0;             // overlap by chance
  double adjusted_p = kNotANumber, normalized_score = kNotANumber,
         preranked_adjusted_p = kNotANumber;
};

struct ReportExplanation {
  std::string introduction;  // how it was computed and is to be read
  std::vector<GenePanel> panels;
  std::vector<GeneSetRow> gene_sets;  // most significant first
  int64_t num_gene_sets = 0;          // rows of which these are the first
};

// A row of the preparation's account, see prepare.tsv.
struct PreparationRow {
  std::string modality, what, count, first;
};

// How far the samples' origin goes together with what is predicted, see stats/association.h.
struct BatchAssociation {
  std::string grouping;  // "tissue source site", "batch"
  int64_t groups = 0, samples = 0, degrees_of_freedom = 0;
  double chi_square = kNotANumber, p_value = kNotANumber;
  double cramers_v = kNotANumber, cramers_v_corrected = kNotANumber;
};

struct ReportData {
  std::string title;
  std::string task;                // "classification", "survival", ...
  std::string target;              // the label column
  std::string model;               // name of our method in tables and sentences
  std::vector<std::string> facts;  // short phrases under the title
  std::string primary_metric;      // the metric of the verdict
  std::vector<std::pair<std::string, int64_t>> classes;  // name, samples
  double test_share =
      kNotANumber;  // mean share of the samples in a test fold, for paired intervals
  std::vector<ReportCondition> conditions;
  std::vector<SurvivalFigure> survival;
  std::vector<TrainingCurve> curves;
  std::vector<EmbeddingPanel> embeddings;
  std::string embedding_note;  // how the coordinates were made
  ReportExplanation explanation;
  std::vector<PreparationRow> preparation;
  std::vector<BatchAssociation> batches;
  std::vector<std::pair<std::string, std::string>> chosen;  // fold, settings that a search chose
  std::vector<std::string> warnings;
  std::vector<std::pair<std::string, std::string>> provenance;
  std::string recipe;  // JSON text with all defaults
};

}  // namespace cohesin
