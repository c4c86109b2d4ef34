#include "cohesin/tensor/tensor_file.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <utility>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/io/safetensors.h"

namespace cohesin {
namespace {

constexpr std::array<std::pair<Dtype, at::ScalarType>, 10> kDtypes{{
    {Dtype::kF64, at::kDouble},
    {Dtype::kF32, at::kFloat},
    {Dtype::kF16, at::kHalf},
    {Dtype::kBF16, at::kBFloat16},
    {Dtype::kI64, at::kLong},
    {Dtype::kI32, at::kInt},
    {Dtype::kI16, at::kShort},
    {Dtype::kI8, at::kChar},
    {Dtype::kU8, at::kByte},
    {Dtype::kBool, at::kBool},
}};

}  // namespace

NamedTensors read_tensors(const std::filesystem::path& path) {
  return to_tensors(SafetensorsFile::open(path), path.string());
}

NamedTensors to_tensors(const SafetensorsFile& file, const std::string& where) {
  NamedTensors tensors;
  for (const auto& name : file.names()) {
    const TensorView& view = file.at(name);
    const auto* known = std::find_if(kDtypes.begin(), kDtypes.end(),
                                     [&view](const auto& row) { return row.first == view.dtype; });
    if (known == kDtypes.end()) {
      throw Error("{}: tensor '{}' has dtype {}, which cannot be computed with", where, name,
                  dtype_name(view.dtype));
    }
    at::Tensor tensor = at::empty(view.shape, known->second);
    if (!view.data.empty()) {
      std::memcpy(tensor.mutable_data_ptr(), view.data.data(), view.data.size());
    }
    tensors[name] = tensor;
  }
  return tensors;
}

void write_tensors(const std::filesystem::path& path, const NamedTensors& tensors,
                   const std::map<std::string, std::string>& metadata) {
  std::vector<TensorToWrite> rows;
  std::vector<at::Tensor> held;  // keeps the bytes alive until they are written
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor plain = tensor.detach().cpu().contiguous();
    const auto* known = std::find_if(kDtypes.begin(), kDtypes.end(), [&plain](const auto& row) {
      return row.second == plain.scalar_type();
    });
    if (known == kDtypes.end()) {
      throw Error("{}: tensor '{}' has a dtype that safetensors does not have", path.string(),
                  name);
    }
    held.push_back(plain);
    rows.push_back({name,
                    known->first,
                    plain.sizes().vec(),
                    {static_cast<const std::byte*>(plain.const_data_ptr()), plain.nbytes()}});
  }
  write_safetensors(path, std::move(rows), metadata);
}

}  // namespace cohesin
