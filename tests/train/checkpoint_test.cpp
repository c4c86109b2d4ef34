#include "cohesin/train/checkpoint.h"

#include <torch/nn/module.h>

#include "cohesin/base/file.h"
#include "cohesin/train/run_folder.h"
#include "tests/testing.h"
#include "tests/train/toy_training.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;
using testing::expect_same_bits;
using testing::TempFolder;

CheckpointContent some_content(float value = 1) {
  return {.model = {{"head.weight", torch::full({2, 3}, value)}, {"head.bias", torch::zeros({2})}},
          .text_files = {{"config.json", "{}\n"}, {"features.tsv", "feature\trnaseq\nA\t1\n"}},
          .state = {{"training.step", torch::tensor(int64_t{4})}}};
}

void flip_last_byte(const fs::path& path) {
  std::string bytes = read_text(path);
  bytes.back() = static_cast<char>(bytes.back() ^ 1);
  std::ofstream(path, std::ios::binary) << bytes;
}

TEST(Checkpoint, GivesBackWhatWasWritten) {
  const TempFolder folder;
  write_checkpoint(folder / "here", some_content());
  const CheckpointContent read = read_checkpoint(folder / "here");
  expect_same_bits(read.model, some_content().model);
  expect_same_bits(read.state, some_content().state);
  EXPECT_EQ(read.text_files, some_content().text_files);
  EXPECT_EQ(read_checkpoint_texts(folder / "here"), some_content().text_files);
}

TEST(Checkpoint, SameContentGivesTheSameBytesAndNothingElseInTheFolder) {
  const TempFolder folder;
  write_checkpoint(folder / "a", some_content());
  write_checkpoint(folder / "b", some_content());
  size_t num_files = 0;
  for (const auto& entry : fs::directory_iterator(folder / "a")) {
    ++num_files;
    EXPECT_EQ(read_text(entry.path()), read_text(folder / "b" / entry.path().filename().string()));
  }
  EXPECT_EQ(num_files, 5U);  // two texts, model, state, manifest
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 2);
}

TEST(Checkpoint, ReplacesAnOlderOneAsAWhole) {
  const TempFolder folder;
  write_checkpoint(folder / "here", some_content(1));
  CheckpointContent other = some_content(2);
  other.text_files.erase("features.tsv");
  write_checkpoint(folder / "here", other);
  const CheckpointContent read = read_checkpoint(folder / "here");
  expect_same_bits(read.model, other.model);
  EXPECT_EQ(read.text_files.count("features.tsv"), 0U);
}

TEST(Checkpoint, DamagedFileIsRefusedByNameAndTheOneBeforeIsOffered) {
  const TempFolder folder;
  for (const int64_t step : {2, 4, 6, 8}) {
    write_checkpoint(folder / checkpoint_name(step), some_content());
  }
  const fs::path last = folder / checkpoint_name(8);
  flip_last_byte(last / "model.safetensors");
  EXPECT_ERROR(read_checkpoint(last), "is damaged: model.safetensors does not match its manifest");
  EXPECT_ERROR(read_checkpoint(last),
               "the checkpoint before it is whole: " + (folder / checkpoint_name(6)).string());
  fs::resize_file(folder / checkpoint_name(6) / "config.json", 1);
  EXPECT_ERROR(read_checkpoint(folder / checkpoint_name(6)),
               "config.json does not match its manifest (1 bytes, expected 3)");
  EXPECT_ERROR(read_checkpoint(last),
               "the checkpoint before it is whole: " + (folder / checkpoint_name(4)).string());
  fs::remove(folder / checkpoint_name(2) / "state.safetensors");
  EXPECT_ERROR(read_checkpoint(folder / checkpoint_name(2)), "state.safetensors is missing");
  EXPECT_ERROR(read_checkpoint(folder / checkpoint_name(2)),
               "a later checkpoint is whole: " + (folder / checkpoint_name(4)).string());
}

TEST(Checkpoint, DamageWithoutAnyWholeOneSaysSo) {
  const TempFolder folder;
  write_checkpoint(folder / checkpoint_name(2), some_content());
  fs::remove(folder / checkpoint_name(2) / "manifest.json");
  EXPECT_ERROR(read_checkpoint(folder / checkpoint_name(2)),
               "manifest.json is missing, so it was not written to its end; there is no whole");
}

