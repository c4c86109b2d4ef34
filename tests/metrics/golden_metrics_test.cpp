// Every case of tests/golden/metrics against the library it was made with.
#include <cmath>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>

#include "cohesin/metrics/concordance.h"
#include "cohesin/metrics/label_metrics.h"
#include "cohesin/metrics/probability_metrics.h"
#include "cohesin/metrics/ranking_metrics.h"
#include "cohesin/metrics/value_metrics.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using Json = nlohmann::json;
using Metric = std::function<Json(const Json& data, const Json& options)>;

double number(const Json& value) {
  if (!value.is_string()) return value.get<double>();
  const auto text = value.get<std::string>();
  if (text == "nan") return std::nan("");
  return text == "inf" ? INFINITY : -INFINITY;
}

std::vector<double> numbers(const Json& values) {
  std::vector<double> flat;
  for (const Json& value : values) {
    if (value.is_array()) {
      for (const Json& inner : value) flat.push_back(number(inner));
    } else {
      flat.push_back(number(value));
    }
  }
  return flat;
}

std::vector<int64_t> labels(const Json& values) { return values.get<std::vector<int64_t>>(); }

void expect_equal(const Json& ours, const Json& theirs, const std::string& where) {
  if (theirs.is_object()) {
    for (const auto& [key, value] : theirs.items()) {
      if (key == "torchmetrics") continue;  // closes the bins on their other side
      expect_equal(ours.at(key), value, where + " " + key);
    }
  } else if (theirs.is_array()) {
    ASSERT_EQ(ours.size(), theirs.size()) << where;
    for (size_t i = 0; i < theirs.size(); ++i) expect_equal(ours[i], theirs[i], where);
  } else {
    const double a = ours.get<double>(), b = number(theirs);
    if (std::isfinite(b)) {
      EXPECT_NEAR(a, b, 1e-9 * std::max(std::abs(b), 1e-3)) << where;
    } else {
      EXPECT_TRUE(std::isnan(b) ? std::isnan(a) : a == b) << where << ": " << a;
    }
  }
}

// Runs the cases; what the library refuses must be an Error or NaN. Returns how many ran.
int run_golden(const std::string& file, const std::map<std::string, Metric>& metrics) {
  std::ifstream stream(testing::golden("metrics/" + file));
  const Json golden = Json::parse(stream);
  int run = 0;
  for (const Json& entry : golden.at("cases")) {
    const auto name = entry.at("metric").get<std::string>();
    if (entry.at("library").get<std::string>().find("torchmetrics") == 0) continue;
    if (name != "mse" && entry.at("data") == "nearly_constant") continue;  // rounding noise
    const std::string where = file + " " + entry.at("data").get<std::string>() + " " + name;
    if (metrics.count(name) == 0) {
      ADD_FAILURE() << where << ": not tested";
      continue;
    }
    const Json& data = golden.at("data").at(entry.at("data").get<std::string>());
    ++run;
    if (!entry.contains("raises")) {
      expect_equal(metrics.at(name)(data, entry.at("options")), entry.at("expected"), where);
      continue;
    }
    try {
      const Json value = metrics.at(name)(data, entry.at("options"));
      EXPECT_TRUE(std::isnan((value.is_object() ? value.at("c_index") : value).get<double>()))
          << where;
    } catch (const Error&) {
    }
  }
  return run;
}

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

TEST(Concordance, EqualsTheReferenceLibrary) {
  const Metric harrell = [](const Json& data, const Json&) {
    const Concordance c =
        concordance(numbers(data.at("time")), labels(data.at("event")), numbers(data.at("risk")));
    return Json{{"c_index", c.c_index()},
                {"concordant", c.concordant},
                {"discordant", c.discordant},
                {"tied_risk", c.tied_risk},
                {"tied_time", c.tied_time}};
  };
  EXPECT_EQ(run_golden("concordance.json", {{"concordance_index", harrell}}), 17);
}

}  // namespace
}  // namespace cohesin
