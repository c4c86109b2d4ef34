#include "cohesin/train/train_loop.h"

#include <ATen/Context.h>
#include <ATen/autocast_mode.h>
#include <sys/resource.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>
#include <vector>

#include "cohesin/base/clock.h"
#include "cohesin/base/error.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/philox.h"
#include "cohesin/base/progress.h"
#include "cohesin/models/weight_map.h"
#include "cohesin/train/adamw.h"
#include "cohesin/train/checkpoint.h"
#include "cohesin/train/run_folder.h"
#include "cohesin/train/schedule.h"
#include "cohesin/train/training_log.h"
#include "cohesin/train/training_state.h"

namespace cohesin {
namespace {

const std::string kSamplesDigest = "training.samples_digest";

double peak_memory_gb() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1e6;  // Linux counts in kB
}

// Matrix products in bfloat16 while it lives; weights stay as they are.
class Autocast {
 public:
  Autocast(Precision precision, at::DeviceType device)
      : device_(device), previous_(at::autocast::is_autocast_enabled(device)) {
    at::autocast::set_autocast_enabled(device_, precision == Precision::bf16);
    at::autocast::set_autocast_dtype(device_, at::kBFloat16);
  }
  ~Autocast() {
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(device_, previous_);
  }
  Autocast(const Autocast&) = delete;
  Autocast& operator=(const Autocast&) = delete;

 private:
  at::DeviceType device_;
  bool previous_;
};

NamedTensors clone_all(const NamedTensors& tensors) {
  NamedTensors copy;
  for (const auto& [name, tensor] : tensors) copy[name] = tensor.detach().clone();
  return copy;
}

struct StepOutcome {
  double loss = 0;
  double learning_rate = 0;
  double gradient_norm = 0;
};

class Training {
 public:
  Training(Trainable& trainable, const TrainSettings& settings, const TrainRun& run);
  TrainResult run();

 private:
  void begin();
  void resume(const std::filesystem::path& checkpoint);
  void check_resumed_content(const CheckpointContent& content,
                             const std::filesystem::path& checkpoint) const;
  bool finished() const;

  StepOutcome one_step();
  double backward(const std::vector<int64_t>& samples);
  std::vector<int64_t> next_batch() const;
  void update_order();
  [[noreturn]] void fail_not_finite(const std::string& what, double value,
                                    const std::vector<int64_t>& samples) const;

  void end_epoch(const StepOutcome& last);
  void follow_best(const Validation& validation);
  LogLine log_line(const StepOutcome& outcome) const;

  bool checkpoint_is_due(bool at_epoch_end) const;
  NamedTensors weights() const;
  CheckpointContent content() const;
  void save();
  void stop_if_interrupted();
  void take_best_weights();
  void say_expectation();

  Trainable& trainable_;
  const TrainSettings& settings_;
  const TrainRun& run_;
  const std::vector<std::string> names_;
  const int64_t steps_per_epoch_, num_steps_;
  const Schedule schedule_;
  const at::DeviceType device_;
  AdamW optimizer_;
  std::optional<RunFolder> folder_;
  std::unique_ptr<TrainingLog> log_;

  TrainingState state_;
  std::vector<int64_t> order_;
  int64_t order_epoch_ = -1;
  int64_t saved_step_ = -1;
  // The best checkpoint, while it is newer than what is on disk; without a run folder its weights.
  std::optional<CheckpointContent> pending_best_;

