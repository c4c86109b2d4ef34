#include "cohesin/run/search_space.h"

#include "cohesin/run/search_trials.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

const char* const kTask = R"("task": {"name": "classification", "target": "class",
    "deep_path": false, "linear_path": true})";

Recipe recipe_with(const std::string& search, const std::vector<std::string>& assignments = {},
                   const std::string& more = "") {
  return parse_recipe("{" + std::string(kTask) + more + R"(, "search": {)" + search + "}}",
                      "recipe.json", assignments);
}

Recipe space(const std::string& text, const std::string& more = "") {
  return recipe_with(R"("space": {)" + text + "}", {}, more);
}

TEST(SearchSpace, AGridIsEveryCombination) {
  const Recipe recipe = space(R"("task.linear_penalty": {"values": [0.1, 1]}, "train.schedule":
      {"choices": ["cosine", "constant"]}, "task.hidden_sizes": {"choices": ["[8]", "[16, 8]"]})");
  const auto trials = search_trials(recipe, "recipe.json");
  ASSERT_EQ(trials.size(), 8U);
  EXPECT_EQ(trials[1].text(),
            "task.hidden_sizes=[8], task.linear_penalty=0.1, train.schedule=\"constant\"");
  const Recipe one = with_settings(recipe, trials[7].assignments(), "recipe.json");
  EXPECT_EQ(one.task.linear_penalty, 1);
  EXPECT_EQ(one.task.hidden_sizes, (std::vector<int64_t>{16, 8}));
  EXPECT_EQ(one.train.schedule, "constant");
  EXPECT_FALSE(one.search);
  EXPECT_EQ(recipe.task.linear_penalty, 0.3);
}

TEST(SearchSpace, RandomDrawsStayInTheirRangesAndDependOnTheSeedAlone) {
  const std::string search = R"("method": "random", "trials": 30, "space": {
      "train.learning_rate": {"log_uniform": [1e-4, 1e-2]}, "train.epochs": {"integer": [5, 7]},
      "task.linear_penalty": {"uniform": [0, 1]}, "train.class_weights": {"choices": ["none", "balanced"]}})";
  const auto trials = search_trials(recipe_with(search), "recipe.json");
  ASSERT_EQ(trials.size(), 30U);
  int64_t small = 0;
  for (const auto& trial : trials) {
    const Recipe one = with_settings(recipe_with(search), trial.assignments(), "recipe.json");
    EXPECT_GE(one.train.learning_rate, 1e-4);
    EXPECT_LE(one.train.learning_rate, 1e-2);
    EXPECT_GE(one.train.epochs, 5);
    EXPECT_LE(one.train.epochs, 7);
    if (one.train.learning_rate < 1e-3) ++small;
  }
  EXPECT_GT(small, 8);  // half of them are expected
  EXPECT_LT(small, 22);
  EXPECT_EQ(search_trials(recipe_with(search), "recipe.json")[17].text(), trials[17].text());
  EXPECT_NE(search_trials(recipe_with(search, {"train.seed=1"}), "recipe.json")[17].text(),
            trials[17].text());
}

TEST(SearchSpace, DrawsAreDifferentEvenIfThereAreFewerThanAsked) {
  const Recipe recipe = recipe_with(
      R"("method": "random", "trials": 9, "space": {"train.epochs": {"integer": [5, 7]}})");
  EXPECT_EQ(search_trials(recipe, "recipe.json").size(), 3U);
}

TEST(SearchSpace, TheCommandLineMayReplaceIt) {
  const Recipe recipe =
      parse_recipe("{" + std::string(kTask) + "}", "recipe.json",
                   {R"(search.space={"task.linear_penalty": {"values": [0.1, 1, 3]}})"});
  EXPECT_EQ(search_trials(recipe, "recipe.json").size(), 3U);
  Recipe copy = recipe;
  const std::string text = write_json([&copy](Fields& field) { copy.visit(field); });
  EXPECT_EQ(search_trials(parse_recipe(text, "config.json"), "config.json").size(), 3U);
}

TEST(SearchSpace, AnUnknownKeyNamesTheNearest) {
  EXPECT_ERROR(space(R"("task.linear_penalti": {"values": [1]})"),
               "recipe.json: search.space: task.linear_penalti: unknown key; did you mean "
               "'linear_penalty'?");
  EXPECT_ERROR(space(R"("tasks.linear_penalty": {"values": [1]})"), "did you mean 'task'?");
  EXPECT_ERROR(recipe_with(R"("spac": {})"), "did you mean 'space'?");
}

