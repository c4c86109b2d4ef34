#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>

namespace cohesin {

// Weights are read from safetensors alone. Throws Error if `bytes`, the content of `path`, are
// plainly something else that people have in its place: a pickle (PyTorch's .bin, .pt, .pth, .ckpt;
// joblib), a numpy or other zip archive, HDF5, GGUF, gzip, a Git LFS pointer, a web page. The text
// says what it is and how to make safetensors of it.
void refuse_foreign_weights(std::span<const std::byte> bytes, const std::filesystem::path& path);

// The command that makes safetensors of a PyTorch file, beside it.
std::string pickle_to_safetensors_command(const std::filesystem::path& path);

}  // namespace cohesin
