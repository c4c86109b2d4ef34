#include "cohesin/train/schedule.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(Schedule, RisesOverTheWarmUpAndReachesTheFullRate) {
  const Schedule schedule(1.0, "linear", 0.4, 10);
  EXPECT_DOUBLE_EQ(schedule.at(0), 0.25);
  EXPECT_DOUBLE_EQ(schedule.at(3), 1.0);
  EXPECT_DOUBLE_EQ(schedule.at(4), 1.0);
}

TEST(Schedule, FallsToZeroAfterTheLastStep) {
  const Schedule linear(2.0, "linear", 0.0, 4);
  EXPECT_DOUBLE_EQ(linear.at(0), 2.0);
  EXPECT_DOUBLE_EQ(linear.at(3), 0.5);
  const Schedule cosine(2.0, "cosine", 0.0, 4);
  EXPECT_DOUBLE_EQ(cosine.at(0), 2.0);
  EXPECT_DOUBLE_EQ(cosine.at(2), 1.0);
  EXPECT_NEAR(cosine.at(4), 0.0, 1e-15);
}

TEST(Schedule, ConstantStaysAfterTheWarmUp) {
  const Schedule schedule(0.3, "constant", 0.5, 4);
  EXPECT_DOUBLE_EQ(schedule.at(0), 0.15);
  EXPECT_DOUBLE_EQ(schedule.at(1), 0.3);
  EXPECT_DOUBLE_EQ(schedule.at(1000), 0.3);
}

TEST(Schedule, RefusesAnUnknownShape) {
  EXPECT_ERROR(Schedule(1.0, "stairs", 0.0, 4), "'stairs' is unknown");
}

}  // namespace
}  // namespace cohesin
