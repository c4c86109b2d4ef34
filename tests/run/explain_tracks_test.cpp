#include "cohesin/run/explain_tracks.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/nn/module.h>

#include <csignal>
#include <cstring>
#include <filesystem>

#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/io/npy.h"
#include "cohesin/io/text_table.h"
#include "cohesin/run/track_model.h"
#include "tests/run/sequence_workplace.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// The reference case: bins of 16 bases, windows of 2,048, of whose 128 bins 100 are predicted.
class ExplainTracks : public ::testing::Test {
 protected:
  static constexpr int64_t kWindow = 2048;

  ExplainTracksOptions options(const std::string& regions, const std::string& method) const {
    ExplainTracksOptions options;
    options.checkpoint = folder_ / "model";
    options.genome = folder_.write("g.fa", ">chr1\n" + chr1_ + "\n");
    options.regions = folder_.write("r.bed", regions);
    options.out = folder_ / "x";
    options.head = "human";
    options.only = {"human_2", "human_5"};
    options.window = kWindow;
    options.method = method;
    options.force = true;
    return options;
  }
  // The array [N,4,L] of a file that explain_tracks() wrote.
  at::Tensor array(const std::string& name, int64_t count, int64_t length) const {
    const std::string bytes = read_text(folder_ / name);
    const size_t begin = 39 + npy_header({count, 4, length}).size();
    EXPECT_EQ(bytes.substr(39, begin - 39), npy_header({count, 4, length}));
    at::Tensor values = at::empty({count, 4, length});
    std::memcpy(values.mutable_data_ptr(), bytes.data() + begin,
                static_cast<size_t>(values.numel()) * sizeof(float));
    return values.to(at::kDouble);
  }
  // Letters [2048,4] of the window that begins here.
  at::Tensor letters(int64_t start) const {
    at::Tensor rows = at::zeros({kWindow, 4});
    for (int64_t i = 0; i < kWindow; ++i) {
      const int64_t at = start + i;
      const bool inside = at >= 0 && at < static_cast<int64_t>(chr1_.size());
      if (!inside) rows[i].fill_(0.25);
      const auto letter = inside ? std::string("ACGT").find(chr1_[static_cast<size_t>(at)]) : 4;
      if (letter < 4) rows[i][static_cast<int64_t>(letter)] = 1;
    }
    return rows;
  }
  // The sum of both tracks over bins [first,last) by plain passes over these letters.
  at::Tensor plain(const at::Tensor& letters_L4, int64_t first, int64_t last,
                   bool both = true) const {
    at::Tensor sum = at::zeros({}, at::kDouble);
    for (const bool turned : {false, true}) {
      if (turned && !both) continue;
      Batch batch;
      batch.tensors["one_hot"] = (turned ? letters_L4.flip({0, 1}) : letters_L4).unsqueeze(0);
      at::Tensor bins = model_.model->forward(batch, {"human"}).at("human")[0];
      if (turned) bins = bins.flip(0);
      const at::Tensor part = bins.slice(0, first, last).to(at::kDouble);
      sum = sum + (part.select(1, 2) + part.select(1, 5)).sum();
    }
    return both ? sum / 2 : sum;
  }
  at::Tensor plain_gradient(const at::Tensor& letters_L4, int64_t first, int64_t last) const {
    const at::AutoGradMode with_gradient(true);
    const at::Tensor leaf = letters_L4.clone().requires_grad_(true);
    return torch::autograd::grad({plain(leaf, first, last)}, {leaf})[0].to(at::kDouble);
  }
  TextTable regions_table() const { return read_text_table(folder_ / "x.regions.tsv"); }

  testing::SequenceWorkplace folder_{"enformer", "enformer_tiny"};
  ModelCheckpoint model_ = load_model_checkpoint(folder_ / "model");
  std::string chr1_ = testing::random_letters("ACGT", 6000, 1);
};

