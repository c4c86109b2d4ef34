#include "cohesin/run/track_fit.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cohesin/base/file.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/tracks_file.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/omics/sequence.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/model_checkpoint.h"
#include "cohesin/run/predict_tracks.h"
#include "cohesin/run/prepare_tracks.h"
#include "cohesin/train/checkpoint.h"
#include "tests/run/sequence_workplace.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using Json = nlohmann::json;
namespace fs = std::filesystem;

// Windows of 512 bases with 24 bins of 16, two strands of which are rich where the letters are G or
// where they are C, and a third track that asks for both.
TrackSet make_set(size_t num_windows) {
  TrackSet set;
  set.tracks = {"plus", "minus", "both"};
  set.descriptions = {"CAGE:a", "CAGE:a", "DNASE:a"};
  set.strand_pair = {1, 0, 2};
  set.bin_size = 16;
  set.num_bins = 24;
  for (size_t i = 0; i < num_windows; ++i) {
    set.chrom.push_back("chr" + std::to_string(i + 1));
    set.start.push_back(1000);
    set.end.push_back(1512);
    set.split.push_back(i % 4 == 3 ? "valid" : "train");
    std::string letters;
    for (unsigned piece = 0; piece < 16; ++piece) {
      const auto seed = static_cast<unsigned>(i * 16 + piece);
      letters += testing::random_letters(seed % 3 == 0   ? "ACGTGG"
                                         : seed % 3 == 1 ? "ACGTCC"
                                                         : "AT",
                                         32, seed + 1);
    }
    set.letters.push_back(letters);
    for (int64_t bin = 0; bin < 24; ++bin) {
      const std::string here = letters.substr(static_cast<size_t>(64 + 16 * bin), 16);
      const auto count = [&here](char base) {
        return static_cast<float>(std::count(here.begin(), here.end(), base));
      };
      set.targets.insert(set.targets.end(),
                         {count('G') / 4, count('C') / 4, (count('G') + count('C')) / 8});
    }
  }
  return set;
}

class TrackFit : public ::testing::Test {
 protected:
  void SetUp() override { write_tracks(make_set(8), folder_ / "tracks.h5"); }

  TrainOptions options(const std::string& out, std::vector<std::string> assignments = {}) {
    TrainOptions options;
    options.recipe = folder_.write("r.json", R"({
      "model": {"name": "enformer", "dim": 24, "depth": 1, "heads": 2, "attn_dim_key": 8,
                "num_downsamples": 4, "dim_divisible_by": 4, "target_length": 8,
                "dropout_rate": 0.1},
      "task": {"name": "tracks", "head": "human", "window_bp": 256},
      "train": {"epochs": 4, "batch_size": 4, "learning_rate": 0.01, "validation_fraction": 0.2}})");
    options.data = folder_ / "tracks.h5";
    options.out = folder_ / out;
    options.assignments = std::move(assignments);
    return options;
  }
  NamedTensors weights_of(const std::string& out) const {
    return read_checkpoint(resolve_checkpoint(folder_ / out)).model;
  }
  Json scores_of(const std::string& out, bool average = false) const {
    EvaluateOptions evaluation;
    evaluation.average = average;
    evaluation.answer.checkpoint = folder_ / out;
    evaluation.data = folder_ / "tracks.h5";
    evaluation.out = folder_ / "scores.json";
    evaluation.force = true;
    shown_ = evaluate(evaluation);
    return Json::parse(read_text(folder_ / "scores.json"));
  }

  testing::TempFolder folder_;
  mutable std::string shown_;
};

void expect_same_weights(const NamedTensors& a, const NamedTensors& b) {
  ASSERT_EQ(tensor_names(a), tensor_names(b));
  for (const auto& [name, tensor] : a) EXPECT_TRUE(at::equal(tensor, b.at(name))) << name;
}

TEST_F(TrackFit, LearnsWhatStandsInTheLetters) {
  train_recipe(options("run", {"train.epochs=40"}));
  const Json scores = scores_of("run");
  EXPECT_EQ(scores["task"], "tracks");
  const Json& model = scores["scores"][0]["metrics"];
  EXPECT_GT(model["pearson"]["mean"].get<double>(), 0.7);
  EXPECT_GT(model["pearson_CAGE"]["mean"].get<double>(), 0.7);
  EXPECT_LT(model["pearson"]["ci95"][0].get<double>(), model["pearson"]["mean"].get<double>());
  const Json& ridge = scores["baselines"]["composition_ridge"][0]["metrics"];
  EXPECT_GT(model["pearson_CAGE"]["mean"].get<double>(),
            ridge["pearson_CAGE"]["mean"].get<double>());
  EXPECT_GT(scores["differences"]["composition_ridge"]["pearson_CAGE"]["ci95"][0].get<double>(), 0);
  ASSERT_EQ(scores["tracks"].size(), 3U);
  EXPECT_EQ(scores["tracks"][1]["track"], "minus");
  EXPECT_FALSE(scores.contains("notes"));
  EXPECT_THAT(shown_, HasSubstr("2 windows (valid)"));
}

