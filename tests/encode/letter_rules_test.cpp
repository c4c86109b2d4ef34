#include "cohesin/encode/letter_rules.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

std::string clean(Alphabet alphabet, const LetterPolicies& policies, const std::string& letters) {
  SequenceChanges changes;
  return LetterRules(alphabet, policies).clean(letters, "s", changes).letters;
}
std::string dna(const std::string& letters, const LetterPolicies& policies = {}) {
  return clean(Alphabet::kDna, policies, letters);
}
std::string protein(const std::string& letters, const LetterPolicies& policies = {}) {
  return clean(Alphabet::kProtein, policies, letters);
}

LetterPolicies with(std::string LetterPolicies::*member, const std::string& value) {
  LetterPolicies policies;
  policies.*member = value;
  return policies;
}

TEST(LetterRules, PlainLettersPassUnchangedAndUncounted) {
  SequenceChanges changes;
  const auto bases = LetterRules(Alphabet::kDna, {}).clean("ACGTN", "s", changes);
  EXPECT_EQ(bases.letters, "ACGTN");
  EXPECT_TRUE(bases.positions.empty());
  const std::string residues = "ABCDEFGHIKLMNOPQRSTUVWXYZ";
  EXPECT_EQ(LetterRules(Alphabet::kProtein, {}).clean(residues, "t", changes).letters, residues);
  EXPECT_TRUE(changes.changes.empty());
  EXPECT_EQ(changes.sequences, 2);
  EXPECT_EQ(changes.letters, 30);
}

TEST(LetterRules, EveryRewritingIsCountedWithItsFirstExample) {
  const LetterRules rules(Alphabet::kDna, {});
  SequenceChanges changes;
  rules.clean("ACGT", "plain", changes);
  const auto found = rules.clean("acU-RRn", "s1", changes);
  EXPECT_EQ(found.letters, "ACTNNN");
  EXPECT_EQ(found.positions, (std::vector<int64_t>{0, 1, 2, 4, 5, 6}));
  rules.clean("ACGY", "s2", changes);
  EXPECT_EQ(
      changes.describe(),
      (std::vector<std::string>{
          "3 letters in 1 of 3 sequences: lower case, read as upper case (first: s1: letter 1 "
          "is 'a')",
          "1 letter in 1 of 3 sequences: U, read as T (first: s1: letter 3 is 'U')",
          "3 letters in 2 of 3 sequences: not in the model's vocabulary, read as N (first: "
          "s1: letter 5 is 'R')",
          "1 letter in 1 of 3 sequences: gaps, removed (first: s1: letter 4 is '-')"}));
}

TEST(LetterRules, CountsOfPartsAddUp) {
  const LetterRules rules(Alphabet::kDna, {});
  SequenceChanges whole, first, second;
  rules.clean("aC", "s1", whole);
  rules.clean("UcC", "s2", whole);
  rules.clean("aC", "s1", first);
  rules.clean("UcC", "s2", second);
  first += second;
  EXPECT_EQ(first.describe(), whole.describe());
  EXPECT_EQ(first.letters, 5);
}

TEST(LetterRules, BasesFollowEachPolicy) {
  EXPECT_EQ(dna("acgt"), "ACGT");
  EXPECT_ERROR(dna("ACgT", with(&LetterPolicies::lower_case, "error")),
               "s: letter 3 is 'g', in lower");
  EXPECT_EQ(dna("ACGu"), "ACGT");
  EXPECT_ERROR(dna("ACGU", with(&LetterPolicies::rna, "error")), "s: letter 4 is 'U', RNA");
  EXPECT_EQ(dna("RYKMSWBDHVX"), "NNNNNNNNNNN");
  EXPECT_EQ(dna("ArT", with(&LetterPolicies::ambiguous, "unk")), "A?T");
  EXPECT_ERROR(dna("AR", with(&LetterPolicies::ambiguous, "error")),
               "s: letter 2 is 'R', which the");
  EXPECT_EQ(dna("N", with(&LetterPolicies::ambiguous, "error")), "N");
  EXPECT_EQ(dna("A-. \tC"), "AC");
  EXPECT_EQ(dna("A-.\tC", with(&LetterPolicies::gaps, "keep")), "ANNC");
  EXPECT_ERROR(dna("A-", with(&LetterPolicies::gaps, "error")), "s: letter 2 is '-', a gap");
}

TEST(LetterRules, ResiduesFollowEachPolicy) {
  EXPECT_EQ(protein("mkTu"), "MKTU");
  EXPECT_EQ(protein("MJK"), "MXK");
  EXPECT_EQ(protein("MJK", with(&LetterPolicies::ambiguous, "unk")), "M?K");
  EXPECT_ERROR(protein("MJ", with(&LetterPolicies::ambiguous, "error")), "s: letter 2 is 'J'");
  EXPECT_EQ(protein("M-K.V W"), "MKVW");
  EXPECT_EQ(protein("M-K.V W", with(&LetterPolicies::gaps, "keep")), "M-K.VW");
  EXPECT_ERROR(protein("M K", with(&LetterPolicies::gaps, "error")), "s: letter 2 is ' '");
}

TEST(LetterRules, AStopEndsAProteinButIsRefusedInside) {
  EXPECT_EQ(protein("MKT*"), "MKT");
  EXPECT_EQ(protein("MKT**- "), "MKT");
  EXPECT_ERROR(protein("MK*T"), "s: letter 3 is '*', a stop codon inside");
  EXPECT_EQ(protein("MK*T*", with(&LetterPolicies::stop, "any")), "MKXT");
  EXPECT_ERROR(protein("MKT*", with(&LetterPolicies::stop, "error")), "s: letter 4 is '*'");
  SequenceChanges changes;
  LetterRules(Alphabet::kProtein, with(&LetterPolicies::stop, "any")).clean("M*K*", "s", changes);
  EXPECT_EQ(changes.changes.size(), 2U);
  EXPECT_EQ(changes.changes[0].first, "s: letter 4 is '*'");
  EXPECT_EQ(changes.changes[1].first, "s: letter 2 is '*'");
}

TEST(LetterRules, WhatStandsForNothingIsAlwaysRefused) {
  EXPECT_ERROR(dna("AC1"), "s: letter 3 is '1', which stands for no base");
  EXPECT_ERROR(dna("MKEF"), "is this a protein?");
  EXPECT_ERROR(dna("AC*"), "stands for no base");
  EXPECT_ERROR(dna("AC?"), "stands for no base");
  EXPECT_ERROR(protein("MK<mask>"), "s: letter 3 is '<', which stands for no residue");
  EXPECT_ERROR(protein("MK\xC3\xA4"), "s: letter 3 is byte 195");
}

TEST(LetterRules, BasesGivenAsAProteinAreNoticed) {
  SequenceChanges changes;
  const LetterRules rules(Alphabet::kProtein, {});
  rules.clean("ACGT", "short", changes);
  rules.clean("ACGTACGTACGTACGTACGTM", "protein", changes);
  EXPECT_TRUE(changes.changes.empty());
  rules.clean("ACGTACGTACGTACGTACGTN", "gene", changes);
  ASSERT_EQ(changes.changes.size(), 1U);
  EXPECT_EQ(changes.changes[0].first, "gene");
}

TEST(LetterRules, APolicyThatDoesNotExistIsAnError) {
  EXPECT_ERROR(dna("A", with(&LetterPolicies::lower_case, "keep")), "'lower_case' is 'keep'");
  EXPECT_ERROR(dna("A", with(&LetterPolicies::gaps, "")), "'gaps' is ''; expected one of: remove");
}

}  // namespace
}  // namespace cohesin
