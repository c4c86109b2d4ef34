#include "cohesin/run/embed_sequences.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdlib>

#include "cohesin/base/file.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/run/convert.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/tensor/tensor_file.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

// A checkpoint of a reference case, and FASTA to embed with it.
class Workplace {
 public:
  explicit Workplace(const std::string& model = "esm2", const std::string& name = "esm2_tiny") {
    ConvertOptions convert;
    convert.model = model;
    convert.config = testing::golden(name) / "config.json";
    convert.weights = testing::golden(name) / "weights.safetensors";
    convert.out = folder / "model";
    convert_to_checkpoint(convert);
  }
  EmbedSequencesOptions options(const std::string& fasta, const std::string& out) const {
    EmbedSequencesOptions options;
    options.checkpoint = folder / "model";
    options.fasta = folder.write("in.fa", fasta);
    options.out = folder / out;
    return options;
  }
  AnnotatedMatrix embedded(const EmbedSequencesOptions& options) const {
    embed_sequences(options);
    return read_h5ad(options.out, {true, true, {}});
  }

  testing::TempFolder folder;
};

std::string random_protein(size_t length, unsigned seed) {
  const std::string letters = "LAGVSERTIDPKQNFYMHWC";
  std::string text;
  for (size_t i = 0; i < length; ++i)
    text += letters[(seed = seed * 1103515245 + 12345) / 65536 % 20];
  return text;
}

const std::string kFasta = ">a first\nMKTVRQ\n>b\nWWLLKMAGT\nAAAR\n>a\nMK\n>c\nGAVLIMCFYW\n";

TEST(EmbedSequences, RowsAreThoseOfEachSequenceByItself) {
  const Workplace work;
  EmbedSequencesOptions options = work.options(kFasta, "x.h5ad");
  const AnnotatedMatrix all = work.embedded(options);
  EXPECT_EQ(all.obs.index, (std::vector<std::string>{"a", "b", "a-1", "c"}));
  const std::vector<std::string> letters = {"MKTVRQ", "WWLLKMAGTAAAR", "MK", "GAVLIMCFYW"};
  const SequenceEncoder encoder = load_sequence_encoder(work.folder / "model");
  for (size_t i = 0; i < letters.size(); ++i) {
    const std::vector<int32_t> ids = encoder.tokenizer.tokenize(letters[i]);
    Batch batch;
    batch.tensors["input_ids"] =
        at::tensor(std::vector<int64_t>(ids.begin(), ids.end()), at::kLong).unsqueeze(0);
    const at::Tensor x_LD =
        encoder.model->forward(batch, {"hidden_states.3"}).at("hidden_states.3")[0];
    const at::Tensor mean_D = x_LD.slice(0, 1, x_LD.size(0) - 1).mean(0);
    for (int64_t d = 0; d < mean_D.size(0); ++d) {
      EXPECT_NEAR(all.obsm[0].values[i * 32 + static_cast<size_t>(d)], mean_D[d].item<float>(),
                  2e-5);
    }
  }
}

TEST(EmbedSequences, LayersPoolsAndTokens) {
  const Workplace work;
  EmbedSequencesOptions options = work.options(kFasta, "x.h5ad");
  options.layer = 0;
  options.pool = "cls";
  const AnnotatedMatrix first = work.embedded(options);
  const auto row = [&first](size_t i) {
    const auto begin = first.obsm[0].values.begin() + static_cast<int64_t>(i * 32);
    return std::vector<float>(begin, begin + 32);
  };
  EXPECT_EQ(row(0), row(1));  // <cls> before the first layer is the same everywhere
  options.pool = "none";
  options.layer = -1;
  options.out = work.folder / "x.safetensors";
  embed_sequences(options);
  const NamedTensors tokens = read_tensors(options.out);
  EXPECT_TRUE(at::equal(tokens.at("offsets"), at::tensor({0, 6, 19, 21, 31}, at::kLong)));
  EXPECT_EQ(tokens.at("values").sizes(), (std::vector<int64_t>{31, 32}));
}

