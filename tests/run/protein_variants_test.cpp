#include "cohesin/run/protein_variants.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/io/fasta.h"
#include "cohesin/io/text_table.h"
#include "cohesin/metrics/value_metrics.h"
#include "cohesin/run/protein_mutations.h"
#include "cohesin/run/sequence_encoder.h"
#include "tests/run/sequence_workplace.h"

namespace cohesin {
namespace {

using ::testing::HasSubstr;
using testing::kResidues;
using testing::random_letters;

class Workplace : public testing::SequenceWorkplace {
 public:
  using SequenceWorkplace::SequenceWorkplace;
  ProteinVariantsOptions options(const std::string& fasta, const std::string& table,
                                 const std::string& method = "masked") const {
    ProteinVariantsOptions options;
    options.checkpoint = path() / "model";
    options.protein = write("in.fa", fasta);
    options.mutations = write("in.tsv", table);
    options.out = path() / ("out_" + method + ".tsv");
    options.method = method;
    options.force = true;
    return options;
  }
  TextTable scored(const ProteinVariantsOptions& options) const {
    score_protein_variants(options);
    return read_text_table(options.out);
  }
  std::string refusal(const std::string& fasta, const std::string& table) const {
    try {
      score_protein_variants(options(fasta, table));
    } catch (const Error& error) {
      return error.what();
    }
    return "none";
  }
};

// The model asked about one sequence at a time: log p [V] at a residue.
class OneByOne {
 public:
  explicit OneByOne(const Workplace& work) : encoder_(load_sequence_encoder(work / "model")) {}
  double log_p(const std::string& letters, size_t at, char residue, bool hidden) const {
    const std::vector<int32_t> ids = encoder_.tokenizer.tokenize(letters);
    at::Tensor input =
        at::tensor(std::vector<int64_t>(ids.begin(), ids.end()), at::kLong).unsqueeze(0);
    const auto place = static_cast<int64_t>(at) + 1;
    if (hidden) input[0][place] = encoder_.model->mask_token();
    Batch batch;
    batch.tensors["input_ids"] = input;
    const at::Tensor logits = encoder_.model->forward(batch, {"logits"}).at("logits");
    return at::log_softmax(logits[0][place], -1)[encoder_.tokenizer.vocabulary().letter_id(residue)]
        .item<double>();
  }
  double pll(const std::string& letters) const {
    double sum = 0;
    for (size_t i = 0; i < letters.size(); ++i) sum += log_p(letters, i, letters[i], true);
    return sum;
  }