TEST_F(ExplainTracks, MutagenesisIsOnePlainPassForEachChangedBase) {
  // The window 1976 to 4024, bins from 2200: 2990 to 3010 overlaps bins 49 and 50.
  chr1_[3003] = 'N';
  explain_tracks(options("chr1\t2990\t3010\tgene\n", "mutagenesis"));
  const at::Tensor effects = array("x.effects.npz", 1, 20)[0];
  const at::Tensor ohe = array("x.ohe.npz", 1, 20)[0];
  const at::Tensor window = letters(1976);
  EXPECT_TRUE(at::equal(ohe, window.slice(0, 1014, 1034).t().to(at::kDouble)));
  EXPECT_EQ(ohe.select(1, 13).sum().item<double>(), 0);  // N
  const at::NoGradGuard no_grad;
  const double before = plain(window, 49, 51).item<double>();
  for (const int64_t base : {0, 7, 13, 19}) {
    for (int64_t letter = 0; letter < 4; ++letter) {
      at::Tensor changed = window.clone();
      changed[1014 + base].zero_();
      changed[1014 + base][letter] = 1;
      const double expected = base == 13 ? 0 : plain(changed, 49, 51).item<double>() - before;
      EXPECT_NEAR(effects[letter][base].item<double>(), expected, 2e-5) << base << " " << letter;
    }
  }
  EXPECT_EQ((effects * ohe).abs().max().item<double>(), 0);
  EXPECT_GT(effects.abs().max().item<double>(), 1e-3);
  const at::Tensor known = ohe.sum(0, /*keepdim=*/true);
  EXPECT_TRUE(at::allclose(array("x.attributions.npz", 1, 20)[0],
                           (effects - effects.mean(0, true)) * known, 1e-5, 1e-7));
  const TextTable table = regions_table();
  EXPECT_NEAR(std::stod(table.rows[0][table.column("prediction")]), before, 1e-4);
  EXPECT_EQ(table.rows[0][table.column("baseline")], "");
}

TEST_F(ExplainTracks, GradientsAreThoseOfTheWholeModel) {
  ExplainTracksOptions o = options("chr1\t2990\t3010\tgene\n", "gradient");
  o.baseline = "zeros";
  explain_tracks(o);
  const at::Tensor slope = plain_gradient(letters(1976), 49, 51).slice(0, 1014, 1034);
  EXPECT_GT(slope.abs().max().item<double>(), 1e-3);
  EXPECT_TRUE(at::allclose(array("x.attributions.npz", 1, 20)[0], slope.t(), 1e-3, 2e-6));
  o.baseline = "uniform";
  o.bins_around = 100;
  o.regions = folder_.write("r.bed", "chr1\t1976\t4024\n");  // all that the model sees
  explain_tracks(o);
  const at::Tensor all = plain_gradient(letters(1976), 0, 100);
  EXPECT_TRUE(at::allclose(array("x.attributions.npz", 1, 2048)[0], (all - all.mean(1, true)).t(),
                           1e-3, 2e-6));
}

TEST_F(ExplainTracks, IntegratedGradientsAddUpToTheDifferenceFromTheBaseline) {
  chr1_[3003] = 'N';
  for (const std::string baseline : {"uniform", "zeros"}) {
    ExplainTracksOptions o = options("chr1\t2980\t3020\n", "integrated_gradients");
    o.baseline = baseline;
    o.strands = "forward";
    o.steps = 50;
    explain_tracks(o);
    const TextTable table = regions_table();
    const auto number = [&](const char* column) {
      return std::stod(table.rows[0][table.column(column)]);
    };
    // 2980 to 3020 overlaps bins 48 (2968) to 51 (3016).
    at::Tensor window = letters(1976);
    const at::NoGradGuard no_grad;
    EXPECT_NEAR(number("prediction"), plain(window, 48, 52, false).item<double>(), 1e-3);
    at::Tensor region = window.slice(0, 1004, 1044);
    region.copy_(at::where(region.amax(1, true).eq(1), baseline == "uniform" ? 0.25 : 0.0, region));
    const double without = plain(window, 48, 52, false).item<double>();
    EXPECT_NEAR(number("baseline"), without, 1e-3);
    const double difference = number("prediction") - without;
    EXPECT_GT(std::abs(difference), 0.01);
    // Rectifiers make kinks on the way, which quadrature smooths over.
    EXPECT_NEAR(number("attributions"), difference, 0.02 * std::abs(difference));
    const at::Tensor product = array("x.attributions.npz", 1, 40)[0] * array("x.ohe.npz", 1, 40)[0];
    EXPECT_NEAR(product.sum().item<double>(), number("attributions"), 1e-5);
  }
}

