#include "cohesin/run/track_variants.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <csignal>
#include <filesystem>

#include "cohesin/base/interrupt.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/text_table.h"
#include "cohesin/run/track_model.h"
#include "tests/run/sequence_workplace.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
namespace fs = std::filesystem;

// The reference case: bins of 16 bases, windows of 2,048, of whose 128 bins 100 are predicted.
class TrackVariants : public ::testing::Test {
 protected:
  static constexpr int64_t kWindow = 2048;

  TrackVariantsOptions options(const std::string& rows) const {
    TrackVariantsOptions options;
    options.checkpoint = folder_ / "model";
    options.genome = folder_.write("g.fa", ">chr1\n" + chr1_ + "\n");
    options.vcf = folder_.write(
        "v.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\n" + rows);
    options.out = folder_ / "x.h5ad";
    options.head = "human";
    options.window = kWindow;
    options.force = true;
    return options;
  }
  static AnnotatedMatrix scored(const TrackVariantsOptions& options) {
    score_track_variants(options);
    return read_h5ad(options.out, {true, false, {"log_ratio", "reference", "alternative"}});
  }
  std::string row(int64_t position, size_t ref_length, const std::string& alts) const {
    return fmt::format("chr1\t{}\trs{}\t{}\t{}\t.\t.\t.\n", position, position,
                       chr1_.substr(static_cast<size_t>(position) - 1, ref_length), alts);
  }
  std::string base(int64_t position) const {
    return chr1_.substr(static_cast<size_t>(position) - 1, 1);
  }
  std::string another(int64_t position) const { return base(position) == "A" ? "C" : "A"; }
  // The chromosome with the allele in the place of the reference's letters.
  std::string with_allele(int64_t position, size_t ref_length, const std::string& alt) const {
    std::string letters = chr1_;
    return letters.replace(static_cast<size_t>(position) - 1, ref_length, alt);
  }
  // All bins [100,7] of the window of these letters that begins at `start`, by a plain pass.
  at::Tensor plain(const std::string& chrom, int64_t start, bool turned = false) const {
    std::vector<int8_t> ids;
    for (int64_t at = start; at < start + kWindow; ++at) {
      const bool inside = at >= 0 && at < static_cast<int64_t>(chrom.size());
      const std::string letters = "ACGTN";
      ids.push_back(inside ? static_cast<int8_t>(letters.find(chrom[static_cast<size_t>(at)]))
                           : int8_t{-1});
    }
    if (turned) ids = reverse_complement(ids);
    Batch batch;
    batch.tensors["indices"] =
        at::tensor(std::vector<int64_t>(ids.begin(), ids.end()), at::kLong).unsqueeze(0);
    const ModelCheckpoint checkpoint = load_model_checkpoint(folder_ / "model");
    const torch::NoGradGuard no_grad;
    const at::Tensor bins = checkpoint.model->forward(batch, {"human"}).at("human")[0];
    return (turned ? bins.flip(0) : bins).to(at::kDouble);
  }
  // Row `row` holds what these sums of bins, [7], make.
  static void expect_row(const AnnotatedMatrix& found, size_t row, const at::Tensor& reference,
                         const at::Tensor& alternative) {
    for (int64_t track = 0; track < 7; ++track) {
      const double ref = reference[track].item<double>(), alt = alternative[track].item<double>();
      const size_t at = row * 7 + static_cast<size_t>(track);
      EXPECT_NEAR(found.table.values[at], alt - ref, 1e-4) << row << " " << track;
      EXPECT_NEAR(found.layers[0].values[at], std::log2((1 + alt) / (1 + ref)), 1e-5);
      EXPECT_NEAR(found.layers[1].values[at], ref, 1e-3);
      EXPECT_NEAR(found.layers[2].values[at], alt, 1e-3);
    }
  }

  testing::SequenceWorkplace folder_{"enformer", "enformer_tiny"};
  std::string chr1_ = testing::random_letters("ACGT", 6000, 1);
};