  double start_seconds_ = 0, after_first_step_seconds_ = 0;
  int64_t first_step_ = 0;  // of this process
};

int64_t rounded_up(int64_t count, int64_t size) { return (count + size - 1) / size; }

int64_t total_steps(const TrainSettings& settings, int64_t steps_per_epoch) {
  const int64_t by_epochs = settings.epochs * steps_per_epoch;
  return settings.max_steps > 0 ? std::min(settings.max_steps, by_epochs) : by_epochs;
}

at::DeviceType device_of(torch::nn::Module& module) {
  const auto parameters = module.parameters();
  return parameters.empty() ? at::kCPU : parameters.front().device().type();
}

Training::Training(Trainable& trainable, const TrainSettings& settings, const TrainRun& run)
    : trainable_(trainable),
      settings_(settings),
      run_(run),
      names_(trainable.sample_names()),
      steps_per_epoch_(rounded_up(static_cast<int64_t>(names_.size()),
                                  std::max<int64_t>(settings.batch_size, 1))),
      num_steps_(total_steps(settings, steps_per_epoch_)),
      schedule_(settings.learning_rate, settings.schedule, settings.warmup_fraction, num_steps_),
      device_(device_of(trainable.module())),
      optimizer_(trainable, settings) {
  settings.check("train");
  if (names_.empty()) throw Error("there are no training samples");
  if (settings.early_stopping_patience > 0 && !trainable.has_validation()) {
    throw Error(
        "train.early_stopping_patience is {} but there is no validation part; give one with "
        "train.validation_fraction or a split file, or set the patience to 0",
        settings.early_stopping_patience);
  }
  if (!run.folder.empty()) folder_.emplace(run.folder, settings.keep_last);
}

bool Training::finished() const {
  const bool out_of_patience =
      settings_.early_stopping_patience > 0 &&
      state_.epochs_without_improvement >= settings_.early_stopping_patience;
  return state_.step >= num_steps_ || out_of_patience;
}

void Training::begin() {
  if (folder_) {
    if (run_.resume) {
      folder_->remove_leftovers();
      if (folder_->has_checkpoints()) {
        resume(folder_->resume_point());
      } else {
        log_warning("{}: no checkpoint to resume from yet, starting", run_.folder.string());
        folder_->clear();
      }
    } else if (run_.replace) {
      folder_->clear();
    } else if (folder_->has_checkpoints()) {
      throw Error("{} holds a training already; resume it (--resume) or replace it (--force)",
                  run_.folder.string());
    }
    log_ = std::make_unique<TrainingLog>(run_.folder, state_.step);
  }
  const double bytes_a_weight = 16;  // weight, gradient, two moments in fp32
  log_info(
      "{}: {} samples, {} steps in {} epochs of {}; {} weights are trained ({:.2f} GB with "
      "gradients and moments)",
      run_.title, names_.size(), num_steps_, rounded_up(num_steps_, steps_per_epoch_),
      steps_per_epoch_, optimizer_.num_trained(),
      bytes_a_weight * static_cast<double>(optimizer_.num_trained()) / 1e9);
  first_step_ = state_.step;
  start_seconds_ = steady_seconds();
}

void Training::check_resumed_content(const CheckpointContent& content,
                                     const std::filesystem::path& checkpoint) const {
  for (const auto& [name, text] : run_.text_files) {
    const auto found = content.text_files.find(name);
    if (found == content.text_files.end() || found->second != text) {
      throw Error(
          "{}: its {} is not that of this training, so it cannot go on from there; use the same "
          "recipe, data and settings, or start anew with another --out",
          checkpoint.string(), name);
    }
  }
  const auto digest = content.state.find(kSamplesDigest);
  if (digest == content.state.end()) {
    throw Error("{}: holds no state of a training (state.safetensors), so it cannot be resumed",
                checkpoint.string());
  }
  if (!digest->second.equal(samples_digest(names_))) {
    throw Error(
        "{}: was trained on other samples than the {} given now; use the same data and "
        "split",
        checkpoint.string(), names_.size());
  }
}

void Training::resume(const std::filesystem::path& checkpoint) {
  const CheckpointContent content = read_checkpoint(checkpoint);
  check_resumed_content(content, checkpoint);
  state_ = TrainingState::from_tensors(content.state);
  optimizer_.load_state(content.state);
  load_tensors(weights(), content.model, checkpoint.string());
  saved_step_ = state_.step;
  folder_->point_to(state_.best ? std::optional(state_.best_step) : std::nullopt, state_.step);
  log_info("{}: resumed after step {} from {}", run_.title, state_.step, checkpoint.string());
}

// The samples of epoch e stand in an order of their own, drawn from (seed, e).
void Training::update_order() {
  if (order_epoch_ == state_.epoch) return;
  order_ = RandomStream(static_cast<uint64_t>(settings_.seed), "order",
                        static_cast<uint64_t>(state_.epoch))
               .permutation(static_cast<int64_t>(names_.size()));
  order_epoch_ = state_.epoch;
}

std::vector<int64_t> Training::next_batch() const {
  const auto size = static_cast<int64_t>(order_.size());
  const int64_t begin = state_.batch * settings_.batch_size;
  const int64_t end = std::min(begin + settings_.batch_size, size);
  return {order_.begin() + begin, order_.begin() + end};
}

// Adds up the gradients of all micro-batches and returns the mean loss; NaN weight means that
// nothing was scored.
double Training::backward(const std::vector<int64_t>& samples) {
  const auto num_samples = static_cast<int64_t>(samples.size());
  const int64_t size = settings_.micro_batch_size > 0
                           ? std::min(settings_.micro_batch_size, num_samples)
                           : num_samples;
  const int64_t num_micro_batches = rounded_up(num_samples, size);
  double loss_sum = 0;
  double weight_sum = 0;
  for (int64_t i = 0; i < num_micro_batches; ++i) {
    const std::vector<int64_t> part(samples.begin() + i * size,
                                    samples.begin() + std::min((i + 1) * size, num_samples));
    const auto seed = static_cast<uint64_t>(settings_.seed);
    RandomStream seeds(seed, fmt::format("torch generator {}", i),
                       static_cast<uint64_t>(state_.step));
    at::manual_seed(seeds.next_word64());
    LossParts parts;
    {
      const Autocast autocast(run_.precision, device_);
      parts = trainable_.loss(part, {seed, state_.epoch, state_.step, i});
    }
    if (parts.weight == 0) continue;
    const double loss = parts.loss.item<double>();
    if (!std::isfinite(loss)) fail_not_finite("loss", loss, part);
    if (num_micro_batches == 1) {
      parts.loss.backward();
    } else {
      (parts.loss * parts.weight).backward();
    }
    loss_sum += loss * parts.weight;
    weight_sum += parts.weight;
  }
  if (weight_sum == 0) return 0;
  if (num_micro_batches > 1) optimizer_.scale_gradients(1 / weight_sum);
  state_.loss_sum += loss_sum;
  state_.loss_weight += weight_sum;
  return loss_sum / weight_sum;
}

StepOutcome Training::one_step() {
  update_order();
  const std::vector<int64_t> samples = next_batch();
  trainable_.module().train();
  optimizer_.clear_gradients();
  StepOutcome outcome;
  outcome.loss = backward(samples);
  outcome.gradient_norm = optimizer_.clip_gradients(settings_.gradient_clip);
  if (!std::isfinite(outcome.gradient_norm)) {
    fail_not_finite("norm of the gradient", outcome.gradient_norm, samples);
  }
  outcome.learning_rate = schedule_.at(state_.step);
  optimizer_.step(outcome.learning_rate);
  ++state_.step;
  ++state_.batch;
  return outcome;
}

void Training::fail_not_finite(const std::string& what, double value,
                               const std::vector<int64_t>& samples) const {
  std::string names;
  for (const int64_t sample : samples) {
    names += (names.empty() ? "" : ", ") + names_[static_cast<size_t>(sample)];
  }
  std::string last = "there is no checkpoint yet";
  if (folder_ && saved_step_ >= 0) {
    last = "the last good checkpoint is " + folder_->checkpoint(saved_step_).string();
  }
  throw Error(
      "{}: the {} is {} at step {} (epoch {}), no weight was changed by it; {}; lower "
      "train.learning_rate or look at the samples of the batch: {}",
      run_.title, what, value, state_.step + 1, state_.epoch + 1, last, names);
}

LogLine Training::log_line(const StepOutcome& outcome) const {
  LogLine line;
  line.step = state_.step;
  line.epoch = state_.epoch + 1;
  line.train_loss = outcome.loss;
  line.learning_rate = outcome.learning_rate;
  line.gradient_norm = outcome.gradient_norm;
  line.seconds = steady_seconds() - start_seconds_;
  const auto samples = static_cast<double>((state_.step - first_step_) * settings_.batch_size);
  line.samples_per_second = samples / std::max(line.seconds, 1e-9);
  return line;
}

void Training::end_epoch(const StepOutcome& last) {
  LogLine line = log_line(last);
  line.whole_epoch = true;
  line.train_loss = state_.loss_weight > 0 ? state_.loss_sum / state_.loss_weight : 0;
  if (trainable_.has_validation()) {
    trainable_.module().eval();
    const at::NoGradGuard no_gradient;
    const Autocast autocast(run_.precision, device_);
    line.validation = trainable_.validate();
  }
  if (log_) log_->add(line);
  ++state_.epoch;
  state_.batch = 0;
  state_.loss_sum = 0;
  state_.loss_weight = 0;
  if (line.validation) follow_best(*line.validation);
}

void Training::follow_best(const Validation& validation) {
  if (!std::isfinite(validation.score)) {
    log_warning("{}: the validation score after step {} is {}; it counts as no improvement",
                run_.title, state_.step, validation.score);
  }
  const bool better =
      std::isfinite(validation.score) && (!state_.best || validation.score < state_.best->score);
  if (!better) {
    ++state_.epochs_without_improvement;
    return;
  }
  state_.best = validation;
  state_.best_step = state_.step;
  state_.epochs_without_improvement = 0;
  pending_best_.reset();
  if (folder_ && checkpoint_is_due(true)) return;  // about to be written
  CheckpointContent best = folder_ ? content() : CheckpointContent{};
  best.model = clone_all(weights());
  best.state = clone_all(best.state);
  pending_best_ = std::move(best);
}

bool Training::checkpoint_is_due(bool at_epoch_end) const {
  if (finished()) return true;
  if (settings_.checkpoint_every_steps == 0) return at_epoch_end;
  return state_.step % settings_.checkpoint_every_steps == 0;
}

// What a checkpoint holds of the module; the tensors share memory with it.
NamedTensors Training::weights() const {
  NamedTensors kept = module_weights(trainable_.module());
  if (run_.only_adapter)
    std::erase_if(kept, [this](const auto& item) {
      return !trainable_.is_head(item.first) && !trainable_.is_adapter(item.first);
    });
  return kept;
}

CheckpointContent Training::content() const {
  CheckpointContent content;
  content.model = weights();
  content.only_adapter = run_.only_adapter;
  content.text_files = run_.text_files;
  content.text_files.merge(trainable_.checkpoint_texts());
  content.state = optimizer_.state();
  content.state.merge(state_.to_tensors());
  content.state[kSamplesDigest] = samples_digest(names_);
  return content;
}

void Training::save() {
  if (!folder_ || saved_step_ == state_.step) return;
  if (pending_best_ && state_.best_step != state_.step) {
    folder_->write(state_.best_step, *pending_best_);
  }
  pending_best_.reset();
  folder_->write(state_.step, content());
  folder_->point_to(state_.best ? std::optional(state_.best_step) : std::nullopt, state_.step);
  saved_step_ = state_.step;
}

void Training::stop_if_interrupted() {
  const int signal = stop_requested();
  if (signal == 0) return;
  save();
  if (folder_) {
    log_warning("{}: stopped by a signal after step {}; go on with --resume (checkpoint {})",
                run_.title, state_.step, folder_->checkpoint(state_.step).string());
  }
  throw Interrupted(signal);
}

// Once a few steps have shown their pace; the first one (or epoch) also fills caches and is not
// counted.
void Training::say_expectation() {
  constexpr int64_t kMeasured = 2;
  const int64_t done = state_.step - first_step_;
  const int64_t uncounted = trainable_.first_epoch_is_slow() ? steps_per_epoch_ : 1;
  if (done == uncounted) after_first_step_seconds_ = steady_seconds();
  if (done != uncounted + kMeasured) return;
  const double a_step =
      (steady_seconds() - after_first_step_seconds_) / static_cast<double>(kMeasured);
  log_info("{}: expected to take at most {}{}, {:.1f} GB", run_.title,
           duration_text(a_step * static_cast<double>(num_steps_ - state_.step)),
           trainable_.has_validation() ? " and the time of validation" : "", peak_memory_gb());
}

void Training::take_best_weights() {
  if (!state_.best || state_.best_step == state_.step) return;
  if (pending_best_) {
    load_tensors(weights(), pending_best_->model, "the best weights");
  } else {
    const auto best = folder_->checkpoint(state_.best_step);
    load_tensors(weights(), read_checkpoint(best).model, best.string());
  }
}

TrainResult Training::run() {
  const CatchStopSignals catch_stop_signals;
  begin();
  Progress progress(run_.title, num_steps_, "steps");
  progress.start_at(state_.step);
  while (!finished()) {
    const StepOutcome outcome = one_step();
    progress.advance();
    progress.set_note(fmt::format("loss {:.4f}", outcome.loss));
    say_expectation();
    if (log_ && settings_.log_every_steps > 0 && state_.step % settings_.log_every_steps == 0) {
      log_->add(log_line(outcome));
    }
    const bool at_epoch_end = state_.batch == steps_per_epoch_ || state_.step == num_steps_;
    if (at_epoch_end) end_epoch(outcome);
    if (checkpoint_is_due(at_epoch_end)) save();
    if (!finished()) stop_if_interrupted();
  }
  save();
  take_best_weights();
  optimizer_.clear_gradients();
  trainable_.module().eval();
  TrainResult result;
  result.steps = state_.step;
  result.epochs = state_.epoch;
  result.stopped_early = state_.step < num_steps_;
  result.best = state_.best;
  result.best_step = state_.best ? state_.best_step : state_.step;
  return result;
}

}  // namespace

TrainResult train(Trainable& trainable, const TrainSettings& settings, const TrainRun& run) {
  return Training(trainable, settings, run).run();
}

}  // namespace cohesin
