#include "cohesin/tasks/task_config.h"

#include <gmock/gmock.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

TaskConfig joint() {
  TaskConfig task;
  task.name = "joint";
  task.kinds = {"survival", "classification", "regression"};
  task.target = "type";
  task.classes = {"a", "b", "c"};
  task.values = {"age", "purity"};
  return task;
}

TEST(TaskConfig, OutputsOfAJointTaskStandSideBySide) {
  TaskConfig task = joint();
  EXPECT_EQ(task.num_outputs(), 6);
  EXPECT_EQ(task.outputs_of(TaskKind::survival).begin, 3);
  EXPECT_EQ(task.outputs_of(TaskKind::regression).begin, 4);
  task.hazard = "discrete";
  task.interval_ends_days = {10, 20};
  EXPECT_EQ(task.num_outputs(), 7);
  task.kinds = {"survival", "regression"};
  EXPECT_EQ(task.outputs_of(TaskKind::classification).count, 0);
  EXPECT_EQ(task.outputs_of(TaskKind::survival).begin, 0);
}

TEST(TaskConfig, ARegressionMayNameItsColumnAsTarget) {
  TaskConfig task;
  task.name = "regression";
  task.target = "age";
  task.resolve();
  task.check("recipe.json");
  EXPECT_EQ(task.values, std::vector<std::string>{"age"});
}

TEST(TaskConfig, RefusesWhatCannotBeAsked) {
  const auto refusal = [](auto change) {
    TaskConfig task = joint();
    change(task);
    try {
      task.check("recipe.json");
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("accepted");
  };
  EXPECT_EQ(refusal([](TaskConfig&) {}), "accepted");
  EXPECT_THAT(refusal([](TaskConfig& t) { t.name = "survial"; }),
              ::testing::HasSubstr("did you mean 'survival'?"));
  EXPECT_THAT(refusal([](TaskConfig& t) { t.kinds = {"survival"}; }),
              ::testing::HasSubstr("two or three different kinds"));
  EXPECT_THAT(refusal([](TaskConfig& t) { t.values.clear(); }),
              ::testing::HasSubstr("task.values"));
  EXPECT_THAT(refusal([](TaskConfig& t) {
                t.horizons_days = {365, 365};
              }),
              ::testing::HasSubstr("rising days"));
  EXPECT_THAT(refusal([](TaskConfig& t) { t.hazard = "weibull"; }),
              ::testing::HasSubstr("cox or discrete"));
  EXPECT_THAT(refusal([](TaskConfig& t) { t.covariates = {"age"}; }),
              ::testing::HasSubstr("task.linear_path"));
}

}  // namespace
}  // namespace cohesin