TEST_F(TrackVariants, EffectsAreThoseOfPlainPassesOverBothWindows) {
  const std::string deleted = base(3000);
  TrackVariantsOptions o =
      options(row(2500, 1, another(2500)) + row(3000, 1, base(3000) + "ACGTT") +
              row(3000, 7, deleted) + row(3100, 3, "GGGG"));
  o.strands = "forward";
  const AnnotatedMatrix found = scored(o);
  EXPECT_THAT(found.obs.index, ElementsAre("chr1:2500:" + base(2500) + ":" + another(2500),
                                           "chr1:3000:" + base(3000) + ":" + base(3000) + "ACGTT",
                                           "chr1:3000:" + chr1_.substr(2999, 7) + ":" + deleted,
                                           "chr1:3100:" + chr1_.substr(3099, 3) + ":GGGG"));
  EXPECT_THAT(found.obs.at("pos", "").numbers(), ElementsAre(2500, 3000, 3000, 3100));
  EXPECT_THAT(found.obs.at("id", "").text(), ElementsAre("rs2500", "rs3000", "rs3000", "rs3100"));
  EXPECT_EQ(found.var.index.front(), "human_0");
  const auto check = [&](size_t row, int64_t position, size_t length, const std::string& alt) {
    const int64_t start = position - 1 - kWindow / 2;
    expect_row(found, row, plain(chr1_, start).sum(0),
               plain(with_allele(position, length, alt), start).sum(0));
  };
  check(0, 2500, 1, another(2500));
  check(1, 3000, 1, base(3000) + "ACGTT");
  check(2, 3000, 7, deleted);
  check(3, 3100, 3, "GGGG");
}

TEST_F(TrackVariants, StrandsAndShiftsAreAveraged) {
  const std::string alt = another(3000);
  TrackVariantsOptions o = options(row(3000, 1, alt));
  o.shifts = {-1, 0, 5};
  const AnnotatedMatrix found = scored(o);
  at::Tensor reference, alternative;
  const auto mean = [&](const std::string& chrom) {
    std::vector<at::Tensor> sums;
    for (const int64_t shift : {-1, 0, 5})
      for (const bool turned : {false, true})
        sums.push_back(plain(chrom, 2999 - kWindow / 2 + shift, turned).sum(0));
    return at::stack(sums).mean(0);
  };
  expect_row(found, 0, mean(chr1_), mean(with_allele(3000, 1, alt)));
}

TEST_F(TrackVariants, BinsAroundTheVariant) {
  const std::string alt = another(3000), changed = with_allele(3000, 1, alt);
  TrackVariantsOptions o = options(row(3000, 1, alt));
  const auto check = [&](int64_t first, int64_t last) {
    const auto mean = [&](const std::string& chrom) {
      const int64_t start = 2999 - kWindow / 2;
      return (plain(chrom, start) + plain(chrom, start, true)).slice(0, first, last).sum(0) / 2;
    };
    expect_row(scored(o), 0, mean(chr1_), mean(changed));
  };
  o.bins_around = 1;
  check(50, 51);  // base 1024 of the window is the first of its bin 64, and 14 are cropped
  o.bins_around = 2;
  check(49, 51);
  o.bins_around = 7;
  check(47, 54);
  o.bins_around = 100;
  check(0, 100);
  o.bins_around = 101;
  EXPECT_ERROR(score_track_variants(o), "--bins-around 101: the model predicts 100 bins of 16");
}

TEST_F(TrackVariants, APalindromicSiteHasTheSameEffectOnBothStrands) {
  // The chromosome is its own reverse complement around the boundary before base 3001, and so are
  // two variants in the places of each other.
  std::string half = chr1_.substr(0, 3000), other(half.rbegin(), half.rend());
  for (char& letter : other) letter = "TGCA"[std::string("ACGT").find(letter)];
  chr1_ = half + other;
  const std::string alt = another(2991);
  const std::string turned(1, "TGCA"[std::string("ACGT").find(alt[0])]);
  // Windows begin at the variant, so that of the second is shifted to be the first's mirror image.
  TrackVariantsOptions o = options(row(2991, 1, alt));
  const AnnotatedMatrix left = scored(o);
  o = options(row(3010, 1, turned));
  o.shifts = {1};
  const AnnotatedMatrix right = scored(o);
  for (size_t track = 0; track < 7; ++track) {
    EXPECT_NEAR(left.layers[1].values[track], right.layers[1].values[track], 1e-3);
    EXPECT_NEAR(left.table.values[track], right.table.values[track], 1e-4);
  }
}

