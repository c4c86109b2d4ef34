#include "cohesin/train/train_settings.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

TrainSettings from_json(const std::string& text) {
  TrainSettings settings;
  read_config(settings, text, "recipe.json");
  settings.check("train");
  return settings;
}

TEST(TrainSettings, DefaultsAreValidAndSurviveWritingAndReading) {
  TrainSettings().check("train");
  TrainSettings changed;
  changed.epochs = 7;
  changed.freeze = "last:2";
  changed.class_weights = "balanced";
  const TrainSettings read = from_json(write_config(changed));
  EXPECT_EQ(write_config(read), write_config(changed));
}

TEST(TrainSettings, EveryKeyHasAHelpText) {
  TrainSettings settings;
  const std::string rows = describe_fields([&](Fields& field) { settings.visit(field); });
  for (const char* key : {"epochs", "batch_size", "learning_rate", "weight_decay", "seed", "seeds",
                          "freeze", "validation_fraction", "modality_dropout"}) {
    EXPECT_NE(rows.find(key), std::string::npos) << key;
  }
}

TEST(TrainSettings, ErrorsNameKeyValueAndWhatIsNeeded) {
  EXPECT_ERROR(from_json(R"({"epochs": 0})"), "train.epochs is 0; it must be 1 or more");
  EXPECT_ERROR(from_json(R"({"batch_size": -4})"), "train.batch_size is -4");
  EXPECT_ERROR(from_json(R"({"learning_rate": 0})"), "train.learning_rate is 0");
  EXPECT_ERROR(from_json(R"({"weight_decay": -1})"), "train.weight_decay is -1");
  EXPECT_ERROR(from_json(R"({"validation_fraction": 1})"), "train.validation_fraction is 1");
  EXPECT_ERROR(from_json(R"({"schedule": "cosin"})"), "one of: cosine, linear, constant");
  EXPECT_ERROR(from_json(R"({"class_weights": "even"})"), "one of: none, balanced");
  EXPECT_ERROR(from_json(R"({"keep_last": 0})"), "train.keep_last is 0");
  EXPECT_ERROR(from_json(R"({"learning_rates": 1})"), "learning_rate");
}

TEST(ParseFreeze, TakesNoneAllAndLastK) {
  EXPECT_FALSE(parse_freeze("none", "train").all);
  EXPECT_EQ(parse_freeze("none", "train").last_blocks, -1);
  EXPECT_TRUE(parse_freeze("all", "train").all);
  EXPECT_EQ(parse_freeze("last:3", "train").last_blocks, 3);
  for (const char* wrong : {"", "some", "last:", "last:0", "last:-1", "last:2x", "last"}) {
    EXPECT_ERROR(parse_freeze(wrong, "train"), "none, all or last:K");
  }
}

}  // namespace
}  // namespace cohesin