TEST(SearchSpace, AValueOutOfRangeIsAnErrorBeforeAnything) {
  EXPECT_ERROR(space(R"("task.linear_penalty": {"values": [0.1, -1]})"),
               "task.linear_penalty: expected 0 or more, got -1");
  EXPECT_ERROR(space(R"("train.epochs": {"values": [5, 2.5]})"),
               "train.epochs: expected an integer, got 2.5");
  EXPECT_ERROR(recipe_with(R"("method": "random", "space": {"task.shallow_dropout":
      {"uniform": [0, 2]}})"),
               "task.shallow_dropout: expected a fraction in [0, 1), got 2");
  EXPECT_ERROR(space(R"("task.linear_penalty": [1])"), "task.linear_penalty: expected an object");
  EXPECT_ERROR(space(R"("task.linear_penalty": {"values": []})"),
               "expected one of values, choices");
  EXPECT_ERROR(space(R"("task.linear_penalty": {"values": [1], "uniform": [0, 1]})"), "got 2");
  EXPECT_ERROR(space(R"("task.linear_penalty": {"values": [1, 1]})"), "stands there twice");
  EXPECT_ERROR(space(R"("task.linear_penalty": {"uniform": [0, 1]})"),
               "a grid needs values or choices");
  EXPECT_ERROR(space(""), "name a key and its values");
  const auto range = [](const std::string& text) {
    recipe_with(R"("method": "random", "space": {"train.learning_rate": )" + text + "}");
  };
  EXPECT_ERROR(range(R"({"log_uniform": [0, 1]})"), "expected numbers above 0");
  EXPECT_ERROR(range(R"({"uniform": [1, 0.5]})"), "expected [low, high]");
  EXPECT_ERROR(range(R"({"uniform": [1]})"), "expected [low, high]");
  EXPECT_ERROR(range(R"({"integer": [0.5, 2]})"), "expected an integer");
  EXPECT_ERROR(range(R"({"normal": [0, 1]})"), "unknown key");
}

TEST(SearchSpace, RefusesWhatCannotBeChosen) {
  EXPECT_ERROR(space(R"("task.target": {"choices": ["class", "stage"]})"),
               "says what is predicted");
  EXPECT_ERROR(space(R"("train.seed": {"values": [1, 2]})"), "is luck");
  EXPECT_ERROR(space(R"("pretraining.epochs": {"values": [1, 2]})"),
               "would repeat the pre-training");
  EXPECT_ERROR(space(R"("model.embed_dim": {"values": [8, 16]})", R"(, "pretraining": {})"),
               "would repeat the section `pretraining`");
  EXPECT_ERROR(recipe_with(R"("metric": "c_index", "space": {"train.epochs": {"values": [1, 2]}})"),
               "got 'c_index'");
  EXPECT_ERROR(recipe_with(R"("method": "gird", "space": {"train.epochs": {"values": [1, 2]}})"),
               "expected grid or random, got 'gird'");
  EXPECT_ERROR(recipe_with(R"("inner_folds": 1, "space": {"train.epochs": {"values": [1, 2]}})"),
               "expected 2 or more, got 1");
  EXPECT_ERROR(
      parse_recipe(R"({"search": {"space": {"train.epochs": {"values": [1, 2]}}}})", "recipe.json"),
      "needs a task with an outcome");
}

TEST(SearchTable, KeepsWhatIsDoneAndTakesTheFirstOfTheBest) {
  SearchTable table;
  table.metric = "c_index";
  for (const char* value : {"0.1", "0.3", "1"}) table.trials.push_back({{{"task.x", value}}});
  table.scores = {{0.5, 0.7}, {std::nan(""), 0.8}, {0.8, std::nullopt}};
  const testing::TempFolder folder;
  folder.write("search.tsv", table.text());
  EXPECT_EQ(table.text(),
            "trial\tchosen\ttask.x\tinner_1\tinner_2\tc_index\n"
            "1\tno\t0.1\t0.5\t0.7\t0.6\n"
            "2\tno\t0.3\tNA\t0.8\t0.8\n"
            "3\tno\t1\t0.8\t\t\n");
  SearchTable again = table;
  again.scores.assign(3, {std::nullopt, std::nullopt});
  read_scores_done(folder / "search.tsv", again);
  EXPECT_EQ(again.text(), table.text());
  EXPECT_EQ(again.best(), 1U);
  again.trials[2].settings[0].second = "3";
  EXPECT_ERROR(read_scores_done(folder / "search.tsv", again), "is of another search");
}

}  // namespace
}  // namespace cohesin
