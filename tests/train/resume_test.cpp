// Training that is stopped in any way and resumed ends with the bits of one that was not.
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/train/checkpoint.h"
#include "tests/testing.h"
#include "tests/train/toy_training.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using testing::expect_same_bits;
using testing::TempFolder;
using testing::toy_settings;
using testing::ToyTraining;

TrainRun run_in(const fs::path& folder, bool resume = false) {
  TrainRun run;
  run.folder = folder;
  run.resume = resume;
  run.text_files = {{"config.json", "{}\n"}};
  return run;
}

// Trains in a process of its own that kills itself with `signal` before the loss of this step.
void train_until_killed(const TrainSettings& settings, const TrainRun& run, int64_t step) {
  const pid_t child = fork();
  ASSERT_GE(child, 0);
  if (child == 0) {
    at::set_num_threads(1);
    ToyTraining toy;
    toy.before_loss = [step](const StepAddress& at, const std::vector<int64_t>&) {
      if (at.step == step) raise(SIGKILL);
    };
    train(toy, settings, run);
    _exit(0);
  }
  int status = 0;
  waitpid(child, &status, 0);
  ASSERT_TRUE(WIFSIGNALED(status));
  ASSERT_EQ(WTERMSIG(status), SIGKILL);
}

// The log without what is volatile.
std::vector<nlohmann::json> lasting_log(const fs::path& folder) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(read_text(folder / "log.jsonl"));
  for (std::string line; std::getline(text, line);) {
    lines.push_back(nlohmann::json::parse(line));
    lines.back().erase("seconds");
    lines.back().erase("samples_per_second");
  }
  return lines;
}

void expect_same_results(const fs::path& found, const fs::path& expected) {
  for (const char* name : {"best", "latest"}) {
    EXPECT_EQ(read_text(found / name), read_text(expected / name));
  }
  EXPECT_EQ(lasting_log(found), lasting_log(expected));
  const std::string latest = read_text(expected / "latest").substr(0, 13);
  for (const char* file : {"model.safetensors", "state.safetensors", "manifest.json"}) {
    EXPECT_EQ(read_text(found / "checkpoints" / latest / file),
              read_text(expected / "checkpoints" / latest / file))
        << file;
  }
}

class Resume : public ::testing::Test {
 protected:
  void SetUp() override { at::set_num_threads(1); }  // a fork must not inherit worker threads
};

TEST_F(Resume, AfterKillEndsWithTheSameBits) {
  TrainSettings settings = toy_settings();
  settings.log_every_steps = 2;
  settings.micro_batch_size = 2;
  for (const int64_t every : {0, 5}) {
    settings.checkpoint_every_steps = every;
    const TempFolder folder;
    ToyTraining toy;
    train(toy, settings, run_in(folder / "straight"));
    for (const int64_t killed_at : {7, 20}) {
      const fs::path killed = folder / ("killed" + std::to_string(killed_at));
      train_until_killed(settings, run_in(killed), killed_at);
      ToyTraining resumed;
      train(resumed, settings, run_in(killed, true));
      expect_same_bits(resumed.weights(), toy.weights());
      expect_same_results(killed, folder / "straight");
    }
  }
}

TEST_F(Resume, AfterSeveralKillsEndsWithTheSameBits) {
  TrainSettings settings = toy_settings();
  settings.checkpoint_every_steps = 4;
  const TempFolder folder;
  train_until_killed(settings, run_in(folder / "killed"), 5);
  train_until_killed(settings, run_in(folder / "killed", true), 6);
  train_until_killed(settings, run_in(folder / "killed", true), 17);
  ToyTraining resumed, toy;
  train(resumed, settings, run_in(folder / "killed", true));
  train(toy, settings, run_in(folder / "straight"));
  expect_same_bits(resumed.weights(), toy.weights());
  expect_same_results(folder / "killed", folder / "straight");
}

