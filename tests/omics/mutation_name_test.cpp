#include "cohesin/omics/mutation_name.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(MutationName, OneOrSeveralInAscendingOrder) {
  const auto one = parse_mutation_name("A23V");
  ASSERT_EQ(one.size(), 1U);
  EXPECT_EQ(one[0].reference, 'A');
  EXPECT_EQ(one[0].position, 23);
  EXPECT_EQ(one[0].alternative, 'V');
  for (const char* text : {"G240S:A23V", "A23V,G240S", "G240S, A23V"}) {
    const auto two = parse_mutation_name(text);
    ASSERT_EQ(two.size(), 2U) << text;
    EXPECT_EQ(two[0].name(), "A23V");
    EXPECT_EQ(two[1].name(), "G240S");
  }
  EXPECT_EQ(parse_mutation_name("A0A")[0].name(), "A0A");
  EXPECT_EQ(parse_mutation_name("W-3*")[0].name(), "W-3*");
}

TEST(MutationName, WhatIsNoneIsNamed) {
  for (const char* text : {"", "A", "AV", "23", "p.Ala23Val", "A23", "A2.3V", "A23V:", ":A23V"})
    EXPECT_ERROR(parse_mutation_name(text), "is no substitution; expected a residue");
  EXPECT_ERROR(parse_mutation_name("WT"), "'WT' is no substitution");
  EXPECT_ERROR(parse_mutation_name("A23V:G24B"), "'G24B': 'B' is no amino acid");
  EXPECT_ERROR(parse_mutation_name("a23V"), "'a' is no amino acid; expected one of ACDEF");
  EXPECT_ERROR(parse_mutation_name("*23V"), "'*' is no amino acid");
  EXPECT_ERROR(parse_mutation_name("A23="), "'=' is no amino acid");
  EXPECT_ERROR(parse_mutation_name("A23V:A23G"), "changes position 23 twice");
  EXPECT_ERROR(parse_mutation_name("A99999999999999999999V"), "is no substitution");
}

}  // namespace
}  // namespace cohesin