TEST_F(TrackFit, LeavesAFolderThatPredictsAndExplainsItself) {
  train_recipe(options("run"));
  EXPECT_THAT(read_text(folder_ / "run" / "inner_split.tsv"), HasSubstr("chr1:1000-1512\t"));
  const Json config = Json::parse(read_text(folder_ / "run" / "config.json"));
  EXPECT_EQ(config["model"]["output_heads"], Json({{"human", 3}}));
  EXPECT_EQ(config["train"]["batch_norm"], "live");

  PredictTracksOptions predict;
  predict.checkpoint = folder_ / "run";
  predict.genome = folder_.write("g.fa", ">chr9\n" + testing::random_letters("ACGT", 2000, 5));
  predict.regions = folder_.write("r.bed", "chr9\t1000\t1100\tgene\n");
  predict.out = folder_ / "x.h5ad";
  predict_tracks(predict);
  const AnnotatedMatrix found = read_h5ad(folder_ / "x.h5ad");
  EXPECT_THAT(found.var.index, ElementsAre("plus", "minus", "both"));
  EXPECT_THAT(found.var.at("description", "").text(), ElementsAre("CAGE:a", "CAGE:a", "DNASE:a"));
  EXPECT_THAT(found.obs.at("bins", "").numbers(), ElementsAre(8));
}

TEST_F(TrackFit, TheMeanOfBothStrandsDoesNotKnowThem) {
  train_recipe(options("run"));
  const Json forward = scores_of("run"), mean = scores_of("run", /*average=*/true);
  EXPECT_NE(forward["scores"], mean["scores"]);
  // Turned round, with tracks and values turned, too, the data are predicted alike.
  TrackSet set = read_tracks(folder_ / "tracks.h5"), turned = set;
  for (size_t window = 0; window < set.num_windows(); ++window) {
    turned.letters[window] = reverse_complement(set.letters[window]);
    for (size_t bin = 0; bin < 24; ++bin)
      for (size_t track = 0; track < 3; ++track)
        turned.targets[(window * 24 + 23 - bin) * 3 + static_cast<size_t>(set.strand_pair[track])] =
            set.targets[(window * 24 + bin) * 3 + track];
  }
  write_tracks(turned, folder_ / "tracks.h5");
  const Json again = scores_of("run", /*average=*/true);
  EXPECT_NEAR(again["scores"][0]["metrics"]["pearson"]["mean"].get<double>(),
              mean["scores"][0]["metrics"]["pearson"]["mean"].get<double>(), 1e-5);
}

TEST_F(TrackFit, AResumedTrainingEndsWithTheSameBits) {
  train_recipe(options("whole"));
  TrainOptions part = options("part");
  train_recipe(part);
  // As a killed process leaves it: the checkpoint of the second epoch is the latest.
  const auto checkpoints = list_checkpoints(folder_ / "part" / "checkpoints");
  ASSERT_GE(checkpoints.size(), 2U);
  const int64_t last = checkpoints.rbegin()->first;
  const int64_t before = std::prev(checkpoints.end(), 2)->first;
  fs::remove_all(checkpoints.at(last));
  write_text(folder_ / "part" / "latest", "checkpoints/" + checkpoint_name(before) + "\n");
  write_text(folder_ / "part" / "best", "checkpoints/" + checkpoint_name(before) + "\n");
  part.resume = true;
  train_recipe(part);
  const auto at_end = [this, last](const std::string& out) {
    return read_checkpoint(folder_ / out / "checkpoints" / checkpoint_name(last)).model;
  };
  expect_same_weights(at_end("part"), at_end("whole"));
}

TEST_F(TrackFit, BatchNormIsLiveFromScratchAndFrozenFromACheckpoint) {
  train_recipe(options("run"));
  const NamedTensors first = weights_of("run");
  EXPECT_GT(first.at("final_norm.num_batches_tracked").item<int64_t>(), 0);
  TrainOptions tuned = options("tuned");
  tuned.init = folder_ / "run";
  train_recipe(tuned);
  const NamedTensors frozen = weights_of("tuned");
  EXPECT_TRUE(at::equal(frozen.at("final_norm.running_mean"), first.at("final_norm.running_mean")));
  EXPECT_FALSE(at::equal(frozen.at("final_linear.weight"), first.at("final_linear.weight")));
  tuned = options("live", {"train.batch_norm=live"});
  tuned.init = folder_ / "run";
  train_recipe(tuned);
  EXPECT_FALSE(at::equal(weights_of("live").at("final_norm.running_mean"),
                         first.at("final_norm.running_mean")));
}