TEST_F(TrackVariants, AllelesOfASiteStandAloneAndShareTheirReference) {
  std::string alts;
  for (const std::string letter : {"A", "C", "G", "T"})
    if (letter != base(3000)) alts += (alts.empty() ? "" : ",") + letter;
  const AnnotatedMatrix together = scored(options(row(3000, 1, alts)));
  EXPECT_THAT(together.obs.at("allele", "").numbers(), ElementsAre(1, 2, 3));
  for (size_t i = 0; i < 3; ++i) {
    const AnnotatedMatrix alone = scored(options(row(3000, 1, alts.substr(2 * i, 1))));
    for (size_t track = 0; track < 7; ++track)
      EXPECT_NEAR(together.table.values[i * 7 + track], alone.table.values[track], 1e-4);
  }
  for (size_t i = 0; i < 14; ++i)
    EXPECT_EQ(together.layers[1].values[i], together.layers[1].values[i % 7]);
}

TEST_F(TrackVariants, ATableHasARowForEachVariantAndTrack) {
  TrackVariantsOptions o = options(row(2500, 1, another(2500)) + row(3000, 1, another(3000)));
  const AnnotatedMatrix matrix = scored(o);
  o.out = folder_ / "x.tsv";
  o.only = {"human_4", "human_1"};
  score_track_variants(o);
  const TextTable table = read_text_table(o.out);
  EXPECT_EQ(fmt::format("{}", fmt::join(table.header, " ")),
            "chrom pos id ref alt allele sample haplotype transcript target reference alternative "
            "effect consequence log_ratio");
  ASSERT_EQ(table.rows.size(), 4U);
  EXPECT_EQ(table.rows[0][table.column("target")], "human_4");
  EXPECT_EQ(table.rows[3][table.column("pos")], "3000");
  EXPECT_EQ(table.rows[3][table.column("target")], "human_1");
  EXPECT_NEAR(std::stod(table.rows[3][table.column("effect")]), matrix.table.values[7 + 1], 1e-6);
  EXPECT_NEAR(std::stod(table.rows[0][table.column("log_ratio")]), matrix.layers[0].values[4],
              1e-7);
  EXPECT_NEAR(std::stod(table.rows[0][table.column("reference")]), matrix.layers[1].values[4],
              1e-3);
}

TEST_F(TrackVariants, WindowsBeyondTheSequence) {
  const std::string alt = another(100);
  TrackVariantsOptions o = options(row(100, 1, alt) + row(3000, 1, another(3000)));
  o.strands = "forward";
  const AnnotatedMatrix padded = scored(o);
  ASSERT_EQ(padded.table.num_samples(), 2U);
  const int64_t start = 99 - kWindow / 2;
  expect_row(padded, 0, plain(chr1_, start).sum(0), plain(with_allele(100, 1, alt), start).sum(0));
  o.out_of_range = "drop";
  EXPECT_THAT(scored(o).obs.at("pos", "").numbers(), ElementsAre(3000));
  o.out_of_range = "error";
  EXPECT_ERROR(score_track_variants(o),
               "v.vcf:3: chr1:100: the window -925 to 1123 reaches beyond the sequence 0 to 6000");
}

TEST_F(TrackVariants, GoesOnWithWhatIsDoneUnlessSomethingIsAnother) {
  const std::string rows = row(2500, 1, another(2500)) + row(3000, 1, another(3000) + ",GG");
  TrackVariantsOptions o = options(rows);
  const fs::path part = o.out.string() + ".part", kept = folder_ / "kept";
  o.force = false;
  {
    const CatchStopSignals signals;
    std::raise(SIGINT);
    EXPECT_THROW(score_track_variants(o), Interrupted);
  }
  fs::create_hard_link(part, kept);  // outlives the end of the next run
  const std::vector<float> whole = scored(o).table.values;
  EXPECT_FALSE(fs::exists(part));
  EXPECT_ERROR(score_track_variants(o), "--force");
  fs::remove(o.out);
  fs::copy_file(kept, part);
  fs::resize_file(part, fs::file_size(part) - 1);  // as if killed within the second site
  EXPECT_EQ(scored(o).table.values, whole);
  fs::remove(o.out);
  fs::copy_file(kept, part);
  o.vcf = options(row(2500, 1, another(2500)) + row(3001, 1, another(3001))).vcf;
  EXPECT_ERROR(score_track_variants(o), "was begun with another genome or other variants");
  o.vcf = options(rows).vcf;
  chr1_[2600] = chr1_[2600] == 'A' ? 'C' : 'A';
  o.genome = options(rows).genome;
  EXPECT_ERROR(score_track_variants(o), "was begun with another genome or other variants");
  o.shifts = {1};
  EXPECT_ERROR(score_track_variants(o), "was begun with other settings");
}

