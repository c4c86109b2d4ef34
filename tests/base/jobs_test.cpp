#include "cohesin/base/jobs.h"

#include <csignal>
#include <thread>

#include "cohesin/base/clock.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

Job shell(const std::string& name, const std::string& script) {
  return {name, {"/bin/sh", "-c", script}};
}

TEST(RunJobs, RunsAllAndLogsTheirLinesUnderTheirNames) {
  const TempFolder folder;
  ::testing::internal::CaptureStderr();
  std::vector<Job> jobs;
  for (const char* name : {"a", "b", "c"})
    jobs.push_back(shell(name, fmt::format("touch {}; echo made {} >&2; echo warning: thin ice",
                                           (folder / name).string(), name)));
  run_jobs(jobs, 2);
  const std::string said = ::testing::internal::GetCapturedStderr();
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_TRUE(std::filesystem::exists(folder / name));
    EXPECT_NE(said.find(fmt::format("{}: made {}\n", name, name)), std::string::npos) << said;
    EXPECT_NE(said.find(fmt::format("warning: {}: thin ice\n", name)), std::string::npos) << said;
  }
}

TEST(RunJobs, RunsNoMoreAtATimeThanAsked) {
  const TempFolder folder;
  // a second one would find the folder of the first
  const std::string script =
      fmt::format("mkdir {0} || exit 3; sleep 0.05; rmdir {0}", (folder / "lock").string());
  run_jobs({shell("a", script), shell("b", script), shell("c", script)}, 1);
}

TEST(RunJobs, AFailureStopsTheOthersAndIsThrownWithItsMessage) {
  const TempFolder folder;
  const std::string stopped = (folder / "stopped").string();
  const std::vector<Job> jobs = {
      shell("a", fmt::format("trap 'touch {}; exit 143' TERM; sleep 20 >&- 2>&- & wait", stopped)),
      shell("b", "sleep 0.2; echo 'error: no gene is left' >&2; echo more >&2; exit 1"),
      shell("c", fmt::format("touch {}", (folder / "late").string()))};
  EXPECT_ERROR(run_jobs(jobs, 2), "b: no gene is left");
  EXPECT_TRUE(std::filesystem::exists(stopped));
  EXPECT_FALSE(std::filesystem::exists(folder / "late"));
}

TEST(RunJobs, ASilentDeathIsToldByItsCode) {
  EXPECT_ERROR(run_jobs({shell("a", "kill -9 $$")}, 1), "a: ended with code 137");
  EXPECT_ERROR(run_jobs({{"a", {"/no/such/program"}}}, 1), "a: cannot start the program");
}

TEST(RunJobs, ASignalIsPassedOnAndTheJobsMayPutTheirWorkAway) {
  const TempFolder folder;
  const std::string put_away = (folder / "put_away").string();
  const std::vector<Job> jobs = {shell(
      "a",
      fmt::format("trap 'sleep 0.3; touch {}; exit 130' INT; sleep 20 >&- 2>&- & wait", put_away))};
  std::thread later([] {
    std::this_thread::sleep_for(std::chrono::milliseconds(500));
    kill(getpid(), SIGINT);
  });
  int signal = 0;
  try {
    run_jobs(jobs, 1);
  } catch (const Interrupted& stop) {
    signal = stop.signal_number();
  }
  later.join();
  EXPECT_EQ(signal, SIGINT);
  EXPECT_TRUE(std::filesystem::exists(put_away));
}

}  // namespace
}  // namespace cohesin
