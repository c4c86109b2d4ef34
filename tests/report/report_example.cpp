#include "tests/report/report_example.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cohesin/base/philox.h"
#include "cohesin/metrics/label_metrics.h"
#include "cohesin/metrics/probability_metrics.h"
#include "cohesin/metrics/ranking_metrics.h"
#include "cohesin/metrics/scores.h"
#include "cohesin/stats/embedding_map.h"

namespace cohesin::testing {
namespace {

const std::vector<std::pair<std::string, int64_t>> kClasses = {
    {"LumA", 419}, {"Her2", 46}, {"LumB", 140}, {"Basal", 130}, {"Normal", 34}};
// Where the classes lie: luminal A and B near each other, basal far away.
constexpr double kCentres[5][3] = {
    {0, 0, 0}, {2.2, 1.8, 0}, {1.5, 0.2, 0.4}, {4.5, 0, 0.5}, {-1.6, 1.6, 0.6}};

struct Simulated {
  std::vector<int64_t> truth, predicted;
  std::vector<std::string> fold;
  std::vector<double> probability;  // [n, 5]
  EmbeddingRows rows;
};

// Samples around their class centre; `noise` is what the method does not know.
Simulated simulate(const std::string& method, double noise, double sharpness) {
  Simulated made;
  for (int64_t c = 0, index = 0; c < 5; ++c)
    for (int64_t i = 0; i < kClasses[static_cast<size_t>(c)].second; ++i, ++index) {
      RandomStream biology(1, "sample", static_cast<uint64_t>(index));
      RandomStream error(2, method, static_cast<uint64_t>(index));
      std::vector<double> x;
      for (const double centre : kCentres[c]) x.push_back(centre + 0.55 * biology.normal());
      double logits[5], sum = 0;
      for (int k = 0; k < 5; ++k) {
        double distance = 0;
        for (int d = 0; d < 3; ++d)
          distance += std::pow(x[static_cast<size_t>(d)] - kCentres[k][d], 2);
        logits[k] = std::exp(sharpness * (-distance + noise * error.normal()));
        sum += logits[k];
      }
      for (const double logit : logits) made.probability.push_back(logit / sum);
      made.predicted.push_back(std::max_element(logits, logits + 5) - logits);
      made.truth.push_back(c);
      made.fold.push_back(fmt::format("{}", index % 5));
      for (int d = 3; d < 12; ++d) x.push_back(0.45 * biology.normal());
      made.rows.push_back(x);
    }
  return made;
}

MethodScores score(const std::string& name, bool is_baseline, const std::string& modalities,
                   const Simulated& made) {
  MethodScores method{name, is_baseline, modalities, {}};
  const auto group = summarize_scores(
      ClassOutcomes{5, made.truth, made.predicted, made.probability}, made.fold, {0, 40});
  for (const auto& [metric, summary] : group.metrics)
    method.scores.push_back(
        {metric, summary.mean, summary.sd, summary.ci95[0], summary.ci95[1], summary.folds});
  return method;
}

void add_evidence(ReportCondition& condition, const Simulated& made) {
  condition.num_samples = static_cast<int64_t>(made.truth.size());
  const auto matrix = confusion_matrix(made.truth, made.predicted, 5);
  for (int64_t i = 0; i < 5; ++i) {
    condition.confusion.counts.emplace_back();
    for (int64_t j = 0; j < 5; ++j) condition.confusion.counts.back().push_back(matrix.at(i, j));
  }
  for (int64_t c = 0; c < 5; ++c) {
    std::vector<int64_t> is_class;
    std::vector<double> probability;
    for (size_t i = 0; i < made.truth.size(); ++i) {
      is_class.push_back(made.truth[i] == c ? 1 : 0);
      probability.push_back(made.probability[i * 5 + static_cast<size_t>(c)]);
    }
    const auto curve = roc_curve(is_class, probability);
    condition.roc.push_back({static_cast<int>(c), auroc(is_class, probability),
                             curve.false_positive_rate, curve.true_positive_rate});
  }
  const auto bins = top_label_calibration(made.truth, made.probability, 5);
  for (size_t b = 0; b < bins.size(); ++b)
    condition.reliability.push_back({static_cast<double>(b) / 15, static_cast<double>(b + 1) / 15,
                                     bins[b].count, bins[b].mean_confidence, bins[b].accuracy});
  condition.calibration_error = expected_calibration_error(bins);
}

std::vector<TrainingCurve> make_curves() {
  std::vector<TrainingCurve> curves;
  for (const char* stage : {"pre-training", "training"})
    for (int fold = 0; fold < 5; ++fold) {
      TrainingCurve curve{stage, fmt::format("fold {}", fold), {}, {}, {}};
      const bool pretraining = stage[0] == 'p';
      RandomStream random(3, stage, static_cast<uint64_t>(fold));
      for (int step = 10; step <= (pretraining ? 600 : 400); step += 10) {
        const double t = step / (pretraining ? 180.0 : 70.0);
        const double floor = pretraining ? 2.9 : 0.1;
        const double train = floor + (pretraining ? 1.2 : 1.4) * std::exp(-t);
        curve.step.push_back(step);
        curve.train_loss.push_back(train + 0.03 * random.normal());
        curve.validation_loss.push_back(step % 20 == 0 ? train + 0.12 + 0.05 * t * t / 3 +
                                                             0.02 * random.normal()
                                                       : kNotANumber);
      }
      curves.push_back(curve);
    }
  return curves;
}

EmbeddingPanel make_panel(const Simulated& made, int map_iterations) {
  EmbeddingPanel panel;
  EmbeddingMapOptions options;
  options.iterations = map_iterations;
  const auto map = map_embeddings(made.rows, options);
  std::vector<int> labels;
  for (size_t i = 0; i < map.size(); ++i) {
    labels.push_back(static_cast<int>(made.truth[i]));
    panel.points.push_back({map[i][0], map[i][1], labels.back(),
                            static_cast<int>(made.predicted[i]), fmt::format("TCGA-{:04}", i)});
  }
  panel.num_samples = static_cast<int64_t>(map.size());
  panel.same_class = nearest_neighbour_agreement(made.rows, labels);
  return panel;
}

// Ten genes a class; the whiskers of the last reach over zero.
ReportExplanation make_explanation() {
  ReportExplanation explanation;
  explanation.introduction = "What each gene adds to a class in samples of that class.";
  for (const auto& [name, count] : kClasses) {
    GenePanel panel{name, {}, 1200};
    RandomStream random(4, "genes", stable_hash(name));
    for (int i = 0; i < 10; ++i) {
      const double mean = (i % 4 == 3 ? -0.4 : 0.5) / (1 + 0.4 * i);
      const double half = 0.05 + 0.12 * random.uniform();
      panel.genes.push_back({fmt::format("GENE{}", random.below(900)),
                             random.uniform() < 0.6 ? "rnaseq" : "methylation", mean, mean - half,
                             mean + half, 1.3 * std::abs(mean), count});
    }
    explanation.panels.push_back(panel);
  }
  explanation.gene_sets = {
      {"HALLMARK_ESTROGEN_RESPONSE_EARLY", "LumA", "rnaseq", 92, 18, 3.8, 2.1e-7, 1.84, 0.006},
      {"HALLMARK_G2M_CHECKPOINT", "Basal", "rnaseq", 84, 9, 3.5, 0.031, 1.52, 0.044}};
  explanation.num_gene_sets = 500;
  return explanation;
}

}  // namespace

ReportData make_report_example(int map_iterations) {
  ReportData data;
  data.title = "pam50 of 769 samples from rnaseq and methylation";
  data.task = "classification";
  data.target = "pam50";
  data.model = "mojo";
  data.facts = {"769 samples", "5 classes", "5 folds", "rnaseq + methylation", "model mojo"};
  data.primary_metric = "weighted_f1";
  data.classes = kClasses;
  data.test_share = 0.2;
  struct Setting {
    const char *name, *hidden;
    double noise;
  };
  for (const Setting& setting :
       {Setting{"all modalities", "", 0.5}, Setting{"without methylation", "methylation", 0.55},
        Setting{"without rnaseq", "rnaseq", 0.95}}) {
    ReportCondition condition;
    condition.name = setting.name;
    condition.hidden = setting.hidden;
    const Simulated ours = simulate("mojo" + condition.name, setting.noise, 1.6);
    condition.methods.push_back(score("mojo", false, "rnaseq,methylation", ours));
    for (const auto& [name, extra] :
         std::vector<std::pair<std::string, double>>{{"majority", 0},
                                                     {"logistic", -0.05},
                                                     {"logistic_rnaseq", 0.12},
                                                     {"pca_logistic", 0.1},
                                                     {"mlp", 0.04}}) {
      Simulated theirs = simulate(name + condition.name, setting.noise + extra, 1.0);
      if (name == "majority")
        for (size_t i = 0; i < theirs.truth.size(); ++i) {
          theirs.predicted[i] = 0;
          for (size_t k = 0; k < 5; ++k)
            theirs.probability[i * 5 + k] = static_cast<double>(kClasses[k].second) / 769;
        }
      condition.methods.push_back(score(name, true, "rnaseq,methylation", theirs));
    }
    add_evidence(condition, ours);
    if (condition.hidden.empty()) data.embeddings.push_back(make_panel(ours, map_iterations));
    data.conditions.push_back(std::move(condition));
  }
  data.curves = make_curves();
  data.embedding_note =
      "Exact t-SNE of the pooled embeddings, each by the fold model that did not see the sample. "
      "Neighbourhoods have a meaning here; distances between clouds and their sizes have none.";
  data.explanation = make_explanation();
  data.preparation = {{"rnaseq", "samples", "769", ""},
                      {"rnaseq", "features without a gene id", "4", "?|100130426"},
                      {"methylation", "values below 0 set to 0", "1,203", "TCGA-3C-AAAU TP53"},
                      {"labels", "samples without a label", "2", "TCGA-A1-A0SD"}};
  data.provenance = {
      {"version", "cohesin 0.1.0"},
      {"seed", "0"},
      {"cohort.h5mu", "sha256 9f2c4e0b8a7d615f3c2b1a09e8d7c6b5a493827160fedcba9876543210abcdef"}};
  data.recipe = "{\n  \"model\": {\n    \"name\": \"mojo\"\n  }\n}\n";
  return data;
}

}  // namespace cohesin::testing
