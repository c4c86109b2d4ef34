#include "cohesin/train/train_loop.h"

#include <limits>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "cohesin/base/file.h"
#include "cohesin/train/checkpoint.h"
#include "tests/testing.h"
#include "tests/train/toy_training.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using testing::copy_of;
using testing::expect_same_bits;
using testing::same_bits;
using testing::TempFolder;
using testing::toy_settings;
using testing::ToyTraining;

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

std::vector<nlohmann::json> log_lines(const fs::path& folder) {
  std::vector<nlohmann::json> lines;
  std::istringstream text(read_text(folder / "log.jsonl"));
  for (std::string line; std::getline(text, line);) lines.push_back(nlohmann::json::parse(line));
  return lines;
}

TEST(Train, LearnsAndSaysHowItWent) {
  ToyTraining toy;
  TrainSettings settings = toy_settings();
  settings.epochs = 20;
  const double before = (toy.net.eval(), toy.validate().score);
  const TrainResult result = train(toy, settings, {});
  EXPECT_EQ(result.steps, 120);
  EXPECT_EQ(result.epochs, 20);
  EXPECT_FALSE(result.stopped_early);
  ASSERT_TRUE(result.best);
  EXPECT_LT(result.best->score, 0.3 * before);
  EXPECT_DOUBLE_EQ(toy.validate().score, result.best->score);  // the best weights are in
}

TEST(Train, EveryEpochSeesEverySampleOnceInAnOrderOfItsOwn) {
  ToyTraining toy;
  TrainSettings settings = toy_settings();
  settings.epochs = 2;
  train(toy, settings, {});
  ASSERT_EQ(toy.seen.size(), 12U);
  std::vector<std::vector<int64_t>> epochs(2);
  for (size_t i = 0; i < toy.seen.size(); ++i) {
    for (const int64_t sample : toy.seen[i]) epochs[i / 6].push_back(sample);
  }
  for (const auto& epoch : epochs) {
    EXPECT_EQ(epoch.size(), 23U);
    EXPECT_EQ(std::set<int64_t>(epoch.begin(), epoch.end()).size(), 23U);
  }
  EXPECT_NE(epochs[0], epochs[1]);
}

TEST(Train, SameSeedGivesTheSameBitsAndAnotherSeedDoesNot) {
  ToyTraining a, b, c;
  TrainSettings settings = toy_settings();
  train(a, settings, {});
  train(b, settings, {});
  settings.seed = 4;
  train(c, settings, {});
  expect_same_bits(b.weights(), a.weights());
  EXPECT_FALSE(same_bits(c.weights(), a.weights()));
}

TEST(Train, MicroBatchesAddUpToTheWholeBatch) {
  ToyTraining whole, parts;
  TrainSettings settings = toy_settings();
  settings.max_steps = 1;
  settings.gradient_clip = 0;
  for (auto* toy : {&whole, &parts}) {
    toy->noise = 0;
    toy->net.eval();
    toy->before_loss = [toy](const StepAddress&, const std::vector<int64_t>&) { toy->net.eval(); };
  }
  train(whole, settings, {});
  settings.micro_batch_size = 3;  // 3 + 1 of 4
  train(parts, settings, {});
  EXPECT_EQ(parts.seen.size(), 2U);
  const NamedTensors expected = whole.weights();
  for (const auto& [name, tensor] : parts.weights()) {
    EXPECT_TRUE(at::allclose(tensor, expected.at(name), 1e-4, 1e-6)) << name;
  }
}

TEST(Train, StopsEarlyAndReturnsToTheBestWeights) {
  for (const bool with_folder : {false, true}) {
    const TempFolder folder;
    ToyTraining toy;
    TrainSettings settings = toy_settings();
    settings.epochs = 50;
    settings.early_stopping_patience = 3;
    settings.keep_last = 1;
    settings.checkpoint_every_steps = with_folder ? 1000 : 0;
    NamedTensors best;
    int64_t epoch = 0;
    toy.scores = [&] {
      if (++epoch == 2) best = copy_of(toy.weights());
      return epoch <= 2 ? 10.0 - static_cast<double>(epoch) : 9.0;
    };
    TrainRun run;
    if (with_folder) run.folder = folder.path();
    const TrainResult result = train(toy, settings, run);
    EXPECT_TRUE(result.stopped_early);
    EXPECT_EQ(result.epochs, 5);
    EXPECT_EQ(result.best_step, 12);
    EXPECT_EQ(result.best->score, 8.0);
    expect_same_bits(toy.weights(), best);
    if (!with_folder) continue;
    EXPECT_EQ(read_text(folder / "best"), "step_00000012\n");
    EXPECT_EQ(read_text(folder / "latest"), "step_00000030\n");
    expect_same_bits(read_checkpoint(resolve_checkpoint(folder.path())).model, best);
  }
}

TEST(Train, EarlyStoppingNeedsAValidationPart) {
  ToyTraining toy(23, 0);
  TrainSettings settings = toy_settings();
  settings.early_stopping_patience = 2;
  EXPECT_ERROR(train(toy, settings, {}), "there is no validation part");
}