TEST(Checkpoint, HostileManifestIsRefused) {
  const TempFolder folder;
  const std::string here = checkpoint_name(2);
  const auto with_manifest = [&](const std::string& text) {
    write_checkpoint(folder / here, some_content());
    folder.write(here + "/manifest.json", text);
    return folder / here;
  };
  EXPECT_ERROR(read_checkpoint(with_manifest("{")), "is no manifest of a checkpoint");
  EXPECT_ERROR(read_checkpoint(with_manifest("{\"version\": 9, \"files\": {}}")),
               "has format version 9; this program reads version 1");
  EXPECT_ERROR(read_checkpoint(with_manifest("{\"version\": 1, \"files\": {}}")),
               "names no model.safetensors");
  EXPECT_ERROR(read_checkpoint(with_manifest(
                   "{\"version\": 1, \"files\": {\"../x\": {\"size\": 1, \"sha256\": \"\"}}}")),
               "names '../x', which is not a file of this folder");
}

TEST(Checkpoint, FailedWritingLeavesNothingAndTheOldOneStands) {
  const TempFolder folder;
  write_checkpoint(folder / "here", some_content());
  CheckpointContent broken = some_content(2);
  broken.text_files["no/such/folder.txt"] = "x";
  EXPECT_ANY_THROW(write_checkpoint(folder / "here", broken));
  expect_same_bits(read_checkpoint(folder / "here").model, some_content().model);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder.path()), fs::directory_iterator()), 1);
  folder.write("file", "");
  EXPECT_ERROR(write_checkpoint(folder / "file" / "here", some_content()), "file");
}

TEST(ResolveCheckpoint, RunFolderStandsForItsBestElseItsLatest) {
  const TempFolder folder;
  const RunFolder run(folder.path(), 2);
  EXPECT_ERROR(resolve_checkpoint(folder.path()), "is no checkpoint (no manifest.json)");
  EXPECT_ERROR(resolve_checkpoint(folder / "nowhere"), "there is no such folder");
  run.write(2, some_content());
  run.write(4, some_content());
  run.point_to(std::nullopt, 4);
  EXPECT_EQ(resolve_checkpoint(folder.path()), run.checkpoint(4));
  run.point_to(2, 4);
  EXPECT_EQ(resolve_checkpoint(folder.path()), run.checkpoint(2));
  EXPECT_EQ(resolve_checkpoint(run.checkpoint(4)), run.checkpoint(4));
  folder.write("best", "rm -rf\n");
  EXPECT_ERROR(resolve_checkpoint(folder.path()), "found 'rm -rf'");
}

TEST(RunFolder, KeepsTheNewestAndNeverDeletesTheBest) {
  const TempFolder folder;
  const RunFolder run(folder.path(), 2);
  for (const int64_t step : {1, 2, 3, 4, 5}) {
    run.write(step, some_content());
    run.point_to(step >= 2 ? 2 : 1, step);
  }
  std::vector<int64_t> left;
  for (const auto& [step, path] : list_checkpoints(folder / "checkpoints")) left.push_back(step);
  EXPECT_EQ(left, std::vector<int64_t>({2, 4, 5}));
  EXPECT_EQ(read_text(folder / "best"), "step_00000002\n");
  EXPECT_EQ(read_text(folder / "latest"), "step_00000005\n");
}

TEST(RunFolder, ResumesFromTheLatestAndFromTheOneBeforeOnceADamagedOneIsRemoved) {
  const TempFolder folder;
  const RunFolder run(folder.path(), 3);
  EXPECT_ERROR(run.resume_point(), "no checkpoint to resume from");
  run.write(2, some_content());
  run.write(4, some_content());
  run.point_to(std::nullopt, 4);
  EXPECT_EQ(run.resume_point(), run.checkpoint(4));
  flip_last_byte(run.checkpoint(4) / "model.safetensors");
  EXPECT_ERROR(run.resume_point(), "remove the folder " + run.checkpoint(4).string());
  fs::remove_all(run.checkpoint(4));
  EXPECT_EQ(run.resume_point(), run.checkpoint(2));
}

TEST(CheckpointName, HasEightDigitsAndIsReadBack) {
  EXPECT_EQ(checkpoint_name(12), "step_00000012");
  EXPECT_EQ(checkpoint_step("run/checkpoints/step_00000012/"), 12);
  EXPECT_EQ(checkpoint_step("step_123456789"), 123456789);
  for (const char* other : {"step_12", "step_0000001x", ".step_00000012.part", "best"}) {
    EXPECT_FALSE(checkpoint_step(other)) << other;
  }
}

}  // namespace
}  // namespace cohesin
