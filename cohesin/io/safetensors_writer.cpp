#include <algorithm>
#include <array>
#include <fstream>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/safetensors.h"

namespace cohesin {
namespace {

// The header as JSON, padded with spaces so that the data starts at a multiple of eight.
std::string make_header(const std::vector<TensorToWrite>& tensors,
                        const std::map<std::string, std::string>& metadata,
                        const std::string& where) {
  auto header = nlohmann::ordered_json::object();
  if (!metadata.empty()) header["__metadata__"] = metadata;
  uint64_t offset = 0;
  for (const auto& tensor : tensors) {
    const std::string place = fmt::format("{}: tensor '{}'", where, tensor.name);
    const auto bytes = tensor_bytes(tensor.dtype, tensor.shape);
    if (!bytes || *bytes != tensor.data.size())
      throw Error("{}: {} bytes given, but dtype {} and shape {} need {}", place,
                  tensor.data.size(), dtype_name(tensor.dtype), shape_text(tensor.shape),
                  bytes ? std::to_string(*bytes) : "more than there can be");
    if (tensor.name == "__metadata__" || header.contains(tensor.name))
      throw Error("{}: the name is given twice or reserved", place);
    header[tensor.name] = {{"dtype", dtype_name(tensor.dtype)},
                           {"shape", tensor.shape},
                           {"data_offsets", {offset, offset + *bytes}}};
    offset += *bytes;
  }
  std::string text;
  try {
    text = header.dump();
  } catch (const nlohmann::json::exception&) {
    throw Error("{}: a tensor's name or the metadata is no valid UTF-8", where);
  }
  text.resize((text.size() + 7) / 8 * 8, ' ');
  if (text.size() > 100'000'000)
    throw Error("{}: its header would have {} bytes, more than the {} allowed", where, text.size(),
                100'000'000);
  return text;
}

}  // namespace

void write_safetensors(const std::filesystem::path& path, std::vector<TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata) {
  std::sort(tensors.begin(), tensors.end(), [](const TensorToWrite& a, const TensorToWrite& b) {
    const size_t wide_a = dtype_size(a.dtype), wide_b = dtype_size(b.dtype);
    return wide_a != wide_b ? wide_a > wide_b : a.name < b.name;
  });
  const std::string header = make_header(tensors, metadata, path.string());
  AtomicFile pending(path);
  std::ofstream stream(pending.temporary(), std::ios::binary);
  std::array<char, 8> length{};
  for (size_t i = 0; i < 8; ++i) length[i] = static_cast<char>(header.size() >> (8 * i) & 0xff);
  stream.write(length.data(), 8);
  stream.write(header.data(), static_cast<std::streamsize>(header.size()));
  for (const auto& tensor : tensors)
    stream.write(reinterpret_cast<const char*>(tensor.data.data()),
                 static_cast<std::streamsize>(tensor.data.size()));
  stream.close();
  if (!stream) throw Error("{}: cannot be written; is the disk full?", path.string());
  pending.commit();
}

}  // namespace cohesin
