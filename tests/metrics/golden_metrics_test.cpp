// Every case of tests/golden/metrics against the library it was made with.
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "cohesin/metrics/label_metrics.h"
#include "cohesin/metrics/probability_metrics.h"
#include "cohesin/metrics/ranking_metrics.h"
#include "cohesin/metrics/value_metrics.h"
#include "tests/metrics/golden_cases.h"

namespace cohesin {
namespace {

using testing::Json;
using testing::labels;
using testing::Metric;
using testing::number;
using testing::numbers;
using testing::run_golden;

ConfusionMatrix matrix_of(const Json& data) {
  return confusion_matrix(labels(data.at("y")), labels(data.at("prediction")), data.at("classes"));
}

Json f1_of(const Json& data, const Json& options) {
  const ConfusionMatrix matrix = matrix_of(data);
  if (options.at("average") == "weighted") return weighted_f1(matrix);
  if (options.at("average") == "micro") return micro_f1(matrix);
  return macro_f1(
      matrix, options.at("labels") == "all declared" ? ClassSet::kDeclared : ClassSet::kPresent);
}

Json confusion_rows(const Json& data, const Json&) {
  const ConfusionMatrix matrix = matrix_of(data);
  Json rows = Json::array();
  for (int64_t t = 0; t < matrix.num_classes; ++t) {
    rows.push_back(Json::array());
    for (int64_t p = 0; p < matrix.num_classes; ++p) rows.back().push_back(matrix.at(t, p));
  }
  return rows;
}

Json per_class(const Json& data, const Json&) {
  const ClassReport report = class_report(matrix_of(data));
  return {{"precision", report.precision},
          {"recall", report.recall},
          {"f1", report.f1},
          {"support", report.support}};
}

TEST(LabelMetrics, EqualTheReferenceLibrary) {
  const auto of_matrix = [](double (*metric)(const ConfusionMatrix&)) {
    return [metric](const Json& data, const Json&) { return Json(metric(matrix_of(data))); };
  };
  EXPECT_EQ(run_golden("labels.json", {{"accuracy", of_matrix(accuracy)},
                                       {"balanced_accuracy", of_matrix(balanced_accuracy)},
                                       {"mcc", of_matrix(matthews_correlation)},
                                       {"cohen_kappa", of_matrix(cohen_kappa)},
                                       {"confusion_matrix", confusion_rows},
                                       {"f1", f1_of},
                                       {"per_class", per_class}}),
            156);
}

Json binary_curves(const Json& data, const Json&) {
  const auto truth = labels(data.at("y"));
  const auto score = numbers(data.at("score"));
  const RocCurve roc = roc_curve(truth, score);
  const PrecisionRecallCurve pr = precision_recall_curve(truth, score);
  return {{"fpr", roc.false_positive_rate},
          {"tpr", roc.true_positive_rate},
          {"roc_threshold", roc.threshold},
          {"precision", pr.precision},
          {"recall", pr.recall},
          {"pr_threshold", pr.threshold}};
}

TEST(BinaryScores, EqualTheReferenceLibrary) {
  const auto of_score = [](double (*metric)(std::span<const int64_t>, std::span<const double>)) {
    return [metric](const Json& data, const Json&) {
      return Json(metric(labels(data.at("y")), numbers(data.at("score"))));
    };
  };
  const Metric top_label = [](const Json& data, const Json& options) {
    return Json(expected_calibration_error(binary_top_label_calibration(
        labels(data.at("y")), numbers(data.at("score")), options.at("bins"))));
  };
  const Metric positive = [](const Json& data, const Json& options) {
    return Json{
        {"value", expected_calibration_error(positive_class_calibration(
                      labels(data.at("y")), numbers(data.at("score")), options.at("bins")))}};
  };
  EXPECT_EQ(run_golden("binary_scores.json", {{"auroc", of_score(auroc)},
                                              {"average_precision", of_score(average_precision)},
                                              {"log_loss", of_score(binary_log_loss)},
                                              {"brier", of_score(brier_score)},
                                              {"ece_top_label", top_label},
                                              {"ece_positive", positive},
                                              {"curves", binary_curves}}),
            127);
}

TEST(ClassScores, EqualTheReferenceLibrary) {
  const auto of_ranking = [](const std::function<Json(const RankingByClass&)>& metric) {
    return [metric](const Json& data, const Json&) {
      return metric(ranking_by_class(labels(data.at("y")), numbers(data.at("probability")),
                                     data.at("classes")));
    };
  };
  const Metric loss = [](const Json& data, const Json&) {
    return Json(
        log_loss(labels(data.at("y")), numbers(data.at("probability")), data.at("classes")));
  };
  const Metric top_k = [](const Json& data, const Json& options) {
    return Json(top_k_accuracy(labels(data.at("y")), numbers(data.at("probability")),
                               data.at("classes"), options.at("k")));
  };
  const Metric ece = [](const Json& data, const Json& options) {
    return Json{{"value", expected_calibration_error(top_label_calibration(
                              labels(data.at("y")), numbers(data.at("probability")),
                              data.at("classes"), options.at("bins")))}};
  };
  EXPECT_EQ(
      run_golden(
          "class_scores.json",
          {{"auroc_ovr_macro", of_ranking([](const auto& r) { return macro_auroc(r); })},
           {"auroc_ovr_weighted", of_ranking([](const auto& r) { return weighted_auroc(r); })},
           {"auroc_per_class", of_ranking([](const auto& r) { return r.auroc; })},
           {"average_precision_macro",
            of_ranking([](const auto& r) { return macro_average_precision(r); })},
           {"average_precision_per_class",
            of_ranking([](const auto& r) { return r.average_precision; })},
           {"log_loss", loss},
           {"top_k_accuracy", top_k},
           {"ece_top_label", ece}}),
      63);
}

// Applies a metric to two vectors, or to each column of two matrices.
Metric by_column(double (*metric)(std::span<const double>, std::span<const double>)) {
  return [metric](const Json& data, const Json&) {
    const auto truth = numbers(data.at("y")), predicted = numbers(data.at("prediction"));
    if (!data.at("y")[0].is_array()) return Json(metric(truth, predicted));
    const size_t columns = data.at("y")[0].size();
    Json values = Json::array();
    for (size_t j = 0; j < columns; ++j) {
      std::vector<double> a, b;
      for (size_t i = j; i < truth.size(); i += columns) {
        a.push_back(truth[i]);
        b.push_back(predicted[i]);
      }
      values.push_back(metric(a, b));
    }
    return values;
  };
}

TEST(ValueMetrics, EqualTheReferenceLibrary) {
  const Metric flattened = [](const Json& data, const Json&) {
    return Json(pearson_correlation(numbers(data.at("y")), numbers(data.at("prediction"))));
  };
  const Metric mean_r2 = [](const Json& data, const Json& options) {
    double sum = 0;
    const auto columns = numbers(by_column(r_squared)(data, options));
    for (const double value : columns) sum += value;
    return Json(sum / static_cast<double>(columns.size()));
  };
  EXPECT_EQ(run_golden("regression.json", {{"pearson", by_column(pearson_correlation)},
                                           {"spearman", by_column(spearman_correlation)},
                                           {"kendall_tau_b", by_column(kendall_correlation)},
                                           {"mse", by_column(mean_squared_error)},
                                           {"mae", by_column(mean_absolute_error)},
                                           {"r2", by_column(r_squared)},
                                           {"r2_mean", mean_r2},
                                           {"pearson_flattened", flattened}}),
            99);
}

}  // namespace
}  // namespace cohesin
