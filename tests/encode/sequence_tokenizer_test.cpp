#include "cohesin/encode/sequence_tokenizer.h"

#include <nlohmann/json.hpp>

#include "tests/testing.h"

namespace cohesin {
namespace {

using cohesin::testing::golden;
using Ids = std::vector<int32_t>;
using Json = nlohmann::json;

Json golden_cases(const std::string& name) {
  std::ifstream file(golden("tokenizers/" + name + ".json"));
  return Json::parse(file);
}

SequenceTokenizer tokenizer(const std::string& name, const std::string& mode = "policies",
                            int64_t version = 2, int64_t k = 6) {
  SequenceTokenizerConfig config;
  config.name = name;
  config.mode = mode;
  config.version = version;
  config.k = k;
  return SequenceTokenizer(config);
}

std::vector<std::string> words(const SequenceTokenizer& tokenizer, const Ids& ids) {
  std::vector<std::string> found;
  for (const int32_t id : ids)
    found.push_back(tokenizer.vocabulary().words[static_cast<size_t>(id)]);
  return found;
}

bool holds_only(const std::string& text, const std::string& letters) {
  return text.find_first_not_of(letters) == std::string::npos;
}

// One column of a golden table in one mode.
void expect_row(const SequenceTokenizer& tokenizer, const std::string& sequence,
                const Json& expected) {
  if (expected.contains("error")) {
    EXPECT_ERROR(tokenizer.tokenize(sequence), "letter ");
    return;
  }
  const Ids ids = tokenizer.tokenize(sequence);
  EXPECT_EQ(ids, expected["ids"].get<Ids>()) << sequence;
  EXPECT_EQ(words(tokenizer, ids), expected["tokens"].get<std::vector<std::string>>()) << sequence;
}

TEST(SequenceTokenizer, EqualsThePublishedEsmTokenizerExactly) {
  const auto hub = tokenizer("esm", "hub"), policies = tokenizer("esm");
  int64_t plain = 0;
  for (const auto& row : golden_cases("esm2")) {
    const auto sequence = row["sequence"].get<std::string>();
    expect_row(hub, sequence, row);
    if (!holds_only(sequence, "ABCDEFGHIKLMNOPQRSTUVWXYZ ")) continue;
    ++plain;
    expect_row(policies, sequence, row);
  }
  EXPECT_GT(plain, 5);
}

TEST(SequenceTokenizer, EqualsBothPublishedNucleotideTokenizersExactly) {
  for (const int64_t version : {1, 2}) {
    const auto hub = tokenizer("nt", "hub", version),
               original = tokenizer("nt", "original", version),
               policies = tokenizer("nt", "policies", version);
    int64_t plain = 0;
    for (const auto& row : golden_cases(fmt::format("nt_v{}", version))) {
      const auto sequence = row["sequence"].get<std::string>();
      expect_row(hub, sequence, row["hub"]);
      expect_row(original, sequence, row["original"]);
      if (!holds_only(sequence, "ACGTN")) continue;
      ++plain;
      expect_row(policies, sequence, row["original"]);
    }
    EXPECT_GT(plain, 20);
  }
}

TEST(SequenceTokenizer, AllModesAgreeOnEverySequenceOfPlainLetters) {
  for (const int64_t k : {3, 4, 6}) {
    const auto hub = tokenizer("nt", "hub", 2, k), original = tokenizer("nt", "original", 2, k),
               policies = tokenizer("nt", "policies", 2, k);
    uint32_t state = 1;
    for (int length = 0; length < 300; ++length) {
      std::string letters;
      for (int i = 0; i < length; ++i) {
        state = state * 1664525 + 1013904223;
        letters += "ACGTACGTACGTACGN"[state >> 28];
      }
      const Ids ids = policies.tokenize(letters);
      EXPECT_EQ(ids, original.tokenize(letters));
      EXPECT_EQ(ids, hub.tokenize(letters));
      EXPECT_EQ(policies.decode(ids), "<cls>" + letters);
    }
  }
}

TEST(SequenceTokenizer, OneHotHasEnformersIds) {
  const auto one_hot = tokenizer("one_hot");
  EXPECT_EQ(one_hot.tokenize("ACGTN"), (Ids{0, 1, 2, 3, 4}));
  EXPECT_EQ(one_hot.tokenize("acgun"), (Ids{0, 1, 2, 3, 4}));
  EXPECT_EQ(one_hot.tokenize("RYX"), (Ids{4, 4, 4}));  // an unknown base is N, never A
  EXPECT_EQ(one_hot.decode({0, -1, 4}), "AN");
  EXPECT_ERROR(tokenizer("one_hot", "original").tokenize("ACGTa"), "letter 5 is 'a'");
}

TEST(SequenceTokenizer, UnknownLettersKeepTheirPlacesUnderPolicies) {
  SequenceTokenizerConfig config;
  config.name = "nt";
  config.policies.ambiguous = "unk";
  EXPECT_EQ(SequenceTokenizer(config).tokenize("ACGTACRRACGTAC"), (Ids{3, 728, 0, 0, 728}));
  config.policies.ambiguous = "any";
  EXPECT_EQ(SequenceTokenizer(config).tokenize("ACGTACRRACGTAC"), (Ids{3, 728, 4106, 4106, 728}));
}

TEST(SequenceTokenizer, RnaAndSoftMaskedDnaGiveTheTokensOfDna) {
  const auto nucleotide = tokenizer("nt");
  EXPECT_EQ(nucleotide.tokenize("acguacACGU"), nucleotide.tokenize("ACGTACACGT"));
}

TEST(SequenceTokenizer, StartsAreLettersOfTheSequenceAsItCame) {
  SequenceChanges changes;
  const auto esm = tokenizer("esm").tokenize({"p", "", "MK-T*"}, changes);
  EXPECT_EQ(esm.ids.size(), esm.starts.size());
  EXPECT_EQ(esm.starts, (std::vector<int64_t>{-1, 0, 1, 3, -1}));
  const auto nucleotide = tokenizer("nt").tokenize({"d", "", "AC-GTACGGNACGTACA"}, changes);
  EXPECT_EQ(nucleotide.ids, (Ids{3, 728, 4105, 4105, 4106, 728, 4102}));
  EXPECT_EQ(nucleotide.starts, (std::vector<int64_t>{-1, 0, 7, 8, 9, 10, 16}));
  const auto hub = tokenizer("esm", "hub").tokenize({"h", "", "M <mask>ww K"}, changes);
  EXPECT_EQ(hub.starts, (std::vector<int64_t>{-1, 0, 2, 8, 11, -1}));
}

TEST(SequenceTokenizer, SaysWhatItChangedAndWhere) {
  SequenceChanges changes;
  const auto esm = tokenizer("esm");
  esm.tokenize({"p1", "", "MKT*"}, changes);
  esm.tokenize({"p2", "", "MKTV"}, changes);
  ASSERT_EQ(changes.describe().size(), 1U);
  EXPECT_EQ(
      changes.describe()[0],
      "1 letter in 1 of 2 sequences: stop codons ('*') at the end, removed (first: p1: letter "
      "4 is '*')");
  SequenceChanges hub_changes;
  tokenizer("nt", "hub").tokenize({"d1", "", "ACGTACRRacgCCCTTT"}, hub_changes);
  ASSERT_EQ(hub_changes.changes.size(), 1U);
  EXPECT_EQ(hub_changes.changes[0].first, "d1: letter 7 is 'R'");
  EXPECT_ERROR(esm.tokenize({"p3", "", "MK*TV"}, changes), "p3: letter 3 is '*'");
  EXPECT_ERROR(tokenizer("esm", "original").tokenize({"p4", "", "MKJ"}, changes),
               "p4: letter 3 is 'J'");
}

TEST(SequenceTokenizer, LettersForALimitOfTokens) {
  EXPECT_EQ(tokenizer("nt", "policies", 1).max_letters(1000), 5994);
  EXPECT_EQ(tokenizer("nt").max_letters(2048), 12282);
  EXPECT_EQ(tokenizer("nt").tokenize(std::string(12282, 'A')).size(), 2048U);
  EXPECT_EQ(tokenizer("esm").max_letters(1026), 1024);
  EXPECT_EQ(tokenizer("one_hot").max_letters(196608), 196608);
  EXPECT_EQ(tokenizer("esm").max_letters(1), 0);
}

TEST(SequenceTokenizer, FollowsFromTheVocabularySizeOfAModel) {
  const auto config = tokenizer_for_vocabulary("nt", 267);
  EXPECT_EQ(config.k, 4);
  EXPECT_EQ(config.version, 2);
  EXPECT_EQ(tokenizer_for_vocabulary("esm", 33).name, "esm");
  EXPECT_EQ(tokenizer_for_vocabulary("one_hot", 5).name, "one_hot");
  EXPECT_ERROR(tokenizer_for_vocabulary("esm", 64),
               "vocab_size is 64, but the tokenizer 'esm' has 33");
  EXPECT_ERROR(tokenizer_for_vocabulary("nt", 4106), "vocab_size 4106");
}

TEST(SequenceTokenizer, SettingsThatDoNotExistOrFitAreErrors) {
  EXPECT_ERROR(tokenizer("bert"), "'name' is 'bert'; expected one of: esm, nt, one_hot");
  EXPECT_ERROR(tokenizer("esm", "strict"), "'mode' is 'strict'");
  EXPECT_ERROR(tokenizer("one_hot", "hub"), "which 'one_hot' does not have");
  SequenceTokenizerConfig config;
  config.name = "one_hot";
  config.policies.ambiguous = "unk";
  EXPECT_ERROR(SequenceTokenizer(config), "'one_hot' has no <unk>");
  EXPECT_ERROR(tokenizer("esm").decode({33}), "token 33 is not in the vocabulary");
}

TEST(SequenceTokenizerConfig, IsReadAndWrittenAsOneFlatSection) {
  SequenceTokenizerConfig config;
  read_config(config, R"({"name": "nt", "k": 3, "version": 1, "gaps": "keep"})", "recipe.json");
  EXPECT_EQ(config.k, 3);
  EXPECT_EQ(config.policies.gaps, "keep");
  SequenceTokenizerConfig again;
  read_config(again, write_config(config), "again");
  EXPECT_EQ(write_config(again), write_config(config));
  EXPECT_ERROR(read_config(config, R"({"gap": "keep"})", "recipe.json"), "gaps");
}

}  // namespace
}  // namespace cohesin
