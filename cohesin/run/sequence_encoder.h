#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/run/model_checkpoint.h"

namespace cohesin {

// A sequence model with its tokenizer, ready to be asked.
struct SequenceEncoder {
  ModelCheckpoint checkpoint;
  std::shared_ptr<SequenceModel> model;  // that of the checkpoint, in eval mode
  SequenceTokenizer tokenizer;
};

// A run folder, a checkpoint or a Hugging Face folder. `letters` change the tokenizer's settings
// ("ambiguous=error"); `precision` is that of matrix products, fp32 (also auto) or bf16. Throws
// Error when it holds no model of sequences, or a vocabulary that does not fit.
SequenceEncoder load_sequence_encoder(const std::filesystem::path& path,
                                      const std::vector<std::string>& letters = {},
                                      const std::string& precision = "fp32");

// The output `name` of these token lists, which go through the model one after the other without
// padding: one tensor [tokens,D] each, in float32 on the CPU.
std::vector<at::Tensor> forward_packed(SequenceModel& model,
                                       const std::vector<const std::vector<int32_t>*>& token_lists,
                                       const std::string& name);

}  // namespace cohesin
