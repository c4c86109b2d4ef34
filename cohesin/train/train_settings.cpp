#include "cohesin/train/train_settings.h"

#include <charconv>
#include <cmath>
#include <vector>

#include "cohesin/base/error.h"

namespace cohesin {

void TrainSettings::visit(Fields& field) {
  field("epochs", epochs, "passes over the training samples");
  field("max_steps", max_steps, "stop after this many optimizer steps; 0 = by epochs alone");
  field("batch_size", batch_size, "samples an optimizer step");
  field("micro_batch_size", micro_batch_size,
        "samples in memory at a time, gradients add up; 0 = the whole batch");
  field("learning_rate", learning_rate, "the highest, reached after the warm-up");
  field("head_learning_rate_factor", head_learning_rate_factor,
        "the head learns with this times learning_rate");
  field("weight_decay", weight_decay, "AdamW's; not on biases, norms and embeddings");
  field("beta1", beta1, "AdamW: decay of the gradient's mean");
  field("beta2", beta2, "AdamW: decay of the gradient's square");
  field("epsilon", epsilon, "AdamW: added to the root of the square");
  field("schedule", schedule, "learning rate after the warm-up: cosine or linear to 0, constant");
  field("warmup_fraction", warmup_fraction, "part of all steps in which the rate rises from 0");
  field("gradient_clip", gradient_clip, "largest norm of the whole gradient; 0 = no limit");
  field("seed", seed, "of weights, order, masks and dropout");
  field("seeds", seeds, "trainings with seed, seed + 1, ...; their predictions are averaged");
  field("freeze", freeze, "none, all (train the head alone) or last:K (and the last K blocks)");
  field("batch_norm", batch_norm,
        "of models that have such: live (statistics of the batch), frozen (those stored), or auto: "
        "live from scratch, frozen from a checkpoint");
  field("validation_fraction", validation_fraction,
        "part of the training patients held out to choose the best epoch");
  field("early_stopping_patience", early_stopping_patience,
        "stop after so many epochs without a better validation score; 0 = never");
  field("modality_dropout", modality_dropout,
        "chance that a training sample is shown without one of its modalities");
  field("single_modality_weight", single_modality_weight,
        "of the loss on each modality alone, beside 1 for that on all of them");
  field("consistency", consistency,
        "none, or how embeddings from one modality are held near those from all: infonce, cosine");
  field("consistency_weight", consistency_weight, "of that beside the task's loss");
  field("consistency_temperature", consistency_temperature, "infonce: divides the cosines");
  field("label_smoothing", label_smoothing, "part of the target spread over all classes");
  field("class_weights", class_weights, "none, or balanced (rare classes count more)");
  field("checkpoint_every_steps", checkpoint_every_steps, "0 = once an epoch");
  field("keep_last", keep_last, "newest checkpoints kept; the best is never deleted");
  field("log_every_steps", log_every_steps, "0 = once an epoch");
}

namespace {

// Collects the first complaint of a settings struct in words.
class Checker {
 public:
  explicit Checker(const std::string& section) : section_(section) {}

  void at_least(const char* key, int64_t value, int64_t least) const {
    if (value < least) {
      throw Error("{}.{} is {}; it must be {} or more", section_, key, value, least);
    }
  }
  void not_negative(const char* key, double value) const {
    if (!(value >= 0) || !std::isfinite(value)) {
      throw Error("{}.{} is {}; it must be 0 or more", section_, key, value);
    }
  }
  void positive(const char* key, double value) const {
    if (!(value > 0) || !std::isfinite(value)) {
      throw Error("{}.{} is {}; it must be more than 0", section_, key, value);
    }
  }
  // 0 <= value < 1
  void fraction(const char* key, double value) const {
    if (!(value >= 0 && value < 1)) {
      throw Error("{}.{} is {}; it must be at least 0 and less than 1", section_, key, value);
    }
  }
  void one_of(const char* key, const std::string& value,
              const std::vector<std::string>& choices) const {
    std::string list;
    for (const auto& choice : choices) {
      if (value == choice) return;
      list += (list.empty() ? "" : ", ") + choice;
    }
    throw Error("{}.{} is '{}'; it must be one of: {}", section_, key, value, list);
  }

 private:
  const std::string& section_;
};

}  // namespace

void TrainSettings::check(const std::string& section) const {
  const Checker expect(section);
  expect.at_least("epochs", epochs, 1);
  expect.at_least("max_steps", max_steps, 0);
  expect.at_least("batch_size", batch_size, 1);
  expect.at_least("micro_batch_size", micro_batch_size, 0);
  expect.positive("learning_rate", learning_rate);
  expect.positive("head_learning_rate_factor", head_learning_rate_factor);
  expect.not_negative("weight_decay", weight_decay);
  expect.fraction("beta1", beta1);
  expect.fraction("beta2", beta2);
  expect.positive("epsilon", epsilon);
  expect.one_of("schedule", schedule, {"cosine", "linear", "constant"});
  expect.fraction("warmup_fraction", warmup_fraction);
  expect.not_negative("gradient_clip", gradient_clip);
  expect.at_least("seed", seed, 0);
  expect.at_least("seeds", seeds, 1);
  parse_freeze(freeze, section);
  expect.one_of("batch_norm", batch_norm, {"auto", "live", "frozen"});
  expect.fraction("validation_fraction", validation_fraction);
  expect.at_least("early_stopping_patience", early_stopping_patience, 0);
  expect.fraction("modality_dropout", modality_dropout);
  expect.not_negative("single_modality_weight", single_modality_weight);
  expect.one_of("consistency", consistency, {"none", "infonce", "cosine"});
  expect.not_negative("consistency_weight", consistency_weight);
  expect.positive("consistency_temperature", consistency_temperature);
  expect.fraction("label_smoothing", label_smoothing);
  expect.one_of("class_weights", class_weights, {"none", "balanced"});
  expect.at_least("checkpoint_every_steps", checkpoint_every_steps, 0);
  expect.at_least("keep_last", keep_last, 1);
  expect.at_least("log_every_steps", log_every_steps, 0);
}

Freeze parse_freeze(const std::string& text, const std::string& section) {
  if (text == "none") return {};
  if (text == "all") return {.all = true};
  const std::string prefix = "last:";
  if (text.rfind(prefix, 0) == 0) {
    Freeze freeze;
    const char* end = text.data() + text.size();
    const auto [stop, failure] =
        std::from_chars(text.data() + prefix.size(), end, freeze.last_blocks);
    if (failure == std::errc() && stop == end && freeze.last_blocks >= 1) return freeze;
  }
  throw Error("{}.freeze is '{}'; it must be none, all or last:K with K of 1 or more", section,
              text);
}

}  // namespace cohesin