TEST(EmbedSequences, BatchesChangeNothingButRounding) {
  const Workplace work;
  std::string fasta;
  for (unsigned i = 0; i < 60; ++i)
    fasta += ">p" + std::to_string(i) + "\n" + random_protein(1 + i * 7 % 50, i) + "\n";
  EmbedSequencesOptions options = work.options(fasta, "a.h5ad");
  const std::vector<float> together = work.embedded(options).obsm[0].values;
  options.out = work.folder / "b.h5ad";
  options.max_tokens = 1;
  const std::vector<float> alone = work.embedded(options).obsm[0].values;
  ASSERT_EQ(together.size(), alone.size());
  for (size_t i = 0; i < alone.size(); ++i) EXPECT_NEAR(together[i], alone[i], 3e-5);
}

TEST(EmbedSequences, GoesOnAfterAKillWithoutALostOrDoubledRow) {
  const Workplace work;
  std::string fasta;
  for (unsigned i = 0; i < 40; ++i)
    fasta += ">p" + std::to_string(i) + "\n" + random_protein(20, i) + "\n";
  EmbedSequencesOptions options = work.options(fasta, "whole.h5ad");
  options.max_tokens = 88;  // windows of 16 records
  embed_sequences(options);
  options.out = work.folder / "cut.h5ad";
  // Stops in the third window, at a record that is refused.
  work.folder.write("in.fa", fasta.substr(0, fasta.find(">p35")) + ">p35\n1\n");
  EXPECT_ERROR(embed_sequences(options), "in.fa:71: p35: letter 1");
  EXPECT_TRUE(std::filesystem::exists(work.folder / "cut.h5ad.part"));
  EXPECT_FALSE(std::filesystem::exists(options.out));
  {  // a kill in the middle of writing
    std::ofstream(work.folder / "cut.h5ad.part", std::ios::app | std::ios::binary) << "half a blo";
  }
  work.folder.write("in.fa", fasta);
  embed_sequences(options);
  EXPECT_FALSE(std::filesystem::exists(work.folder / "cut.h5ad.part"));
  EXPECT_EQ(read_text(options.out), read_text(work.folder / "whole.h5ad"));
}

TEST(EmbedSequences, AnotherInputOrOtherOptionsDoNotGoOn) {
  const Workplace work;
  std::string fasta;
  for (unsigned i = 0; i < 20; ++i)
    fasta += ">p" + std::to_string(i) + "\n" + random_protein(20, i) + "\n";
  EmbedSequencesOptions options = work.options(fasta + ">bad\n1\n", "x.h5ad");
  options.max_tokens = 88;  // the first window of 16 records is done when the bad one comes
  EXPECT_ERROR(embed_sequences(options), "in.fa:41: bad: letter 1");
  options.layer = 2;
  EXPECT_ERROR(embed_sequences(options), "x.h5ad.part: was begun with other settings");
  options.layer = -1;
  work.folder.write("in.fa", ">other\nMKV\n" + fasta);
  EXPECT_ERROR(embed_sequences(options), "its first 16 records are not those of this file");
  options.force = true;
  EXPECT_EQ(work.embedded(options).obs.index.front(), "other");
}

TEST(EmbedSequences, LongSequencesGoInPiecesWhoseRowsTile) {
  const Workplace work;
  const std::string fasta = ">long\n" + random_protein(150, 3) + "\n>short\nMKV\n";
  EmbedSequencesOptions options = work.options(fasta, "x.safetensors");
  options.pool = "none";
  EXPECT_ERROR(embed_sequences(options),
               "'long' has 152 tokens, more than the 64 that the model takes by its training; pass "
               "--window 62");
  std::filesystem::remove(work.folder / "x.safetensors.part");
  options.window = 60;
  options.overlap = 20;
  embed_sequences(options);
  const NamedTensors rows = read_tensors(options.out);
  EXPECT_TRUE(at::equal(rows.at("offsets"), at::tensor({0, 150, 153}, at::kLong)));
  // Within the first piece's own letters the rows are those of the piece alone.
  EmbedSequencesOptions piece =
      work.options(">piece\n" + random_protein(150, 3).substr(0, 60) + "\n", "y.safetensors");
  piece.pool = "none";
  embed_sequences(piece);
  const at::Tensor alone = read_tensors(piece.out).at("values");
  EXPECT_TRUE(at::allclose(rows.at("values").slice(0, 0, 50), alone.slice(0, 0, 50), 1e-4, 3e-5));
  EXPECT_FALSE(
      at::allclose(rows.at("values").slice(0, 50, 60), alone.slice(0, 50, 60), 1e-4, 3e-5));
  options = work.options(fasta, "z.safetensors");
  options.pool = "none";
  options.max_length = 200;  // rotary positions go on
  embed_sequences(options);
  EXPECT_EQ(read_tensors(options.out).at("values").size(0), 153);
}

