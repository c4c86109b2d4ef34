#include "cohesin/run/predict_tracks.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <csignal>
#include <filesystem>

#include "cohesin/base/interrupt.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/run/model_checkpoint.h"
#include "tests/run/sequence_workplace.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;

// The reference case: bins of 16 bases, of 128 (a window of 2,048) 14 are cropped at each end.
class PredictTracks : public ::testing::Test {
 protected:
  PredictTracksOptions options(const std::string& regions) const {
    PredictTracksOptions options;
    options.checkpoint = folder_ / "model";
    options.genome = folder_.write("g.fa", ">chr1 whole\n" + chr1_ + "\n>chr2:5000-9000\n" + chr2_);
    options.regions = folder_.write("r.bed", regions);
    options.out = folder_ / "x.h5ad";
    options.head = "human";
    options.window = 2048;
    options.force = true;
    return options;
  }
  static AnnotatedMatrix predicted(const PredictTracksOptions& options) {
    predict_tracks(options);
    return read_h5ad(options.out);
  }
  // All bins [100,7] of the window that begins here, in chr1.
  at::Tensor by_hand(int64_t start, bool other_strand = false) const {
    std::vector<int64_t> ids;
    for (int64_t base = start; base < start + 2048; ++base) {
      const bool inside = base >= 0 && base < static_cast<int64_t>(chr1_.size());
      const std::string letters = "ACGT";
      ids.push_back(inside ? static_cast<int64_t>(letters.find(chr1_[static_cast<size_t>(base)]))
                           : -1);
    }
    if (other_strand) {
      std::reverse(ids.begin(), ids.end());
      for (auto& id : ids) id = id < 0 ? id : 3 - id;
    }
    const ModelCheckpoint checkpoint = load_model_checkpoint(folder_ / "model");
    const torch::NoGradGuard no_grad;
    Batch batch;
    batch.tensors["indices"] = at::tensor(ids, at::kLong).unsqueeze(0);
    return checkpoint.model->forward(batch, {"human"}).at("human")[0];
  }
  static void expect_row(const AnnotatedMatrix& found, int64_t row, const at::Tensor& expected) {
    ASSERT_EQ(found.table.num_features(), 7U);
    for (int64_t track = 0; track < 7; ++track)
      EXPECT_NEAR(found.table.values[static_cast<size_t>(row * 7 + track)],
                  expected[track].item<float>(), 1e-5);
  }

  testing::SequenceWorkplace folder_{"enformer", "enformer_tiny"};
  std::string chr1_ = testing::random_letters("ACGT", 6000, 1);
  std::string chr2_ = testing::random_letters("ACGT", 4000, 2);
};

TEST_F(PredictTracks, ARegionIsTheMeanOfItsBins) {
  // The window 1976 to 4024; its bins begin at 2200, and 2990 to 3010 overlaps 2984, 3000.
  const AnnotatedMatrix found = predicted(options("chr1\t2990\t3010\tgene\n"));
  EXPECT_THAT(found.obs.index, ElementsAre("gene"));
  EXPECT_THAT(found.obs.at("chrom", "").text(), ElementsAre("chr1"));
  EXPECT_THAT(found.obs.at("start", "").numbers(), ElementsAre(2990));
  EXPECT_THAT(found.obs.at("end", "").numbers(), ElementsAre(3010));
  EXPECT_THAT(found.obs.at("bins", "").numbers(), ElementsAre(2));
  EXPECT_EQ(found.var.index.front(), "human_0");
  expect_row(found, 0, by_hand(1976).slice(0, 49, 51).mean(0));
}

TEST_F(PredictTracks, SumsWindowsAndBins) {
  PredictTracksOptions o = options("chr1\t2990\t3010\tgene\n");
  o.summary = "sum";
  expect_row(predicted(o), 0, by_hand(1976).slice(0, 49, 51).sum(0));
  o.summary = "none";
  const AnnotatedMatrix bins = predicted(o);
  EXPECT_THAT(bins.obs.index, ElementsAre("chr1:2984-3000", "chr1:3000-3016"));
  EXPECT_THAT(bins.obs.at("region", "").text(), ElementsAre("gene", "gene"));
  EXPECT_THAT(bins.obs.at("start", "").numbers(), ElementsAre(2984, 3000));
  expect_row(bins, 0, by_hand(1976)[49]);
  expect_row(bins, 1, by_hand(1976)[50]);
  o.bins = "window";
  const AnnotatedMatrix all = predicted(o);
  ASSERT_EQ(all.table.num_samples(), 100U);
  EXPECT_EQ(all.obs.index.front(), "chr1:2200-2216");
  expect_row(all, 99, by_hand(1976)[99]);
}