 private:
  SequenceEncoder encoder_;
};

double number(const TextTable& table, size_t row, const std::string& column) {
  return std::stod(table.rows[row][table.column(column)]);
}

const std::string kProtein = "MKTAYIAKQRQISFVKSHFSRQ";
const std::string kFasta = ">P1\n" + kProtein + "\n";

TEST(ProteinVariants, MarginalsAreThoseOfOneSequenceAtATime) {
  const Workplace work;
  const OneByOne model(work);
  const std::string table = "mutant\tfitness\nK2R\t0.5\nM1V:Q22E\t\nA4A\t1\nK2R\t2\nS13W,K2D\t3\n";
  for (const bool hidden : {true, false}) {
    const TextTable out = work.scored(work.options(kFasta, table, hidden ? "masked" : "wild-type"));
    EXPECT_EQ(out.header, (std::vector<std::string>{"mutant", "fitness", "reference", "alternative",
                                                    "effect"}));
    const std::vector<std::vector<std::pair<size_t, char>>> changes = {
        {{1, 'R'}}, {{0, 'V'}, {21, 'E'}}, {{3, 'A'}}, {{1, 'R'}}, {{12, 'W'}, {1, 'D'}}};
    for (size_t row = 0; row < changes.size(); ++row) {
      double reference = 0, alternative = 0;
      for (const auto& [at, residue] : changes[row]) {
        reference += model.log_p(kProtein, at, kProtein[at], hidden);
        alternative += model.log_p(kProtein, at, residue, hidden);
      }
      EXPECT_NEAR(number(out, row, "reference"), reference, 2e-5);
      EXPECT_NEAR(number(out, row, "alternative"), alternative, 2e-5);
      EXPECT_NEAR(number(out, row, "effect"), alternative - reference, 4e-5);
    }
    EXPECT_EQ(number(out, 2, "effect"), 0);
    EXPECT_EQ(out.rows[0][4], out.rows[3][4]);
    EXPECT_EQ(out.rows[1][1], "");  // other columns as they were
  }
}

TEST(ProteinVariants, PseudoLikelihoodHidesEveryPositionInItsTurn) {
  const Workplace work;
  const OneByOne model(work);
  const TextTable out =
      work.scored(work.options(kFasta, "mutation\nK2R\nM1V:Q22E\nA4A\nK2R\n", "pll"));
  const double wild = model.pll(kProtein);
  std::string first = kProtein, second = kProtein;
  first[1] = 'R';
  second[0] = 'V';
  second[21] = 'E';
  const std::vector<double> expected = {model.pll(first), model.pll(second), wild,
                                        model.pll(first)};
  for (size_t row = 0; row < expected.size(); ++row) {
    EXPECT_NEAR(number(out, row, "reference"), wild, 2e-4);
    EXPECT_NEAR(number(out, row, "alternative"), expected[row], 2e-4);
    EXPECT_NEAR(number(out, row, "effect"), expected[row] - wild, 2e-4);
  }
  EXPECT_EQ(number(out, 2, "effect"), 0);
}

TEST(ProteinVariants, BatchesChangeNothingButRounding) {
  const Workplace work;
  std::string table = "mutant\n";
  for (size_t i = 0; i < kProtein.size(); ++i) table += kProtein[i] + std::to_string(i + 1) + "G\n";
  for (const char* method : {"masked", "pll"}) {
    ProteinVariantsOptions options = work.options(kFasta, table, method);
    const TextTable together = work.scored(options);
    options.max_tokens = 1;
    const TextTable alone = work.scored(options);
    for (size_t row = 0; row < kProtein.size(); ++row)
      EXPECT_NEAR(number(together, row, "effect"), number(alone, row, "effect"), 1e-4);
  }
}

TEST(ProteinVariants, LongProteinsAreSeenThroughAWindowAroundThePosition) {
  const Workplace work;  // trained on 64 tokens, 62 residues
  const OneByOne model(work);
  const std::string protein = random_letters(kResidues, 150, 3);
  const std::string table = fmt::format("mutant\n{}5W\n{}80W\n{}149W\n{}5W:{}149W\n", protein[4],
                                        protein[79], protein[148], protein[4], protein[148]);
  const auto effect = [&](size_t at, size_t begin) {
    const std::string seen = protein.substr(begin, 62);
    return model.log_p(seen, at - begin, 'W', true) -
           model.log_p(seen, at - begin, protein[at], true);
  };
  const TextTable out = work.scored(work.options(">long\n" + protein + "\n", table));
  EXPECT_NEAR(number(out, 0, "effect"), effect(4, 0), 5e-5);
  EXPECT_NEAR(number(out, 1, "effect"), effect(79, 79 - 31), 5e-5);
  EXPECT_NEAR(number(out, 2, "effect"), effect(148, 150 - 62), 5e-5);
  EXPECT_NEAR(number(out, 3, "effect"), effect(4, 0) + effect(148, 88), 1e-4);
  // pll: as if every position of both proteins had been asked about.
  std::string changed = protein;
  changed[79] = 'W';
  double difference = 0;
  for (size_t i = 0; i < protein.size(); ++i) {
    const size_t begin = i < 31 ? 0 : std::min<size_t>(i - 31, 88);
    difference += model.log_p(changed.substr(begin, 62), i - begin, changed[i], true) -
                  model.log_p(protein.substr(begin, 62), i - begin, protein[i], true);
  }
  const TextTable pll = work.scored(work.options(">long\n" + protein + "\n", table, "pll"));
  EXPECT_NEAR(number(pll, 1, "effect"), difference, 5e-4);
  ProteinVariantsOptions whole = work.options(">long\n" + protein + "\n", table);
  whole.window = 150;  // rotary positions go on
  EXPECT_NEAR(number(work.scored(whole), 1, "effect"),
              model.log_p(protein, 79, 'W', true) - model.log_p(protein, 79, protein[79], true),
              5e-5);
}

TEST(ProteinVariants, OffsetIsTheNumberOfTheFirstResidue) {
  const Workplace work;
  const TextTable plain = work.scored(work.options(kFasta, "mutant\nK2R\nT3S\n"));
  ProteinVariantsOptions options = work.options(kFasta, "mutant\nK25R\nT26S\n");
  options.offset = 24;
  const TextTable shifted = work.scored(options);
  EXPECT_EQ(plain.rows[0].back(), shifted.rows[0].back());
  EXPECT_EQ(plain.rows[1].back(), shifted.rows[1].back());
  EXPECT_THAT(
      work.refusal(kFasta, "mutant\nK25R\nT26S\nA27A\n"),
      HasSubstr("in.tsv:2: K25R: 'P1' has the positions 1 to 22; all 3 of its mutations fit "
                "--offset 24"));
}

TEST(ProteinVariants, SeveralProteinsAndGapsAndCase) {
  const Workplace work;
  const std::string fasta = ">a\nMK-tay\n>b\nWWWW*\n";
  const TextTable out =
      work.scored(work.options(fasta, "Protein\tmutant\na\tT3S\nb\tW4C\na\tM1L\n"));
  const TextTable alone = work.scored(work.options(">x\nMKTAY\n", "mutant\nT3S\nM1L\n"));
  EXPECT_NEAR(number(out, 0, "effect"), number(alone, 0, "effect"), 1e-5);
  EXPECT_NEAR(number(out, 2, "effect"), number(alone, 1, "effect"), 1e-5);
  EXPECT_THAT(work.refusal(fasta, "mutant\nT3S\n"),
              HasSubstr("holds 2 proteins; the table needs a column 'protein'"));
  EXPECT_THAT(work.refusal(fasta, "protein\tmutant\na\tT3S\nbb\tW1C\n"),
              HasSubstr("in.tsv:3: the FASTA file has no protein 'bb' (did you mean 'b'?)"));
}

TEST(ProteinVariants, StopsStayEmptyAndAreLeftOutOfTheComparison) {
  const Workplace work;
  ProteinVariantsOptions options =
      work.options(kFasta, "mutant\tfitness\nK2R\t3\nK2*\t0\nT3S\t1\nA4G\t\nM1V\t2\nI6V:A7*\t1\n");
  options.compare = "fitness";
  const auto agreement = score_protein_variants(options);
  const TextTable out = read_text_table(options.out);
  EXPECT_EQ(out.rows[1].back(), "");
  EXPECT_EQ(out.rows[5].back(), "");
  ASSERT_TRUE(agreement.has_value());
  EXPECT_EQ(agreement->count, 3);
  const std::vector<double> ours = {number(out, 0, "effect"), number(out, 2, "effect"),
                                    number(out, 4, "effect")};
  EXPECT_EQ(agreement->spearman, spearman_correlation(std::vector<double>{3, 1, 2}, ours));
  EXPECT_FALSE(score_protein_variants(work.options(kFasta, "mutant\nK2R\n")).has_value());
}

TEST(ProteinVariants, BadTablesAreRefusedWithTheirPlace) {
  const Workplace work;
  const auto refusal = [&work](const std::string& table) { return work.refusal(kFasta, table); };
  EXPECT_THAT(
      refusal("mutant\nK2R\nR2K\n"),
      HasSubstr("in.tsv:3: R2K: 'P1' has K at position 2; are these the mutations of this"));
  EXPECT_THAT(refusal("mutant\nK2R\nQ23A\n"),
              HasSubstr("in.tsv:3: Q23A: 'P1' has the positions 1"));
  EXPECT_THAT(refusal("mutant\nM0A\n"), HasSubstr("has the positions 1 to 22"));
  EXPECT_THAT(refusal("mutant\nK2J\n"), HasSubstr("in.tsv:2: 'K2J': 'J' is no amino acid"));
  EXPECT_THAT(refusal("mutant\nWT\n"), HasSubstr("in.tsv:2: 'WT' is no substitution"));
  EXPECT_THAT(refusal("mutant\tx\n\t1\n"), HasSubstr("in.tsv:2: '' is no substitution"));
  EXPECT_THAT(refusal(""), HasSubstr("is empty"));
  EXPECT_THAT(refusal("mutant\n"), HasSubstr("has a header and no rows"));
  EXPECT_THAT(refusal("K2R\nK2R\n"),
              HasSubstr("its first line is 'K2R', not the name of a column"));
  EXPECT_THAT(refusal("mutatns\tx\nK2R\t1\n"), HasSubstr("--column (is it 'mutatns'?)"));
  EXPECT_THAT(refusal("mutant\teffect\nK2R\t1\n"), HasSubstr("has a column 'effect' already"));
  EXPECT_THAT(work.refusal(">P1\nMK\n>P1\nMK\n", "mutant\nK2R\n"),
              HasSubstr("in.fa:3: a second 'P1' (the first is in line 1)"));
  ProteinVariantsOptions options = work.options(kFasta, "variants\tfit\nK2R\tx\n");
  options.column = "variant";
  EXPECT_ERROR(score_protein_variants(options), "no column 'variant' (did you mean 'variants'?)");
  options.column = "variants";
  options.compare = "fit";
  EXPECT_ERROR(score_protein_variants(options), "in.tsv:2: column 'fit': 'x' is no number");
  options.method = "mask";
  EXPECT_ERROR(score_protein_variants(options), "--method mask: expected masked, wild-type or pll");
  EXPECT_FALSE(std::filesystem::exists(options.out));
  const Workplace dna("nucleotide_transformer", "nt_v1_tiny");
  EXPECT_ERROR(score_protein_variants(dna.options(kFasta, "mutant\nK2R\n")),
               "reads DNA, not proteins; --protein needs a protein model");
}

// Published predictors against measured columns, as scipy correlates them, and the names of a
// published scan against the protein itself.
TEST(ProteinVariants, APublishedScanIsReadAndRankedAsScipyDoes) {
  const auto folder = std::filesystem::path(COHESIN_SHARED) / "data" / "protein_esm_examples";
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "no " << folder;
  const TextTable table = read_text_table(folder / "BLAT_ECOLX_Ranganathan2015.csv.gz");
  const auto recorded =
      nlohmann::json::parse(read_text(testing::golden("protein_scan") / "spearman.json"));
  for (const auto& one : recorded["cases"]) {
    const std::string predictor = one["predicted"];
    const auto measured = numbers_of_column(table, one["measured"]);
    const auto predicted = numbers_of_column(table, predictor);
    std::vector<double> x, y;
    for (size_t i = 0; i < measured.size(); ++i) {
      if (std::isnan(measured[i]) || std::isnan(predicted[i])) continue;
      x.push_back(measured[i]);
      y.push_back(predicted[i]);
    }
    EXPECT_EQ(x.size(), one["count"]);
    EXPECT_NEAR(spearman_correlation(x, y), one["spearman"].get<double>(), 1e-12) << predictor;
  }
  FastaReader fasta(folder / "P62593.fasta.gz");
  Sequence mutant;
  fasta.next(mutant);  // P20P: the protein as it is
  const std::vector<Protein> whole = {{"TEM-1", mutant.letters}};
  const std::vector<Protein> from_24 = {{"TEM-1", mutant.letters.substr(23)}};
  EXPECT_EQ(read_mutations(table, "", whole, 1).size(), 4996U);
  EXPECT_EQ(read_mutations(table, "", from_24, 24).size(), 4996U);
  EXPECT_ERROR(read_mutations(table, "", from_24, 1), "mutations fit --offset 24");
}

}  // namespace
}  // namespace cohesin
