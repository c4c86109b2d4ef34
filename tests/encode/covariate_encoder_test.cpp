#include "cohesin/encode/covariate_encoder.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;

Frame clinic() {
  Frame obs;
  obs.index = {"a", "b", "c", "d"};
  obs.set({"age", std::vector<double>{40, 60, std::nan(""), 1e6}});
  obs.set({"stage", std::vector<std::string>{"I", "II", "I", "IV"}});
  obs.set({"site", std::vector<std::string>{"x", "x", "x", "y"}});
  return obs;
}

TEST(CovariateEncoder, FitsOnTrainingSamplesAlone) {
  const auto encoder = CovariateEncoder::fit(clinic(), {0, 1, 2}, {"age", "stage"});
  EXPECT_THAT(encoder.feature_names(), ElementsAre("age", "age:missing", "stage=I", "stage=II"));
  const auto encoded = encoder.encode(clinic());
  EXPECT_THAT(encoded.values, ElementsAre(-1, 0, 1, 0,    // a: (40 - 50) / 10
                                          1, 0, 0, 1,     // b
                                          0, 1, 1, 0,     // c: age not known
                                          10, 0, 0, 0));  // d: clipped; stage IV is new
  EXPECT_THAT(encoded.known, ElementsAre(1, 1, 1, 1));
  EXPECT_THAT(encoded.notes, ElementsAre(::testing::HasSubstr("'stage': 'IV' (1 samples)")));
}

TEST(CovariateEncoder, ReadsBackWhatItWrites) {
  const auto encoder = CovariateEncoder::fit(clinic(), {0, 1, 2}, {"age", "stage"});
  const auto again = CovariateEncoder::read(encoder.text(), "covariates.json");
  EXPECT_EQ(again.text(), encoder.text());
  EXPECT_EQ(again.encode(clinic()).values, encoder.encode(clinic()).values);
}

TEST(CovariateEncoder, ACohortWithoutTheColumnsHasNoneKnown) {
  const auto encoder = CovariateEncoder::fit(clinic(), {0, 1, 2}, {"age"});
  Frame other;
  other.index = {"z"};
  const auto encoded = encoder.encode(other);
  EXPECT_THAT(encoded.values, ElementsAre(0, 1));
  EXPECT_THAT(encoded.known, ElementsAre(0));
  EXPECT_EQ(encoded.notes.size(), 1U);
}

TEST(CovariateEncoder, RefusesWhatSaysNothingOrIsAnotherKind) {
  EXPECT_ERROR(CovariateEncoder::fit(clinic(), {0, 1, 2}, {"site"}), "'site' is the same");
  EXPECT_ERROR(CovariateEncoder::fit(clinic(), {0, 1}, {"aeg"}), "age");
  const auto encoder = CovariateEncoder::fit(clinic(), {0, 1, 2}, {"age"});
  Frame other;
  other.index = {"z"};
  other.set({"age", std::vector<std::string>{"old"}});
  EXPECT_ERROR(encoder.encode(other), "trained on numbers, the cohort has text");
}

}  // namespace
}  // namespace cohesin