TEST_F(PredictTracks, RegionsLongerThanAWindowsBinsTakeSeveral) {
  PredictTracksOptions o = options("chr1\t2000\t4000\n");  // 1,600 bases a window: two
  o.summary = "none";
  const AnnotatedMatrix bins = predicted(o);
  // Origin 3000 - 1600; the first window begins 14 bins before it.
  const at::Tensor left = by_hand(1400 - 224), right = by_hand(3000 - 224);
  ASSERT_EQ(bins.table.num_samples(), 126U);  // 1992 to 4008
  EXPECT_EQ(bins.obs.index.front(), "chr1:1992-2008");
  EXPECT_EQ(bins.obs.index.back(), "chr1:3992-4008");
  expect_row(bins, 0, left[37]);
  expect_row(bins, 63, right[0]);
  o.summary = "mean";
  expect_row(predicted(o), 0, at::cat({left.slice(0, 37), right.slice(0, 0, 63)}).mean(0));
}

TEST_F(PredictTracks, TheOtherStrandIsTurnedBack) {
  PredictTracksOptions o = options("chr1\t2990\t3010\n");
  o.average = true;
  o.summary = "none";
  const at::Tensor both = (by_hand(1976) + by_hand(1976, true).flip(0)) / 2;
  const AnnotatedMatrix found = predicted(o);
  expect_row(found, 0, both[49]);
  expect_row(found, 1, both[50]);
}

TEST_F(PredictTracks, WindowsBeyondTheSequenceArePaddedDroppedOrRefused) {
  PredictTracksOptions o = options(
      "chr1\t100\t101\tleft\nchr1\t5999\t6000\tright\n"
      "chr1\t3000\t3001\tmiddle\n");
  const AnnotatedMatrix padded = predicted(o);
  EXPECT_THAT(padded.obs.index, ElementsAre("left", "right", "middle"));
  expect_row(padded, 0, by_hand(100 - 1024)[50]);
  expect_row(padded, 1, by_hand(5999 - 1024)[50]);
  o.out_of_range = "drop";
  EXPECT_THAT(predicted(o).obs.index, ElementsAre("middle"));
  o.out_of_range = "error";
  EXPECT_ERROR(predict_tracks(o), "r.bed:1: chr1:100-101: its window -924-1124 goes beyond");
  o.out_of_range = "pad";
  o.summary = "none";
  o.bins = "window";
  const AnnotatedMatrix bins = predicted(o);  // none that lies beyond the chromosome
  EXPECT_EQ(bins.obs.index.front(), "chr1:0-4");
  expect_row(bins, 0, by_hand(100 - 1024)[43]);
}

TEST_F(PredictTracks, RegionsOutsideEverySequence) {
  PredictTracksOptions o = options("chr1\t5990\t6001\nchr2\t6990\t6991\tin\n");
  EXPECT_THAT(predicted(o).obs.index, ElementsAre("in"));  // of the slice
  o.out_of_range = "error";
  EXPECT_ERROR(predict_tracks(o), "r.bed:1: chr1:5990-6001: lies in no sequence");
  EXPECT_ERROR(predict_tracks(options("chr7\t1\t2\n")), "no region is left, 1 of 1");
  EXPECT_ERROR(predict_tracks(options("1\t1\t2\n")), "did you mean 'chr1'?");
}