TEST_F(Resume, SignalWritesACheckpointAndThrowsInterrupted) {
  const TempFolder folder;
  for (const int signal_number : {SIGINT, SIGTERM}) {
    const fs::path stopped_folder = folder / std::to_string(signal_number);
    ToyTraining stopped;
    stopped.before_loss = [signal_number](const StepAddress& at, const std::vector<int64_t>&) {
      if (at.step == 8) raise(signal_number);
    };
    int caught = 0;
    try {
      train(stopped, toy_settings(), run_in(stopped_folder));
    } catch (const Interrupted& interrupted) {
      caught = interrupted.signal_number();
    }
    EXPECT_EQ(caught, signal_number);
    EXPECT_EQ(read_text(stopped_folder / "latest"), "step_00000009\n");  // the step was finished

    ToyTraining resumed, toy;
    train(resumed, toy_settings(), run_in(stopped_folder, true));
    TrainRun run = run_in(folder / "straight");
    run.replace = true;
    train(toy, toy_settings(), run);
    expect_same_bits(resumed.weights(), toy.weights());
    expect_same_results(stopped_folder, folder / "straight");
  }
}

TEST_F(Resume, OfAFinishedTrainingGivesItsResultAgain) {
  const TempFolder folder;
  ToyTraining toy, again;
  const TrainResult first = train(toy, toy_settings(), run_in(folder.path()));
  const TrainResult second = train(again, toy_settings(), run_in(folder.path(), true));
  EXPECT_TRUE(again.seen.empty());
  EXPECT_EQ(second.steps, first.steps);
  EXPECT_EQ(second.best_step, first.best_step);
  EXPECT_EQ(second.best->metrics, first.best->metrics);
  expect_same_bits(again.weights(), toy.weights());
}

TEST_F(Resume, BeforeTheFirstCheckpointStarts) {
  const TempFolder folder;
  train_until_killed(toy_settings(), run_in(folder / "killed"), 2);
  EXPECT_TRUE(list_checkpoints(folder / "killed/checkpoints").empty());
  ToyTraining resumed, toy;
  train(resumed, toy_settings(), run_in(folder / "killed", true));
  train(toy, toy_settings(), run_in(folder / "straight"));
  expect_same_bits(resumed.weights(), toy.weights());
}

TEST_F(Resume, WithAnotherRecipeOrOtherSamplesIsRefused) {
  const TempFolder folder;
  train_until_killed(toy_settings(), run_in(folder.path()), 8);
  ToyTraining toy, fewer(21);
  TrainRun other = run_in(folder.path(), true);
  other.text_files["config.json"] = "{\"other\": 1}\n";
  EXPECT_ERROR(train(toy, toy_settings(), other), "its config.json is not that of this training");
  EXPECT_ERROR(train(fewer, toy_settings(), run_in(folder.path(), true)),
               "was trained on other samples than the 21 given now");
}

TEST_F(Resume, FromADamagedCheckpointIsRefusedAndTheOneBeforeCanBeTaken) {
  const TempFolder folder;
  train_until_killed(toy_settings(), run_in(folder / "killed"), 20);
  const fs::path damaged = folder / "killed/checkpoints/step_00000018";
  fs::resize_file(damaged / "state.safetensors", 100);
  ToyTraining resumed, toy;
  EXPECT_ERROR(train(resumed, toy_settings(), run_in(folder / "killed", true)),
               "step_00000018 is damaged: state.safetensors does not match its manifest");
  EXPECT_ERROR(train(resumed, toy_settings(), run_in(folder / "killed", true)),
               "is whole: " + (folder / "killed/checkpoints/step_00000012").string());
  fs::remove_all(damaged);
  train(resumed, toy_settings(), run_in(folder / "killed", true));
  train(toy, toy_settings(), run_in(folder / "straight"));
  expect_same_bits(resumed.weights(), toy.weights());
}

TEST_F(Resume, RemovesWhatAKilledProcessLeftHalfWritten) {
  const TempFolder folder;
  train_until_killed(toy_settings(), run_in(folder.path()), 8);
  const fs::path leftover = folder / "checkpoints/.step_00000012.part";
  fs::create_directories(leftover);
  ToyTraining toy;
  train(toy, toy_settings(), run_in(folder.path(), true));
  EXPECT_FALSE(fs::exists(leftover));
}

}  // namespace
}  // namespace cohesin
