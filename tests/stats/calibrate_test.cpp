#include "cohesin/stats/calibrate.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/philox.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

std::vector<double> softmax(const std::vector<double>& logits) {
  std::vector<double> p;
  double sum = 0;
  for (const double logit : logits) {
    p.push_back(std::exp(logit));
    sum += p.back();
  }
  for (double& value : p) value /= sum;
  return p;
}

int64_t draw(const std::vector<double>& probability, RandomStream& random) {
  double rest = random.uniform();
  for (size_t k = 0; k < probability.size(); ++k) {
    rest -= probability[k];
    if (rest < 0) return static_cast<int64_t>(k);
  }
  return static_cast<int64_t>(probability.size()) - 1;
}

// Three classes; labels are drawn from the softmax of the logits.
struct Samples {
  Samples(size_t n, uint64_t seed) {
    RandomStream random(seed, "calibrate");
    for (size_t i = 0; i < n; ++i) {
      std::vector<double> row;
      for (int k = 0; k < 3; ++k) row.push_back(4 * random.uniform());
      labels.push_back(draw(softmax(row), random));
      logits.insert(logits.end(), row.begin(), row.end());
    }
  }
  std::vector<double> row(size_t i) const {
    return {logits.begin() + static_cast<int64_t>(3 * i),
            logits.begin() + static_cast<int64_t>(3 * i + 3)};
  }
  std::vector<double> logits;
  std::vector<int64_t> labels;
};

TEST(Temperature, UndoesAFactorOnTheLogits) {
  Samples samples(20000, 1);
  EXPECT_NEAR(fit_temperature(samples.logits, samples.labels, 3), 1.0, 0.05);
  for (double& logit : samples.logits) logit *= 3;
  EXPECT_NEAR(fit_temperature(samples.logits, samples.labels, 3), 3.0, 0.15);
  EXPECT_ERROR(fit_temperature(samples.logits, samples.labels, 2), "2 logits a sample");
}

TEST(Temperature, AFewSamplesThatAreAllRightAskForNoCertainty) {
  const std::vector<double> logits = {2, 0, 0, 2, 2, 0, 0, 2};
  const double temperature = fit_temperature(logits, std::vector<int64_t>{0, 1, 0, 1}, 2);
  // The smoothed share of the right class is 5 / 6: logits differ by log 5.
  EXPECT_NEAR(temperature, 2 / std::log(5.0), 1e-3);
}

TEST(Conformal, PValueCountsTheSampleItself) {
  const std::vector<double> rising = {0.1, 0.2, 0.2, 0.9};
  EXPECT_DOUBLE_EQ(conformal_p_value(rising, 0.2), 4.0 / 5);
  EXPECT_DOUBLE_EQ(conformal_p_value(rising, 0.95), 1.0 / 5);
  EXPECT_DOUBLE_EQ(conformal_p_value({}, 0.5), 1.0);
}

TEST(Conformal, SetsHoldTheTruthAsOftenAsTheySayEvenOfAnOverconfidentModel) {
  for (const double coverage : {0.8, 0.9}) {
    double covered = 0, total = 0;
    for (uint64_t repeat = 0; repeat < 20; ++repeat) {
      const Samples calibration(200, 100 + repeat), test(200, 200 + repeat);
      const auto probability = [](std::vector<double> logits) {
        for (double& logit : logits) logit *= 2.5;  // overconfident
        return softmax(logits);
      };
      std::vector<double> scores;
      for (size_t i = 0; i < calibration.labels.size(); ++i)
        scores.push_back(nonconformity(probability(calibration.row(i)), calibration.labels[i]));
      std::sort(scores.begin(), scores.end());
      for (size_t i = 0; i < test.labels.size(); ++i) {
        const double value = nonconformity(probability(test.row(i)), test.labels[i]);
        covered += conformal_p_value(scores, value) > 1 - coverage ? 1 : 0;
        total += 1;
      }
    }
    EXPECT_NEAR(covered / total, coverage, 0.03) << coverage;
  }
}

}  // namespace
}  // namespace cohesin