TEST_F(ExplainTracks, RegionsOfAnyLengthHaveTheirMiddlesExplained) {
  ExplainTracksOptions o = options("chr1\t2990\t3010\ta\nchr1\t3100\t3107\tb\n", "gradient");
  EXPECT_ERROR(explain_tracks(o),
               "r.bed:2: chr1:3100-3107: has 7 bases, the region of line 1 has 20");
  o.width = 4;
  explain_tracks(o);
  const TextTable table = regions_table();
  EXPECT_EQ(table.rows[0][1] + "-" + table.rows[0][2], "2998-3002");
  EXPECT_EQ(table.rows[1][1] + "-" + table.rows[1][2], "3101-3105");
  EXPECT_EQ(table.rows[1][3], "b");
  const at::Tensor both = array("x.attributions.npz", 2, 4);
  o.regions = folder_.write("r.bed", "chr1\t3100\t3107\tb\n");
  explain_tracks(o);
  EXPECT_TRUE(at::equal(array("x.attributions.npz", 1, 4)[0], both[1]));
  o.strands = "forward";
  explain_tracks(o);
  EXPECT_FALSE(at::allclose(array("x.attributions.npz", 1, 4)[0], both[1], 1e-3));
}

TEST_F(ExplainTracks, GoesOnWithWhatIsDone) {
  ExplainTracksOptions o = options("chr1\t2990\t3010\nchr1\t3500\t3520\n", "mutagenesis");
  o.force = false;
  const fs::path part = folder_ / "x.part", kept = folder_ / "kept";
  {
    const CatchStopSignals signals;
    std::raise(SIGINT);
    EXPECT_THROW(explain_tracks(o), Interrupted);
  }
  fs::create_hard_link(part, kept);  // outlives the end of the next run
  explain_tracks(o);
  EXPECT_FALSE(fs::exists(part));
  const at::Tensor whole = array("x.effects.npz", 2, 20);
  EXPECT_ERROR(explain_tracks(o), "x.ohe.npz");
  const auto start_anew = [&] {
    for (const char* name : {"ohe.npz", "attributions.npz", "effects.npz", "regions.tsv", "part"})
      fs::remove(folder_ / ("x." + std::string(name)));
    fs::copy_file(kept, part);
    fs::resize_file(part, fs::file_size(part) * 2 / 3);  // as if killed in the second region
  };
  start_anew();
  explain_tracks(o);
  EXPECT_TRUE(at::equal(array("x.effects.npz", 2, 20), whole));
  start_anew();
  o.bins = "window";
  EXPECT_ERROR(explain_tracks(o), "was begun with other settings");
  o.bins = "region";
  o.regions = folder_.write("r.bed", "chr1\t2991\t3011\nchr1\t3500\t3520\n");
  EXPECT_ERROR(explain_tracks(o), "was begun with another genome or other regions");
}

TEST_F(ExplainTracks, WhatCannotBeIsSaid) {
  ExplainTracksOptions o = options("chr1\t1000\t2101\n", "mutagenesis");
  EXPECT_ERROR(explain_tracks(o), "r.bed:1: chr1:1000-2101: has 1101 bases, and mutagenesis asks");
  o = options("chr1\t1000\t2601\n", "gradient");
  EXPECT_ERROR(explain_tracks(o), "has 1601 bases, one window predicts 1600; pass --bins window");
  o.bins = "window";
  explain_tracks(o);
  o = options("chr1\t1000\t3049\n", "gradient");
  o.bins = "window";
  EXPECT_ERROR(explain_tracks(o), "has 2049 bases, one window has 2048");
  o = options("chr1\t1000\t1010\n", "gradient");
  o.only = {"human_O"};
  EXPECT_ERROR(explain_tracks(o), "did you mean 'human_0'");
  o.only.clear();
  EXPECT_ERROR(explain_tracks(o), "the head 'human' has 7 tracks; pass --track NAME");
  o.only = {"human_0"};
  o.precision = "bf16";
  EXPECT_ERROR(explain_tracks(o), "gradients are computed in fp32");
  o.precision = "auto";
  o.method = "occlusion";
  EXPECT_ERROR(explain_tracks(o), "--method occlusion: expected integrated_gradients, gradient");
  o.method = "gradient";
  o.baseline = "mean";
  EXPECT_ERROR(explain_tracks(o), "--baseline mean: expected uniform, zeros");
  o.baseline = "zeros";
  o.bins_around = 101;
  EXPECT_ERROR(explain_tracks(o), "--bins-around 101");
  o.bins_around = 0;
  o.out_of_range = "error";
  EXPECT_ERROR(explain_tracks(o), "r.bed:1: chr1:1000-1010: its window -19-2029 goes beyond");
}

}  // namespace
}  // namespace cohesin