TEST_F(TrackFit, AFrozenTrunkGetsANewHead) {
  train_recipe(options("run"));
  TrackSet other = make_set(8);
  other.tracks = {"a", "b", "c"};
  write_tracks(other, folder_ / "tracks.h5");
  TrainOptions tuned = options("tuned");
  tuned.init = folder_ / "run";
  EXPECT_ERROR(train_recipe(tuned), "has a head 'human' for other tracks");
  tuned = options("tuned", {"task.head=mine", "train.freeze=all"});
  tuned.init = folder_ / "run";
  tuned.force = true;
  train_recipe(tuned);
  const NamedTensors before = weights_of("run"), after = weights_of("tuned");
  EXPECT_EQ(after.count("head_human.weight"), 0U);
  ASSERT_EQ(after.count("head_mine.weight"), 1U);
  for (const auto& [name, tensor] : before) {
    if (name.rfind("head_", 0) == 0) continue;
    EXPECT_TRUE(at::equal(after.at(name), tensor)) << name;
  }
  EXPECT_EQ(scores_of("tuned")["tracks"][0]["track"], "a");
  EXPECT_ERROR(scores_of("run"), "its track 1 is 'plus', that of");
}

TEST_F(TrackFit, AHuggingFaceFolderIsAStart) {
  const fs::path authors = folder_ / "authors";
  fs::create_directories(authors);
  Json config = Json::parse(read_text(testing::golden("enformer_tiny") / "config.json"));
  config["model_type"] = "enformer";
  write_text(authors / "config.json", config.dump());
  fs::copy_file(testing::golden("enformer_tiny") / "weights.safetensors",
                authors / "model.safetensors");
  TrainOptions tuned = options("tuned", {"task.target_bins=8", "task.head=mine", "train.epochs=1"});
  tuned.init = authors;
  train_recipe(tuned);
  const NamedTensors after = weights_of("tuned");
  EXPECT_EQ(after.at("head_mine.weight").size(0), 3);
  EXPECT_EQ(after.count("head_human.weight"), 0U);
  const ModelCheckpoint before = load_model_checkpoint(authors);
  EXPECT_TRUE(at::equal(after.at("final_norm.running_mean"),
                        before.weights().at("final_norm.running_mean")));
  const Json json = Json::parse(read_text(folder_ / "tuned" / "config.json"));
  EXPECT_EQ(json["model"]["dim"], 48);
  EXPECT_EQ(json["model"]["target_length"], 8);
}

TEST_F(TrackFit, AnAdapterIsAllThatItsCheckpointHolds) {
  train_recipe(options("run"));
  for (const std::string name : {"lora", "ia3"}) {
    TrainOptions tuned = options(name, {"adapter.name=" + name, "task.head=mine"});
    EXPECT_ERROR(train_recipe(tuned), "stands on a trained checkpoint");
    tuned.init = folder_ / "run";
    train_recipe(tuned);
    for (const auto& [weight, tensor] : weights_of(name))
      EXPECT_TRUE(weight.rfind("head_mine.", 0) == 0 || is_adapter_parameter(weight)) << weight;
    EXPECT_EQ(weights_of(name).size(), name == "lora" ? 6U : 5U);
    const Json scores = scores_of(name);
    EXPECT_TRUE(scores["scores"][0]["metrics"]["pearson"]["mean"].is_number());
    merge_checkpoint(folder_ / name, {}, folder_ / (name + "_merged"), false);
    const Json merged = scores_of(name + "_merged");
    EXPECT_NEAR(merged["scores"][0]["metrics"]["pearson"]["mean"].get<double>(),
                scores["scores"][0]["metrics"]["pearson"]["mean"].get<double>(), 1e-5);
  }
}

TEST_F(TrackFit, FactorsOfAnAdapterHaveNoWeightDecay) {
  train_recipe(options("run"));
  TrainOptions tuned =
      options("ia3", {"adapter.name=ia3", "train.weight_decay=100", "train.learning_rate=0.005"});
  tuned.init = folder_ / "run";
  train_recipe(tuned);
  for (const auto& [name, tensor] : weights_of("ia3"))
    EXPECT_TRUE(!is_adapter_scale(name) || tensor.min().item<double>() > 0.8) << name;
}

