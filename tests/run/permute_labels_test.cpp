#include "cohesin/run/permute_labels.h"

#include <algorithm>
#include <cmath>

#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(PermuteOutcomes, TimeAndEventMoveTogetherAndUnknownOnesStay) {
  MultiOmics cohort = *testing::make_cohort(40, 3);
  const MultiOmics before = cohort;
  TaskConfig task;
  task.name = "survival";
  const auto samples = testing::all_samples(cohort);
  permute_outcomes(cohort, task, samples, 5);
  std::vector<std::pair<double, double>> pairs, pairs_before;
  int64_t moved = 0;
  for (size_t i = 0; i < 40; ++i) {
    const auto pair_of = [i](const MultiOmics& one) {
      return std::make_pair(one.obs.at("time_days", "").numbers()[i],
                            one.obs.at("event", "").numbers()[i]);
    };
    if (i == 3) {
      EXPECT_TRUE(std::isnan(pair_of(cohort).first));
      continue;
    }
    pairs.push_back(pair_of(cohort));
    pairs_before.push_back(pair_of(before));
    moved += pairs.back() != pairs_before.back() ? 1 : 0;
  }
  EXPECT_GT(moved, 30);
  std::sort(pairs.begin(), pairs.end());
  std::sort(pairs_before.begin(), pairs_before.end());
  EXPECT_EQ(pairs, pairs_before);
  EXPECT_EQ(cohort.obs.at("class", "").text(), before.obs.at("class", "").text());
}

TEST(PermuteOutcomes, TheSeedDecidesAndOthersSamplesStay) {
  const MultiOmics cohort = *testing::make_cohort(40, 3);
  TaskConfig task;
  task.name = "classification";
  task.target = "class";
  std::vector<int64_t> samples;
  for (int64_t s = 0; s < 30; ++s) samples.push_back(s);
  MultiOmics one = cohort, two = cohort, three = cohort;
  EXPECT_EQ(permute_outcomes(one, task, samples, 1), permute_outcomes(two, task, samples, 1));
  EXPECT_NE(permute_outcomes(three, task, samples, 2), permute_outcomes(two, task, samples, 1));
  for (size_t s = 30; s < 40; ++s)
    EXPECT_EQ(one.obs.at("class", "").text()[s], cohort.obs.at("class", "").text()[s]);
  task.name = "masked_lm";
  EXPECT_ERROR(permute_outcomes(one, task, samples, 1),
               "no outcome is known of the task masked_lm");
}

}  // namespace
}  // namespace cohesin