TEST(EmbedSequences, LettersAreCleanedBeforeTheSequenceIsCut) {
  const Workplace work;
  // The stop inside stands at the first piece's end, where a piece by itself would lose it.
  const std::string protein = random_protein(100, 5);
  const auto rows = [&](const std::string& letters, const std::string& out) {
    EmbedSequencesOptions options = work.options(">p\n" + letters + "\n", out);
    options.pool = "none";
    options.window = 60;
    options.letters = {"stop=any"};
    embed_sequences(options);
    return read_tensors(options.out).at("values");
  };
  const std::string start = protein.substr(0, 59), rest = protein.substr(60);
  EXPECT_TRUE(at::equal(rows(start + "*" + rest + "*", "stop.safetensors"),
                        rows(start + "X" + rest, "any.safetensors")));
  // Gaps do not shorten a piece.
  EXPECT_TRUE(
      at::equal(rows("--------" + protein, "gaps.safetensors"), rows(protein, "none.safetensors")));
}

TEST(EmbedSequences, DnaGoesInByItsWords) {
  const Workplace work("nucleotide_transformer", "nt_v1_tiny");
  EmbedSequencesOptions options = work.options(">x\nacguTTTNAC\n", "x.safetensors");
  options.pool = "none";
  embed_sequences(options);  // ACG TTT T N A C
  EXPECT_EQ(read_tensors(options.out).at("values").size(0), 6);
  options = work.options(">x\nACGTAC\n", "y.h5ad");
  options.window = 10;
  EXPECT_ERROR(embed_sequences(options), "expected multiples of 3, the letters of a token");
  options.window = 0;
  options.max_length = 100;
  EXPECT_ERROR(embed_sequences(options), "--max-length 100: the model has positions for 48 tokens");
}

TEST(EmbedSequences, BadRequestsAreRefusedBeforeWork) {
  const Workplace work;
  const auto refusal = [&work](auto change) {
    EmbedSequencesOptions options = work.options(kFasta, "x.h5ad");
    change(options);
    try {
      embed_sequences(options);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string("none");
  };
  using ::testing::HasSubstr;
  EXPECT_THAT(refusal([](auto& o) { o.layer = 4; }), HasSubstr("--layer 4: the model has 0"));
  EXPECT_THAT(refusal([](auto& o) { o.pool = "max"; }), HasSubstr("expected mean, cls or none"));
  EXPECT_THAT(refusal([](auto& o) { o.out += ".csv"; }), HasSubstr("ends in"));
  EXPECT_THAT(refusal([](auto& o) { o.overlap = 5; }), HasSubstr("--overlap 5"));
  EXPECT_THAT(refusal([](auto& o) { o.letters = {"ambigous=error"}; }), HasSubstr("ambiguous"));
  EXPECT_THAT(refusal([](auto& o) { o.checkpoint = "nowhere"; }), HasSubstr("nowhere"));
}

TEST(CutIntoPieces, OwnLettersTileTheSequence) {
  for (const int64_t length : {61, 100, 121, 600}) {
    for (const int64_t overlap : {0, 12, 30}) {
      const auto pieces = cut_into_pieces(length, 60, overlap, 6);
      int64_t at = 0;
      for (const auto& piece : pieces) {
        EXPECT_EQ(piece.own_begin, at);
        EXPECT_LE(piece.begin, piece.own_begin);
        EXPECT_LE(piece.own_end, piece.end);
        EXPECT_LE(piece.end - piece.begin, 60);
        EXPECT_EQ((piece.own_begin - piece.begin) % 6, 0);
        at = piece.own_end;
      }
      EXPECT_EQ(at, length);
    }
  }
}

}  // namespace
}  // namespace cohesin
