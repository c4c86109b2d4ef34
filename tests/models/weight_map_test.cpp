#include "cohesin/models/weight_map.h"

#include <ATen/ATen.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

at::Tensor counting(std::vector<int64_t> shape) {
  int64_t n = 1;
  for (const int64_t size : shape) n *= size;
  return at::arange(n, at::kFloat).view(shape);
}

TEST(Layout, MovesDropsAndReversesAxesAndBack) {
  const at::Tensor kio = counting({2, 3, 4});
  const at::Tensor oik = Layout("kio->oik").to_ours(kio);
  EXPECT_EQ(oik.sizes(), (std::vector<int64_t>{4, 3, 2}));
  EXPECT_EQ(oik[3][2][1].item<float>(), kio[1][2][3].item<float>());
  const at::Tensor io_k = Layout("koi->io-k").to_ours(kio);
  EXPECT_EQ(io_k[3][2][0].item<float>(), kio[1][2][3].item<float>());
  for (const char* text : {"", "kio->oik", "koi->io-k"}) {
    const Layout layout(text);
    EXPECT_TRUE(at::equal(layout.to_theirs(layout.to_ours(kio)), kio)) << text;
  }
  const at::Tensor pointwise = counting({1, 3, 4});
  EXPECT_TRUE(at::equal(Layout("1io->oi").to_ours(pointwise), pointwise[0].t()));
  EXPECT_TRUE(at::equal(Layout("1io->oi").to_theirs(pointwise[0].t()), pointwise));
}

TEST(Layout, RefusesWhatItCannotRead) {
  for (const char* text : {"io", "io->o", "io->oo", "ii->i", "io->o-", "io->ox"}) {
    EXPECT_ERROR(Layout(text), "expected FOREIGN->OURS");
  }
  EXPECT_ERROR(Layout("kio->oik").to_ours(at::zeros({2, 2})), "needs 3 axes");
  EXPECT_ERROR(Layout("1io->oi").to_ours(at::zeros({2, 2, 2})), "needs size 1 at axis 0");
}

const WeightMap kMap = {{"layer.{i}.weight", "net/linear_{i}/w", "io->oi"},
                        {"table_{omic}", "net/{omic}_table"}};

TEST(BindWeights, FillsPlaceholdersAndNamesWhatNoRowCovers) {
  const auto bindings = bind_weights(kMap, {"layer.12.weight", "table_x9"});
  ASSERT_EQ(bindings.size(), 2u);
  EXPECT_EQ(bindings[0].theirs, "net/linear_12/w");
  EXPECT_EQ(bindings[1].theirs, "net/x9_table");
  EXPECT_ERROR(bind_weights(kMap, {"layer.a.weight", "tableX"}), "layer.a.weight\n    tableX");
}

TEST(ImportWeights, OneErrorListsEverythingThatDoesNotFit) {
  const TensorShapes ours = {
      {"layer.0.weight", {2, 3}}, {"layer.1.weight", {2, 3}}, {"table_a", {4}}};
  const auto bindings = bind_weights(kMap, {"layer.0.weight", "layer.1.weight", "table_a"});
  NamedTensors theirs = {{"net/linear_0/w", counting({2, 3})},
                         {"net/linear_1/w", counting({3, 2})},
                         {"net/extra", counting({1})}};
  try {
    import_weights(bindings, theirs, ours, "w.safetensors");
    ADD_FAILURE() << "expected an Error";
  } catch (const Error& error) {
    const std::string text = error.what();
    for (const char* part :
         {"w.safetensors", "1 missing:", "net/a_table", "1 unexpected:", "net/extra",
          "1 wrong shape:", "net/linear_0/w: found [2, 3], needed [3, 2]"}) {
      EXPECT_NE(text.find(part), std::string::npos) << part << " is not in:\n" << text;
    }
  }
}

TEST(ImportWeights, TakesOneTensorInOurLayout) {
  const auto bindings = bind_weights(kMap, {"layer.0.weight"});
  const NamedTensors theirs = {{"net/linear_0/w", counting({3, 2})}};
  const NamedTensors ours =
      import_weights(bindings, theirs, {{"layer.0.weight", {2, 3}}}, "w.safetensors");
  EXPECT_TRUE(at::equal(ours.at("layer.0.weight"), theirs.at("net/linear_0/w").t()));
}

TEST(NameMap, MapsByRegularExpression) {
  const auto bindings =
      bind_by_name_map("# comment\nblocks\\.(\\d+)\\.w\tlayer.$1.weight\tio->oi\nemb\ttable_a\n",
                       "map.tsv", {"blocks.3.w", "emb", "other"});
  ASSERT_EQ(bindings.size(), 2u);
  EXPECT_EQ(bindings[0].ours, "layer.3.weight");
  EXPECT_EQ(bindings[0].layout.text(), "io->oi");
  EXPECT_EQ(bindings[1].ours, "table_a");
}

TEST(NameMap, BlamesTheLine) {
  EXPECT_ERROR(bind_by_name_map("a\tb\n(\tc\n", "map.tsv", {}), "map.tsv:2: '('");
  EXPECT_ERROR(bind_by_name_map("alone\n", "map.tsv", {}), "map.tsv:1: expected REGEX");
  EXPECT_ERROR(bind_by_name_map("a\tb\tio->x\n", "map.tsv", {}), "map.tsv:1: layout");
  EXPECT_ERROR(bind_by_name_map(".*\tb\n", "map.tsv", {"x", "y"}), "'x' and 'y' both become 'b'");
}

}  // namespace
}  // namespace cohesin
