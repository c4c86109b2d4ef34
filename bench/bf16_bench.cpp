// Matrix products in bfloat16 beside float32, on random weights of published sizes: time, and the
// error of each layer as a share of its norm. Usage: bf16_bench
// enformer|esm2|nucleotide_transformer
#include <ATen/ATen.h>

#include <chrono>
#include <cstdio>
#include <string>

#include "bench/peak_memory.h"
#include "cohesin/base/memory.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/nn/layers.h"

namespace {

using namespace cohesin;

Batch example(const std::string& name) {
  Batch batch;
  at::manual_seed(3);
  if (name == "enformer") {
    batch.tensors["indices"] = at::randint(0, 4, {1, 196608}, at::kLong);
  } else if (name == "esm2") {
    batch.tensors["input_ids"] = at::randint(4, 24, {4096}, at::kLong);
    batch.tensors["lengths"] = at::full({8}, 512, at::kLong);
  } else {
    batch.tensors["input_ids"] = at::randint(6, 4102, {4096}, at::kLong);
    batch.tensors["lengths"] = at::full({2}, 2048, at::kLong);
  }
  return batch;
}

double seconds_of(Model& model, const Batch& batch, const Wanted& wanted) {
  model.forward(batch, wanted);
  const auto start = std::chrono::steady_clock::now();
  model.forward(batch, wanted);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  const std::string name = argc > 1 ? argv[1] : "esm2";
  const auto config = make_model_config(name);
  const auto model = make_model(*config);
  initialise(*model, 1);
  model->eval();
  const c10::InferenceMode inference;
  const Batch batch = example(name);
  const auto* sequences = dynamic_cast<const SequenceModel*>(model.get());
  const std::string last =
      sequences == nullptr ? "human" : "hidden_states." + std::to_string(sequences->num_layers());
  const double plain = seconds_of(*model, batch, {last});
  const double peak = peak_gigabytes();
  const NamedTensors exact = model->forward(batch, Wanted::everything()).tensors;
  use_bfloat16_products(*model);
  const double fast = seconds_of(*model, batch, {last});
  std::printf("%s: fp32 %.2f s (peak %.2f GB), bf16 %.2f s, ratio %.2f\n", name.c_str(), plain,
              peak, fast, plain / fast);
  for (const auto& [output, value] : model->forward(batch, Wanted::everything()).tensors) {
    const at::Tensor& expected = exact.at(output);
    std::printf("%s\t%.4f\n", output.c_str(),
                ((value - expected).norm() / expected.norm()).item<double>());
  }
  return 0;
}
