#include "cohesin/stats/embedding_map.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "cohesin/base/philox.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

// Three clouds in 20 dimensions, `per_cloud` samples each, labels 0, 1, 2 in turn.
EmbeddingRows make_clouds(int per_cloud, std::vector<int>& labels) {
  EmbeddingRows rows;
  for (int i = 0; i < 3 * per_cloud; ++i) {
    RandomStream random(7, "cloud", static_cast<uint64_t>(i));
    labels.push_back(i % 3);
    std::vector<double> row(20);
    for (double& value : row) value = random.normal();
    row[static_cast<size_t>(i % 3)] += 9;
    rows.push_back(row);
  }
  return rows;
}

double distance(const std::array<double, 2>& a, const std::array<double, 2>& b) {
  return std::hypot(a[0] - b[0], a[1] - b[1]);
}

TEST(MapEmbeddings, KeepsPlantedCloudsApart) {
  std::vector<int> labels;
  const auto map = map_embeddings(make_clouds(40, labels));
  for (size_t i = 0; i < map.size(); ++i) {
    size_t nearest = i == 0 ? 1 : 0;
    for (size_t j = 0; j < map.size(); ++j)
      if (j != i && distance(map[i], map[j]) < distance(map[i], map[nearest])) nearest = j;
    EXPECT_EQ(labels[i], labels[nearest]) << "sample " << i;
  }
}

TEST(MapEmbeddings, GivesTheSameMapEveryTime) {
  std::vector<int> labels;
  const auto rows = make_clouds(15, labels);
  EXPECT_EQ(map_embeddings(rows), map_embeddings(rows));
}

TEST(MapEmbeddings, TakesFewEqualAndOneDimensionalRows) {
  EXPECT_TRUE(map_embeddings({}).empty());
  EXPECT_EQ(map_embeddings({{1, 2}}).size(), 1U);
  EXPECT_EQ(map_embeddings({{1}, {2}, {3}}).size(), 3U);
  for (const auto& point : map_embeddings(EmbeddingRows(9, {1.0, 2.0}))) {
    EXPECT_EQ(point[0], 0);
    EXPECT_EQ(point[1], 0);
  }
  for (const auto& point : map_embeddings({{1}, {1}, {1}, {1}, {8}, {8}, {8}, {9}}))
    EXPECT_TRUE(std::isfinite(point[0]) && std::isfinite(point[1]));
}

TEST(MapEmbeddings, RefusesNaNAndRaggedRows) {
  EXPECT_ERROR(map_embeddings({{1, 2}, {1, std::nan("")}}),
               "embedding 2 is not finite in dimension 1");
  EXPECT_ERROR(map_embeddings({{1, 2}, {1}}), "embedding 2 has 1 dimensions, the first has 2");
}

TEST(ChooseSubset, DependsOnNamesAndNotOnTheirOrder) {
  std::vector<std::string> names;
  for (int i = 0; i < 100; ++i) names.push_back("S" + std::to_string(i));
  auto chosen_names = [](const std::vector<std::string>& from) {
    std::set<std::string> chosen;
    for (const size_t index : choose_subset(from, 10)) chosen.insert(from[index]);
    return chosen;
  };
  const auto forward = chosen_names(names);
  std::reverse(names.begin(), names.end());
  EXPECT_EQ(forward, chosen_names(names));
  EXPECT_EQ(forward.size(), 10U);
  EXPECT_EQ(choose_subset(names, 1000).size(), 100U);
}

TEST(NearestNeighbourAgreement, IsTheShareWithANeighbourOfTheirClass) {
  const EmbeddingRows rows = {{0}, {1}, {10}, {11}, {11.5}};
  EXPECT_DOUBLE_EQ(nearest_neighbour_agreement(rows, {0, 0, 1, 1, 0}), 0.6);
  EXPECT_TRUE(std::isnan(nearest_neighbour_agreement(rows, {0, -1, -1, -1, -1})));
}

}  // namespace
}  // namespace cohesin
