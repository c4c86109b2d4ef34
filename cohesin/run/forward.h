#pragma once

#include <filesystem>
#include <string>

namespace cohesin {

struct ForwardOptions {
  std::filesystem::path checkpoint;
  std::filesystem::path batch;  // safetensors with in.*
  std::filesystem::path out;
  bool loss = false;  // also the reference loss, grad.NAME of every parameter and, of buffers that
                      // a training step moves, out.after.NAME
  std::string device = "cpu";
  bool force = false;
};

// Runs the model once on a prepared batch and writes every named output as out.*, in fp32, by the
// authors' names: for holding a conversion against their code. Throws Error naming the tensor of
// the batch that is missing or does not fit.
void forward_batch(const ForwardOptions& options);

}  // namespace cohesin
