#include "cohesin/base/fields.h"

#include <limits>

#include "tests/testing.h"

namespace cohesin {
namespace {

struct TokenizerConfig {
  int64_t bins = 64;
  std::string edges = "linear";
  void visit(Fields& field) {
    field("bins", bins, "value bins");
    field("edges", edges);
  }
};

struct TrainConfig {
  int64_t epochs = 10;
  double learning_rate = 1e-3;
  std::optional<int64_t> patience;
  std::vector<double> horizons_days = {365, 730.5};
  void visit(Fields& field) {
    field("epochs", epochs, "passes over the training samples");
    field("learning_rate", learning_rate);
    field("patience", patience);
    field("horizons_days", horizons_days);
  }
};

struct Recipe {
  bool shallow = false;
  std::string name = "mojo";
  std::vector<std::string> baselines;
  std::map<std::string, int64_t> sizes;
  TrainConfig train;
  std::map<std::string, TokenizerConfig> tokenizers;
  void visit(Fields& field) {
    field("shallow", shallow);
    field("name", name);
    field("baselines", baselines);
    field("sizes", sizes);
    field("train", train, "how it is trained");
    field("tokenizers", tokenizers);
  }
};

Recipe read(const std::string& text) {
  Recipe recipe;
  read_config(recipe, text, "recipe.json");
  return recipe;
}

Visit visit_of(Recipe& recipe) {
  return [&recipe](Fields& field) { recipe.visit(field); };
}

TEST(ReadJson, ZeroAndNullAreAMapWithoutEntries) {
  Recipe recipe;
  for (const auto* text : {R"({"sizes": 0})", R"({"sizes": null})"}) {
    recipe.sizes = {{"x", 3}};
    read_config(recipe, text, "recipe.json");
    EXPECT_TRUE(recipe.sizes.empty()) << text;
  }
  EXPECT_ERROR(read(R"({"sizes": 1})"), "recipe.json: sizes: expected an object in { }, got 1");
}

TEST(ReadJson, FillsWhatIsGivenAndKeepsTheRest) {
  const Recipe recipe = read(R"({
    // a comment
    "shallow": true, "baselines": ["a", "b"], "sizes": {"x": 3},
    "train": {"epochs": 3, "learning_rate": 1, /* another */ "patience": 5, "horizons_days": []},
    "tokenizers": {"rnaseq": {"bins": 32}}
  })");
  EXPECT_TRUE(recipe.shallow);
  EXPECT_EQ(recipe.name, "mojo");
  EXPECT_EQ(recipe.baselines, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(recipe.sizes.at("x"), 3);
  EXPECT_EQ(recipe.train.epochs, 3);
  EXPECT_EQ(recipe.train.learning_rate, 1.0);
  EXPECT_EQ(recipe.train.patience, 5);
  EXPECT_TRUE(recipe.train.horizons_days.empty());
  EXPECT_EQ(recipe.tokenizers.at("rnaseq").bins, 32);
  EXPECT_EQ(recipe.tokenizers.at("rnaseq").edges, "linear");
}

TEST(ReadJson, ErrorNamesFileKeyAndValue) {
  EXPECT_ERROR(read(R"({"train": {"epochs": "three"}})"),
               R"(recipe.json: train.epochs: expected an integer, got "three")");
  EXPECT_ERROR(read(R"({"train": {"epochs": 2.5}})"), "train.epochs: expected an integer, got 2.5");
  EXPECT_ERROR(read(R"({"train": {"epochs": true}})"), "expected an integer, got true");
  EXPECT_ERROR(read(R"({"train": {"epochs": 18446744073709551615}})"), "below 2^63");
  EXPECT_ERROR(read(R"({"train": {"learning_rate": null}})"), "expected a number, got null");
  EXPECT_ERROR(read(R"({"train": {"horizons_days": [1, "x"]}})"),
               R"(train.horizons_days[1]: expected a number, got "x")");
  EXPECT_ERROR(read(R"({"sizes": {"x": []}})"), "sizes.x: expected an integer, got []");
  EXPECT_ERROR(read(R"({"shallow": 1})"), "shallow: expected true or false, got 1");
  EXPECT_ERROR(read(R"({"name": 1})"), "name: expected text in quotes, got 1");
  EXPECT_ERROR(read(R"({"baselines": "logistic"})"), R"(expected a list in [ ], got "logistic")");
  EXPECT_ERROR(read(R"({"train": []})"), "train: expected an object in { }, got []");
  EXPECT_ERROR(read(R"({"tokenizers": {"rnaseq": 3}})"), "tokenizers.rnaseq: expected an object");
}

TEST(ReadJson, WholeNumbersMayBeWrittenAsFloats) {
  EXPECT_EQ(read(R"({"train": {"epochs": 1e3}})").train.epochs, 1000);
  EXPECT_EQ(read(R"({"train": {"epochs": -2.0}})").train.epochs, -2);
}

TEST(ReadJson, NullEmptiesAnOptional) {
  Recipe recipe;
  recipe.train.patience = 3;
  read_config(recipe, R"({"train": {"patience": null}})", "recipe.json");
  EXPECT_FALSE(recipe.train.patience.has_value());
}

TEST(ReadJson, UnknownKeyNamesTheNearest) {
  EXPECT_ERROR(read(R"({"train": {"epoch": 3}})"),
               "recipe.json: train.epoch: unknown key; did you mean 'epochs'?");
  EXPECT_ERROR(read(R"({"tokenizers": {"rnaseq": {"bin": 3}}})"),
               "tokenizers.rnaseq.bin: unknown key; did you mean 'bins'?");
  EXPECT_ERROR(read(R"({"tokenizers": {"rnaseq": {"zzzzzzzz": 3}}})"), "known here: bins, edges");
}

TEST(ReadJson, NullInForeignConfigsMeansNotGiven) {
  bool flag = true;
  int64_t count = 7;
  const Visit visit = [&](Fields& field) {
    field("flag", flag);
    field("count", count);
  };
  std::map<std::string, std::string> unknown;
  read_json(visit, R"({"flag": null, "count": null})", "theirs.json", &unknown);
  EXPECT_TRUE(flag);
  EXPECT_EQ(count, 7);
  EXPECT_ERROR(read_json(visit, R"({"flag": null})", "ours.json"), "expected true or false");
}

TEST(ReadJson, UnknownKeysOfForeignConfigsAreCollected) {
  Recipe recipe;
  std::map<std::string, std::string> unknown;
  read_json(visit_of(recipe), R"({"train": {"epochs": 3, "foo": [1, null]}, "bar": "x"})",
            "config.json", &unknown);
  EXPECT_EQ(recipe.train.epochs, 3);
  EXPECT_EQ(unknown,
            (std::map<std::string, std::string>{{"train.foo", "[1,null]"}, {"bar", R"("x")"}}));
}

TEST(ReadJson, RefusesKeysThatStandTwice) {
  EXPECT_ERROR(read(R"({"train": {"epochs": 3, "epochs": 4}})"),
               "recipe.json: the key 'epochs' stands twice");
  EXPECT_NO_THROW(read(R"({"tokenizers": {"a": {"bins": 1}, "b": {"bins": 2}}})"));
}

TEST(ReadJson, RefusesWhatIsNoJsonObject) {
  EXPECT_ERROR(read(""), "recipe.json: empty");
  EXPECT_ERROR(read("[1]"), "recipe.json: expected an object in { }, got [1]");
  EXPECT_ERROR(read("{\n\"name\": }"), "recipe.json: not valid JSON: parse error at line 2");
  EXPECT_ERROR(read(R"({"train": {"learning_rate": 1e999}})"), "not valid JSON");
}

TEST(ReadJson, RefusesEndlessNesting) {
  EXPECT_ERROR(read(std::string(1000000, '[')), "recipe.json: nested more than 200 levels deep");
}

TEST(ReadJson, LongValuesAreCutInErrors) {
  EXPECT_ERROR(read(R"({"shallow": ")" + std::string(500, 'x') + R"("})"), "xxx...");
}

TEST(WriteJson, KeepsTheOrderAndTheDigits) {
  Recipe recipe;
  recipe.train.learning_rate = 0.1 + 0.2;
  recipe.baselines = {"a\n", "b"};
  recipe.tokenizers["rnaseq"] = {};
  EXPECT_EQ(write_config(recipe), R"({
  "shallow": false,
  "name": "mojo",
  "baselines": ["a\n", "b"],
  "sizes": {},
  "train": {
    "epochs": 10,
    "learning_rate": 0.30000000000000004,
    "patience": null,
    "horizons_days": [365.0, 730.5]
  },
  "tokenizers": {
    "rnaseq": {
      "bins": 64,
      "edges": "linear"
    }
  }
}
)");
}

TEST(WriteJson, ReadsBackTheSame) {
  Recipe recipe;
  recipe.sizes["g"] = std::numeric_limits<int64_t>::min();
  recipe.train.horizons_days = {1e-300, 5e-324, 1.7976931348623157e308, -0.0, 1e22, 123456789.125};
  recipe.tokenizers["methylation"].edges = "quantile \"é\"";
  const std::string text = write_config(recipe);
  EXPECT_EQ(read(text).train.horizons_days, recipe.train.horizons_days);
  EXPECT_EQ(write_config(read(text)), text);
}

TEST(WriteJson, RefusesWhatJsonCannotHold) {
  Recipe recipe;
  recipe.train.learning_rate = std::numeric_limits<double>::quiet_NaN();
  EXPECT_ERROR(write_config(recipe), "train.learning_rate: nan cannot be written in JSON");
  recipe = Recipe();
  recipe.name = "\xff";
  EXPECT_ERROR(write_config(recipe), "not UTF-8");
}

TEST(SetField, TakesJsonOrText) {
  Recipe recipe;
  set_field(visit_of(recipe), "train.epochs=3");
  set_field(visit_of(recipe), "train.horizons_days=[1, 2.5]");
  set_field(visit_of(recipe), "tokenizers.rnaseq.edges=quantile");
  set_field(visit_of(recipe), "name=3");
  EXPECT_EQ(recipe.train.epochs, 3);
  EXPECT_EQ(recipe.train.horizons_days, (std::vector<double>{1, 2.5}));
  EXPECT_EQ(recipe.tokenizers.at("rnaseq").edges, "quantile");
  EXPECT_EQ(recipe.name, "3");
  set_field(visit_of(recipe), R"(name="a=b")");
  EXPECT_EQ(recipe.name, "a=b");
}

TEST(SetField, ErrorNamesTheField) {
  Recipe recipe;
  EXPECT_ERROR(set_field(visit_of(recipe), "train.epochs=three"),
               R"(--set: train.epochs: expected an integer, got "three")");
  EXPECT_ERROR(set_field(visit_of(recipe), "train.epoch=3"), "did you mean 'epochs'?");
  EXPECT_ERROR(set_field(visit_of(recipe), "train.epochs"), "expected section.key=value");
}

TEST(DescribeFields, ListsPathDefaultAndHelp) {
  Recipe recipe;
  const std::string text = describe_fields(visit_of(recipe));
  EXPECT_NE(text.find("train.epochs"), std::string::npos) << text;
  EXPECT_NE(text.find("passes over the training samples"), std::string::npos) << text;
  EXPECT_NE(text.find("tokenizers.NAME.bins"), std::string::npos) << text;
}

TEST(NearestName, IsEmptyWhenNothingIsNear) {
  EXPECT_EQ(nearest_name("epoch", {"bins", "epochs"}), "epochs");
  EXPECT_EQ(nearest_name("qqqq", {"bins", "epochs"}), "");
  EXPECT_EQ(nearest_name("x", {}), "");
}

}  // namespace
}  // namespace cohesin
