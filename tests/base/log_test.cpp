#include "cohesin/base/log.h"

#include <gmock/gmock.h>

#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/base/log_receiver.h"
#include "cohesin/base/progress.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

// What `work` writes to stderr.
template <typename Work>
std::string stderr_of(const Work& work) {
  ::testing::internal::CaptureStderr();
  work();
  return ::testing::internal::GetCapturedStderr();
}

class Log : public ::testing::Test {
 protected:
  void TearDown() override { configure_log(false, ""); }
};

TEST_F(Log, GoesToStderrAsPlainLines) {
  EXPECT_EQ(stderr_of([] {
              log_info("{} samples", 3);
              log_warning("odd");
              log_error("bad {{}} {}", "%d");
            }),
            "3 samples\nwarning: odd\nerror: bad {} %d\n");
}

TEST_F(Log, QuietLeavesErrorsOnly) {
  configure_log(true, "");
  EXPECT_EQ(stderr_of([] {
              log_info("x");
              log_warning("y");
              log_error("z");
            }),
            "error: z\n");
}

TEST_F(Log, JsonFileHoldsEveryLine) {
  const testing::TempFolder folder;
  configure_log(true, (folder / "log.jsonl").string());
  stderr_of([] {
    log_info("say \"é\"\n");
    log_warning("y");
  });
  std::ifstream file(folder / "log.jsonl");
  std::string line;
  ASSERT_TRUE(std::getline(file, line));
  const auto first = nlohmann::json::parse(line);
  EXPECT_EQ(first.at("text"), "say \"é\"\n");
  EXPECT_EQ(first.at("level"), "info");
  EXPECT_EQ(first.at("time").get<std::string>().size(), 20U);
  ASSERT_TRUE(std::getline(file, line));
  EXPECT_EQ(nlohmann::json::parse(line).at("level"), "warning");
}

TEST_F(Log, JsonFileThatCannotBeWrittenIsAnError) {
  EXPECT_ERROR(configure_log(false, "/no/such/folder/log"), "/no/such/folder/log");
}

TEST_F(Log, ProgressElsewhereThanOnATerminalIsALineAMinute) {
  double seconds = 0;
  const auto loop = [&seconds] {
    Progress progress("pre-training", 300, "steps", [&seconds] { return seconds; });
    for (int step = 0; step < 300; ++step) {
      seconds += 0.5;
      progress.set_note("loss 1.5");
      progress.advance();
    }
  };
  EXPECT_EQ(stderr_of(loop),
            "pre-training 40 % 120/300 steps, 2.0 a second, 1 min 30 s left, loss 1.5\n"
            "pre-training 80 % 240/300 steps, 2.0 a second, 30 s left, loss 1.5\n");
  configure_log(true, "");
  EXPECT_EQ(stderr_of(loop), "");
}

TEST_F(Log, AReceiverGetsLinesAndProgressInThePlaceOfStderr) {
  std::vector<std::string> lines, statuses;
  double seconds = 0;
  const auto loop = [&seconds] {
    Progress progress("fit", 2, "steps", [&seconds] { return seconds; });
    seconds += 100;
    progress.advance();
  };
  const auto take_line = [&lines](LogLevel level, const std::string& text) {
    lines.push_back((level == LogLevel::kWarning ? "careful: " : "") + text);
  };
  send_log_to({take_line, [&statuses](const std::string& text) { statuses.push_back(text); }});
  EXPECT_EQ(stderr_of([&loop] {
              log_warning("odd");
              loop();
            }),
            "");
  EXPECT_THAT(lines, ElementsAre("careful: odd"));
  EXPECT_THAT(statuses, ElementsAre(HasSubstr("1/2 steps"), ""));
  send_log_to({take_line, nullptr});
  loop();
  EXPECT_THAT(lines, ElementsAre("careful: odd", HasSubstr("fit 50 % 1/2 steps")));
  send_log_to({});
  EXPECT_EQ(stderr_of([] { log_info("back"); }), "back\n");
}

TEST(ProgressText, HasABarOnATerminalAndKeepsToItsWidth) {
  EXPECT_EQ(progress_text("fit", "steps", 0, 1, 2, 4.0, "", 80),
            "fit [############............] 50 % 1/2 steps, 4.0 s each, 4 s left");
  EXPECT_EQ(progress_text("fit", "steps", 0, 1, 2, 4.0, "", 20).size(), 20U);
}

TEST(ProgressText, RateOfAResumedRunCountsOnlyItsOwnSteps) {
  EXPECT_EQ(progress_text("fit", "steps", 90, 100, 200, 10.0, "", 0),
            "fit 50 % 100/200 steps, 1.0 a second, 1 min 40 s left");
}

TEST(ProgressText, ManagesWithoutTotalOrTime) {
  EXPECT_EQ(progress_text("reading", "lines", 0, 5, 0, 0.0, "", 0), "reading 5 lines");
}

}  // namespace
}  // namespace cohesin
