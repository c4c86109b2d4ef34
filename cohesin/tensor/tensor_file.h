#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "cohesin/io/safetensors.h"
#include "cohesin/tensor/batch.h"

namespace cohesin {

// The tensors of a safetensors file, copied into memory of their own; the dtypes are kept. Throws
// Error naming the file, and the tensor whose dtype torch does not have.
NamedTensors read_tensors(const std::filesystem::path& path);

NamedTensors to_tensors(const SafetensorsFile& file, const std::string& where);

// Writes them whole or not at all, from any device; the same tensors give the same bytes.
void write_tensors(const std::filesystem::path& path, const NamedTensors& tensors,
                   const std::map<std::string, std::string>& metadata = {});

}  // namespace cohesin
