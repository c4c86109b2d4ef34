#include "cohesin/base/philox.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "tests/testing.h"

namespace cohesin {
namespace {

TEST(Philox, GivesThePublishedWords) {
  std::ifstream file(testing::golden("philox/philox4x32.json"));
  const auto golden = nlohmann::json::parse(file);
  ASSERT_GE(golden.at("cases").size(), 10U);
  for (const auto& entry : golden.at("cases")) {
    EXPECT_EQ(philox4x32(entry.at("counter").get<std::array<uint32_t, 4>>(),
                         entry.at("key").get<std::array<uint32_t, 2>>(), entry.value("rounds", 10)),
              (entry.at("output").get<std::array<uint32_t, 4>>()))
        << entry;
  }
}

TEST(StableHash, IsFnv1a) {
  EXPECT_EQ(stable_hash(""), 0xcbf29ce484222325U);
  EXPECT_EQ(stable_hash("a"), 0xaf63dc4c8601ec8cU);
  EXPECT_EQ(stable_hash("foobar"), 0x85944171f73967e8U);
}

TEST(RandomStream, SameAddressGivesSameNumbers) {
  RandomStream first(7, "mask", 3);
  RandomStream second(7, "mask", 3);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(first.next_word(), second.next_word());
}

TEST(RandomStream, OtherSeedPurposeOrIndexGivesOtherNumbers) {
  const uint64_t word = RandomStream(7, "mask", 3).next_word64();
  EXPECT_NE(word, RandomStream(8, "mask", 3).next_word64());
  EXPECT_NE(word, RandomStream(7, "order", 3).next_word64());
  EXPECT_NE(word, RandomStream(7, "mask", 4).next_word64());
}

TEST(RandomStream, UniformAndNormalHaveTheirMoments) {
  RandomStream stream(1, "moments");
  double sum = 0;
  double normal_sum = 0;
  double normal_square = 0;
  constexpr int kDraws = 100000;
  for (int i = 0; i < kDraws; ++i) {
    const double uniform = stream.uniform();
    ASSERT_GE(uniform, 0.0);
    ASSERT_LT(uniform, 1.0);
    sum += uniform;
    const double normal = stream.normal();
    ASSERT_TRUE(std::isfinite(normal));
    normal_sum += normal;
    normal_square += normal * normal;
  }
  EXPECT_NEAR(sum / kDraws, 0.5, 0.005);
  EXPECT_NEAR(normal_sum / kDraws, 0.0, 0.02);
  EXPECT_NEAR(normal_square / kDraws, 1.0, 0.03);
}

TEST(RandomStream, BelowReachesEveryNumberEvenly) {
  RandomStream stream(1, "below");
  std::vector<int> counts(7);
  for (int i = 0; i < 70000; ++i) ++counts[stream.below(7)];
  for (const int count : counts) EXPECT_NEAR(count, 10000, 500);
  EXPECT_EQ(stream.below(1), 0U);
}

TEST(RandomStream, PermutationHoldsEveryNumberOnce) {
  std::vector<int64_t> order = RandomStream(1, "order").permutation(1000);
  std::vector<int64_t> expected(1000);
  std::iota(expected.begin(), expected.end(), 0);
  EXPECT_NE(order, expected);
  std::sort(order.begin(), order.end());
  EXPECT_EQ(order, expected);
  EXPECT_TRUE(RandomStream(1, "order").permutation(0).empty());
}

}  // namespace
}  // namespace cohesin