TEST_F(TrackFit, AFreshHeadBeginsAtTheMeans) {
  train_recipe(options("run", {"train.max_steps=1", "train.learning_rate=1e-9"}));
  std::vector<double> sums(3, 0.0);
  const TrackSet set = make_set(8);
  std::istringstream lines(read_text(folder_ / "run" / "inner_split.tsv"));
  double count = 0;
  for (std::string line; std::getline(lines, line);) {
    for (size_t window = 0; window < 8; ++window) {
      if (line != set.window_name(window) + "\ttrain") continue;
      for (size_t i = 0; i < 72; ++i) sums[i % 3] += set.values(window)[i];
      count += 24;
    }
  }
  const at::Tensor bias = weights_of("run").at("head_human.bias");
  for (int64_t track = 0; track < 3; ++track)
    EXPECT_NEAR(std::log1p(std::exp(bias[track].item<double>())),
                sums[static_cast<size_t>(track)] / count, 1e-4);
}

TEST_F(TrackFit, WindowsNamedValidChooseTheEpochWhereThereIsATestPart) {
  TrackSet set = make_set(8);
  set.split = {"train", "valid", "train", "test", "train", "valid", "train", "test"};
  write_tracks(set, folder_ / "tracks.h5");
  train_recipe(options("run"));
  const std::string split = read_text(folder_ / "run" / "inner_split.tsv");
  EXPECT_THAT(split, HasSubstr("chr2:1000-1512\tvalid"));
  EXPECT_THAT(split, HasSubstr("chr7:1000-1512\ttrain"));
  EXPECT_THAT(split, ::testing::Not(HasSubstr("chr4:")));
  scores_of("run");
  EXPECT_THAT(shown_, HasSubstr("2 windows (test)"));
}

TEST_F(TrackFit, ScoresOnSeenWindowsSaySo) {
  train_recipe(options("run"));
  TrackSet set = make_set(8);
  set.split[0] = "valid";
  write_tracks(set, folder_ / "tracks.h5");
  EXPECT_THAT(scores_of("run")["notes"][0].get<std::string>(), HasSubstr("chr1:1000-1512"));
}

// On real data, a step of the shipped recipe alone: its result takes minutes.
TEST_F(TrackFit, TheShippedRecipeFitsTheDataThatItIsMadeFor) {
  const fs::path data = fs::path(COHESIN_SHARED) / "data" / "hg38_windows_tracks";
  if (!fs::exists(data)) GTEST_SKIP() << data << " is not there";
  PrepareTracksOptions prepare;
  prepare.fasta = data / "windows.fa.gz";
  prepare.values = {{"train", data / "targets_train.f16.gz"},
                    {"valid", data / "targets_valid.f16.gz"}};
  prepare.tracks = data / "targets.txt";
  prepare.out = folder_ / "tracks.h5";
  prepare.force = true;
  prepare_tracks(prepare);
  TrainOptions shipped = options("run", {"train.max_steps=1", "train.batch_size=2"});
  shipped.recipe = testing::golden("../../examples/enformer_tracks.json");
  train_recipe(shipped);
  const Json config = Json::parse(read_text(folder_ / "run" / "config.json"));
  EXPECT_EQ(config["model"]["output_heads"], Json({{"human", 74}}));
}

TEST_F(TrackFit, WhatCannotBeIsRefusedWithAReason) {
  EXPECT_ERROR(train_recipe(options("a", {"model.num_downsamples=5"})),
               "to bins of 32 bases; those of the data have 16");
  EXPECT_ERROR(train_recipe(options("b", {"model.target_length=28", "task.window_bp=512"})),
               "set model.target_length (or task.target_bins) to 24 or less");
  EXPECT_ERROR(train_recipe(options("c", {"train.freeze=all"})), "not trained yet");
  EXPECT_ERROR(train_recipe(options("d", {"task.assay_weights={\"RNA\": 1}"})),
               "no track is of the assay 'RNA'; there are CAGE, DNASE");
  EXPECT_ERROR(train_recipe(options("e", {"train.seeds=2"})), "train.seeds above 1");
  EXPECT_ERROR(train_recipe(options("f", {"train.batch_norm=sometimes"})), "auto, live, frozen");
  TrainOptions mojo = options("g");
  mojo.recipe =
      folder_.write("m.json", R"({"model": {"name": "mojo"}, "task": {"name": "tracks"}})");
  EXPECT_ERROR(train_recipe(mojo), "for model.name enformer, not 'mojo'");
  TrackSet set = make_set(4);
  set.split.assign(4, "valid");
  write_tracks(set, folder_ / "tracks.h5");
  EXPECT_ERROR(train_recipe(options("h")), "no window with the split 'train'");
}

}  // namespace
}  // namespace cohesin