TEST_F(TrackVariants, WhatCannotBeIsSaid) {
  TrackVariantsOptions o = options(row(3000, 1, another(3000)) + "chr1\t3001\t.\t" + another(3001) +
                                   "\t" + base(3001) + "\t.\t.\t.\n");
  EXPECT_ERROR(score_track_variants(o), "v.vcf:4: chr1:3001: REF is " + another(3001));
  o.ref_mismatch = "skip";
  EXPECT_EQ(scored(o).table.num_samples(), 1U);
  EXPECT_ERROR(score_track_variants(options("chr9\t5\t.\tA\tC\t.\t.\t.\n")),
               "none of its 1 variants could be scored");
  EXPECT_ERROR(score_track_variants(options("chr1\t5\t.\tA\t<DEL>\t.\t.\t.\n")),
               "none of its 0 variants could be scored");
  o = options(row(3000, 1, base(3000) + std::string(1024, 'A')));
  EXPECT_ERROR(score_track_variants(o), "v.vcf:3: an allele of 1025 letters reaches beyond");
  o = options(row(3000, 1, another(3000)));
  o.only = {"human_O"};
  EXPECT_ERROR(score_track_variants(o), "did you mean 'human_0'");
  o.only.clear();
  o.shifts = {0, 1, 0};
  EXPECT_ERROR(score_track_variants(o), "--shifts 0,1,0: one of them is there twice");
  o.shifts = {1024};
  EXPECT_ERROR(score_track_variants(o), "--shifts 1024: moves a variant out of the window");
  o.shifts = {0};
  o.strands = "reverse";
  EXPECT_ERROR(score_track_variants(o), "--strands reverse: expected both or forward");
  o.strands = "both";
  o.out = folder_ / "x.vcf";
  EXPECT_ERROR(score_track_variants(o), "name it .tsv");
}

TEST(PredictsTracks, IsToldWithoutWeights) {
  const testing::SequenceWorkplace enformer("enformer", "enformer_tiny"), protein;
  EXPECT_TRUE(predicts_tracks(enformer / "model"));
  EXPECT_FALSE(predicts_tracks(protein / "model"));
}

TEST(TrackModel, AChangeOfAWindowIsThatOfItsTowerAndNoMore) {
  const testing::SequenceWorkplace enformer("enformer", "enformer_tiny");
  const TrackModel model(enformer / "model", {}, "human", "fp32");
  const c10::InferenceMode inference;
  std::vector<int8_t> letters;
  for (const char letter : testing::random_letters("ACGT", 2048, 3))
    letters.push_back(static_cast<int8_t>(std::string("ACGT").find(letter)));
  const at::Tensor before = model.tower(model.one_hot(letters));
  for (const int64_t begin : {0, 1, 15, 16, 500, 1023, 2040, 2047}) {
    std::vector<int8_t> changed = letters;
    const int64_t end = std::min<int64_t>(begin + 3, 2048);
    for (int64_t i = begin; i < end; ++i)
      changed[static_cast<size_t>(i)] = static_cast<int8_t>(4 - begin % 2 * 5);  // N, or padding
    const at::Tensor whole = model.tower(model.one_hot(changed));
    const at::Tensor quick = model.tower_after_change(before, model.one_hot(changed), begin, end);
    EXPECT_LT((whole - quick).abs().max().item<double>(), 1e-5) << begin;
    EXPECT_GT((whole - before).abs().max().item<double>(), 1e-3) << begin;
    // What the change has no part in stays as it was, bit for bit.
    const TowerPiece piece = tower_piece(model.config(), 2048, begin, end);
    EXPECT_LE(piece.count, 7);
    EXPECT_TRUE(at::equal(quick.slice(0, 0, piece.first), before.slice(0, 0, piece.first)));
  }
}

}  // namespace
}  // namespace cohesin
