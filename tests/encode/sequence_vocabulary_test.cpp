#include "cohesin/encode/sequence_vocabulary.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

std::string vocabulary_text(const SequenceVocabulary& vocabulary) {
  std::string text;
  for (const auto& word : vocabulary.words) text += (text.empty() ? "" : "\n") + word;
  return text;
}

TEST(SequenceVocabulary, HasTheSizeInWordsAndBytesOfThePublishedFiles) {
  EXPECT_EQ(make_esm_vocabulary().words.size(), 33U);
  EXPECT_EQ(vocabulary_text(make_esm_vocabulary()).size(), 93U);
  EXPECT_EQ(make_nucleotide_vocabulary(6, 1).words.size(), 4105U);
  EXPECT_EQ(vocabulary_text(make_nucleotide_vocabulary(6, 1)).size(), 28706U);
  EXPECT_EQ(make_nucleotide_vocabulary(6, 2).words.size(), 4107U);
  EXPECT_EQ(vocabulary_text(make_nucleotide_vocabulary(6, 2)).size(), 28718U);
}

TEST(SequenceVocabulary, KMersAreInThePublishedOrder) {
  for (const auto& [word, id] : {std::pair{"AAAAAA", 6},
                                 {"AAAAAT", 7},
                                 {"ATTCCG", 369},
                                 {"TTTTTT", 1371},
                                 {"CGACTA", 2858},
                                 {"GGGGGG", 4101}}) {
    EXPECT_EQ(make_nucleotide_vocabulary(6, 2).words[static_cast<size_t>(id)], word);
    EXPECT_EQ(make_nucleotide_vocabulary(6, 1).words[static_cast<size_t>(id) - 2], word);
  }
}

TEST(SequenceVocabulary, SpecialWordsHaveTheirPublishedIds) {
  const auto esm = make_esm_vocabulary();
  EXPECT_EQ(esm.cls, 0);
  EXPECT_EQ(esm.pad, 1);
  EXPECT_EQ(esm.eos, 2);
  EXPECT_EQ(esm.unk, 3);
  EXPECT_EQ(esm.mask, 32);
  const auto v1 = make_nucleotide_vocabulary(6, 1), v2 = make_nucleotide_vocabulary(6, 2);
  for (const auto& nucleotide : {v1, v2}) {
    EXPECT_EQ(nucleotide.unk, 0);
    EXPECT_EQ(nucleotide.pad, 1);
    EXPECT_EQ(nucleotide.mask, 2);
    EXPECT_EQ(nucleotide.cls, 3);
    EXPECT_FALSE(nucleotide.adds_eos);
  }
  EXPECT_FALSE(v1.eos);
  EXPECT_EQ(v2.eos, 4);
  const auto one_hot = make_one_hot_vocabulary();
  EXPECT_EQ(one_hot.pad, -1);
  EXPECT_FALSE(one_hot.mask || one_hot.cls || one_hot.eos || one_hot.unk);
}

TEST(SequenceVocabulary, AFileOfOtherWordsIsAnErrorNamingTheFirstLineThatDiffers) {
  const auto esm = make_esm_vocabulary();
  const std::string text = vocabulary_text(esm);
  EXPECT_NO_THROW(esm.require_same(text, "vocab.txt"));
  EXPECT_NO_THROW(esm.require_same(text + "\n", "vocab.txt"));
  std::string windows;
  for (const char c : text) windows += c == '\n' ? std::string("\r\n") : std::string(1, c);
  EXPECT_NO_THROW(esm.require_same(windows, "vocab.txt"));

  std::string swapped = text;
  swapped[text.find("\nL\nA\n") + 1] = 'A';
  EXPECT_ERROR(esm.require_same(swapped, "vocab.txt"),
               "vocab.txt:5: has 'A' where this tokenizer has 'L'");
  EXPECT_ERROR(esm.require_same(text + "\n<bos>", "vocab.txt"),
               "vocab.txt:34: has the word '<bos>'");
  EXPECT_ERROR(esm.require_same("<cls>\n<pad>", "vocab.txt"), "ends after 2 words");
  EXPECT_ERROR(esm.require_same("", "vocab.txt"), "ends after 0 words");
  EXPECT_ERROR(make_nucleotide_vocabulary(6, 2).require_same(
                   vocabulary_text(make_nucleotide_vocabulary(6, 1)), "vocab.txt"),
               "vocab.txt:5: has 'AAAAAA' where this tokenizer has '<eos>'");
}

TEST(NucleotideWords, FollowFromTheSizeOfTheVocabulary) {
  for (const auto& [size, k, version] :
       {std::tuple{4105, 6, 1}, {4107, 6, 2}, {73, 3, 1}, {75, 3, 2}, {265, 4, 1}, {267, 4, 2}}) {
    EXPECT_EQ(nucleotide_words_of(size).k, k);
    EXPECT_EQ(nucleotide_words_of(size).version, version);
    EXPECT_EQ(make_nucleotide_vocabulary(k, version).words.size(), static_cast<size_t>(size));
  }
  for (const int64_t size : {0, -5, 33, 4096, 4106, 4108})
    EXPECT_ERROR(nucleotide_words_of(size), fmt::format("vocab_size {}", size));
}

TEST(NucleotideWords, OtherSettingsAreRefused) {
  EXPECT_ERROR(make_nucleotide_vocabulary(0, 2), "'k' is 0");
  EXPECT_ERROR(make_nucleotide_vocabulary(31, 2), "'k' is 31");
  EXPECT_ERROR(make_nucleotide_vocabulary(6, 3), "'version' is 3");
}

}  // namespace
}  // namespace cohesin
