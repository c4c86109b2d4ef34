#include "cohesin/encode/base_composition.h"

#include <gmock/gmock.h>

#include <string>

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(BaseComposition, CountsGcAndCpgAroundTheMiddleOfEachBin) {
  std::string letters(4000, 'A');
  letters.replace(2000, 4, "CGCG");  // bin 1 of 8 bases from 1992 has its middle at 2004
  const auto features = base_composition(letters, 1992, 8, 2);
  ASSERT_EQ(features.size(), 32U);
  const double* second = features.data() + 16;
  EXPECT_DOUBLE_EQ(second[0], 4.0 / 160);
  EXPECT_DOUBLE_EQ(second[1], 2.0 / 160);
  EXPECT_DOUBLE_EQ(second[2], 16.0 / 160 / 160);
  EXPECT_DOUBLE_EQ(second[4], 4.0 / 480);
  EXPECT_DOUBLE_EQ(second[13], 2.0 / 2016);
}

TEST(BaseComposition, LettersBeyondTheEndsDoNotCount) {
  const auto features = base_composition("GGGGNNNN", 0, 8, 1);
  EXPECT_DOUBLE_EQ(features[0], 0.5);
  EXPECT_DOUBLE_EQ(features[12], 0.5);
}

}  // namespace
}  // namespace cohesin