TEST(Train, WritesALogLineAnEpochAndEventsAndCheckpoints) {
  const TempFolder folder;
  ToyTraining toy;
  TrainSettings settings = toy_settings();
  settings.log_every_steps = 3;
  TrainRun run;
  run.folder = folder / "run";
  run.text_files = {{"config.json", "{}\n"}};
  train(toy, settings, run);
  const auto lines = log_lines(run.folder);
  ASSERT_EQ(lines.size(), 12U);  // 24 steps: 8 lines of steps, 4 of epochs
  const auto& last = lines.back();
  EXPECT_EQ(last.at("line"), "epoch");
  EXPECT_EQ(last.at("step"), 24);
  EXPECT_EQ(last.at("epoch"), 4);
  for (const char* key : {"train_loss", "learning_rate", "gradient_norm", "validation_score",
                          "validation_rmse", "samples_per_second"}) {
    EXPECT_TRUE(last.at(key).is_number()) << key;
  }
  EXPECT_TRUE(fs::exists(run.folder / "tensorboard/events.out.tfevents.0000000000.cohesin"));
  const CheckpointContent content = read_checkpoint(run.folder / "checkpoints/step_00000024");
  EXPECT_EQ(content.text_files.at("config.json"), "{}\n");
  EXPECT_EQ(content.model.count("head.weight"), 1U);
}

TEST(Train, LossThatIsNotFiniteStopsWithStepSamplesAndLastCheckpoint) {
  const TempFolder folder;
  ToyTraining toy;
  TrainSettings settings = toy_settings();
  NamedTensors before;
  int64_t num_calls = 0;
  toy.before_loss = [&](const StepAddress&, const std::vector<int64_t>&) {
    if (++num_calls == 9) before = copy_of(toy.weights());
  };
  toy.factor = [&](const std::vector<int64_t>&) { return num_calls == 9 ? kNan : 1.0; };
  TrainRun run;
  run.folder = folder.path();
  std::string text;
  try {
    train(toy, settings, run);
  } catch (const Error& error) {
    text = error.what();
  }
  EXPECT_NE(text.find("loss is nan at step 9 (epoch 2)"), std::string::npos) << text;
  EXPECT_NE(
      text.find("the last good checkpoint is " + (folder / "checkpoints/step_00000006").string()),
      std::string::npos)
      << text;
  for (const int64_t sample : toy.seen.back()) {
    EXPECT_NE(text.find("sample" + std::to_string(sample)), std::string::npos) << text;
  }
  expect_same_bits(toy.weights(), before);
  EXPECT_EQ(resolve_checkpoint(folder.path()), folder / "checkpoints/step_00000006");
}

TEST(Train, GradientThatIsNotFiniteChangesNoWeight) {
  ToyTraining toy;
  const NamedTensors before = copy_of(toy.weights());
  TrainSettings settings = toy_settings();
  toy.factor = [&](const std::vector<int64_t>&) { return 3e38; };
  EXPECT_ERROR(train(toy, settings, {}), "at step 1 (epoch 1), no weight was changed by it");
  expect_same_bits(toy.weights(), before);
}

TEST(Train, NanValidationScoreIsNoImprovement) {
  ToyTraining toy;
  TrainSettings settings = toy_settings();
  int64_t epoch = 0;
  toy.scores = [&] { return ++epoch == 2 ? 1.0 : kNan; };
  const TrainResult result = train(toy, settings, {});
  EXPECT_EQ(result.best_step, 12);
}

TEST(Train, ExistingTrainingIsNeitherOverwrittenNorMixed) {
  const TempFolder folder;
  TrainRun run;
  run.folder = folder.path();
  ToyTraining first, second;
  train(first, toy_settings(), run);
  EXPECT_ERROR(train(second, toy_settings(), run), "holds a training already");
  run.replace = true;
  TrainSettings shorter = toy_settings();
  shorter.epochs = 1;
  train(second, shorter, run);
  EXPECT_EQ(log_lines(folder.path()).size(), 1U);
  EXPECT_EQ(list_checkpoints(folder / "checkpoints").size(), 1U);
}

TEST(Train, WithoutSamplesOrFolderIsAnError) {
  ToyTraining none(0, 4);
  EXPECT_ERROR(train(none, toy_settings(), {}), "no training samples");
  const TempFolder folder;
  folder.write("file", "");
  TrainRun run;
  run.folder = folder / "file";
  ToyTraining toy;
  EXPECT_ERROR(train(toy, toy_settings(), run), "file");
}

TEST(Train, Bfloat16LearnsToo) {
  ToyTraining toy;
  TrainSettings settings = toy_settings();
  settings.epochs = 20;
  const double before = (toy.net.eval(), toy.validate().score);
  TrainRun run;
  run.precision = Precision::bf16;
  EXPECT_LT(train(toy, settings, run).best->score, 0.5 * before);
  EXPECT_EQ(toy.weights().at("head.weight").scalar_type(), at::kFloat);
}

}  // namespace
}  // namespace cohesin