TEST_F(PredictTracks, NamesOfTracks) {
  PredictTracksOptions o = options("chr1\t3000\t3001\n");
  o.tracks = folder_.write("names.txt", "CAGE:a, b\nx\ny\nx\nz\nu\nv\n");
  EXPECT_THAT(predicted(o).var.index, ElementsAre("CAGE:a, b", "x", "y", "x-1", "z", "u", "v"));
  std::string table = "index\tidentifier\tdescription\n";
  for (int i = 0; i < 7; ++i) table += fmt::format("{}\tE{}\tDNASE:cell {}\n", i, i, i);
  o.tracks = folder_.write("targets.txt", table);
  const AnnotatedMatrix found = predicted(o);
  EXPECT_EQ(found.var.index[2], "E2");
  EXPECT_EQ(found.var.at("description", "").text()[2], "DNASE:cell 2");
  o.head = "mouse";
  EXPECT_ERROR(predict_tracks(o), "7 names, but the head 'mouse' has 5 tracks");
  o.tracks.clear();
  o.head.clear();
  EXPECT_ERROR(predict_tracks(o), "pass --head human or --head mouse");
  o.head = "rat";
  EXPECT_ERROR(predict_tracks(o), "the model has human, mouse");
}

TEST_F(PredictTracks, ChosenTracksAndBigWig) {
  PredictTracksOptions o = options("chr1\t2990\t3010\tgene\n");
  o.only = {"human_4", "human_1"};
  const AnnotatedMatrix found = predicted(o);
  EXPECT_THAT(found.var.index, ElementsAre("human_4", "human_1"));
  const at::Tensor mean = by_hand(1976).slice(0, 49, 51).mean(0);
  EXPECT_NEAR(found.table.values[0], mean[4].item<float>(), 1e-5);
  EXPECT_NEAR(found.table.values[1], mean[1].item<float>(), 1e-5);
  o.out = folder_ / "x.bw";
  predict_tracks(o);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "x.human_4.bw"));
  EXPECT_TRUE(std::filesystem::exists(folder_ / "x.human_1.bw"));
  EXPECT_FALSE(std::filesystem::exists(folder_ / "x.bw"));
  o.force = false;
  EXPECT_ERROR(predict_tracks(o), "x.human_4.bw");
  o.only = {"human_4"};
  predict_tracks(o);
  EXPECT_TRUE(std::filesystem::exists(folder_ / "x.bw"));
}

TEST_F(PredictTracks, GoesOnWithWhatIsDoneUnlessTheGenomeIsAnother) {
  namespace fs = std::filesystem;
  PredictTracksOptions o = options("chr1\t3000\t3001\ta\nchr1\t3100\t3101\tb\n");
  const fs::path part = o.out.string() + ".part", kept = folder_ / "kept";
  o.force = false;
  {
    const CatchStopSignals signals;
    std::raise(SIGINT);
    EXPECT_THROW(predict_tracks(o), Interrupted);
  }
  fs::create_hard_link(part, kept);  // outlives the end of the next run
  const std::vector<float> whole = predicted(o).table.values;
  EXPECT_FALSE(fs::exists(part));
  EXPECT_ERROR(predict_tracks(o), "--force");
  fs::remove(o.out);
  fs::copy_file(kept, part);
  fs::resize_file(part, fs::file_size(part) - 1);  // as if killed within the second region
  EXPECT_EQ(predicted(o).table.values, whole);
  fs::remove(o.out);
  fs::copy_file(kept, part);
  chr1_[2500] = chr1_[2500] == 'A' ? 'C' : 'A';
  o.genome = options("chr1\t3000\t3001\ta\nchr1\t3100\t3101\tb\n").genome;
  EXPECT_ERROR(predict_tracks(o), "was begun with another genome or other regions");
  o.summary = "sum";
  EXPECT_ERROR(predict_tracks(o), "was begun with other settings");
}

TEST_F(PredictTracks, WhatCannotBeIsSaid) {
  PredictTracksOptions o = options("chr1\t3000\t3001\n");
  o.only = {"human_O"};
  EXPECT_ERROR(predict_tracks(o), "--track human_O: no track of this name; did you mean 'human_0'");
  o.only.clear();
  o.out = folder_ / "x.tsv";
  EXPECT_ERROR(predict_tracks(o), ".h5ad");
  o = options("chr1\t3000\t3001\n");
  o.window = 1000;
  EXPECT_ERROR(predict_tracks(o), "--window 1000: expected a multiple of the 16");
  const testing::SequenceWorkplace protein;
  o.checkpoint = protein / "model";
  EXPECT_ERROR(predict_tracks(o), "predicts no tracks");
}

}  // namespace
}  // namespace cohesin
