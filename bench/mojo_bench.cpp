// MOJO of the published size (17,116 genes, random weights): the embedding of one sample and a
// training step. Baseline: the same weights through plain convolutions in float32.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/autocast_mode.h>
#include <sys/resource.h>

#include "bench/ratio.h"
#include "cohesin/models/fusion/mojo.h"
#include "cohesin/models/initialise.h"
#include "cohesin/models/masked_lm_loss.h"

namespace {

using namespace cohesin;

class Bfloat16 {
 public:
  Bfloat16() {
    at::autocast::set_autocast_dtype(at::kCPU, at::kBFloat16);
    at::autocast::set_autocast_enabled(at::kCPU, true);
  }
  ~Bfloat16() {
    at::autocast::clear_cache();
    at::autocast::set_autocast_enabled(at::kCPU, false);
  }
};

Batch random_batch(const MojoConfig& config) {
  Batch batch;
  for (const auto& [omic, rows] : config.alphabet_size)
    batch.tensors[omic + ".tokens"] =
        at::randint(0, rows - 2, {1, config.fixed_sequence_length}, at::kLong);
  return batch;
}

void embed(Mojo& model, const Batch& batch) { model.forward(batch, {model.embedding_name()}); }

void embed_plainly(Mojo& model, const Batch& batch) {
  const at::AutoGradMode with_gradient(true);  // which the fast path does without
  embed(model, batch);
}

void training_step(Mojo& model, const Batch& batch) {
  const at::AutoGradMode with_gradient(true);
  std::set<std::string> names;
  for (const auto& omic : model.omics()) names.insert(model.logits_name(omic));
  const Outputs out = model.forward(batch, Wanted(names));
  at::Tensor loss;
  for (const auto& omic : model.omics()) {
    const at::Tensor& logits = out.at(model.logits_name(omic));
    const at::Tensor one =
        at::cross_entropy_loss(logits.flatten(0, 1), batch.at(omic + ".tokens").flatten());
    loss = loss.defined() ? loss + one : one;
  }
  loss.backward();
  for (at::Tensor& parameter : model.parameters()) parameter.mutable_grad().reset();
}

}  // namespace

int main() {
  const at::NoGradGuard no_gradient;
  MojoConfig config;
  config.resolve();
  Mojo model(config);
  initialise(model, 1);
  const Batch batch = random_batch(config);
  bench::print_header("MOJO, published size, " + std::to_string(at::get_num_threads()) +
                      " threads");
  bench::print_ratio(
      "embedding, fp32 / plain fp32", [&] { embed(model, batch); },
      [&] { embed_plainly(model, batch); }, 3);
  bench::print_ratio(
      "embedding, bf16 / plain fp32",
      [&] {
        const Bfloat16 autocast;
        embed(model, batch);
      },
      [&] { embed_plainly(model, batch); }, 3);
  bench::print_ratio(
      "masked-LM step, bf16 / fp32",
      [&] {
        const Bfloat16 autocast;
        training_step(model, batch);
      },
      [&] { training_step(model, batch); }, 1);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory %.1f GB\n", static_cast<double>(usage.ru_maxrss) / 1e6);
}
