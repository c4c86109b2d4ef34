#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/io/dtype.h"

namespace cohesin {

// One tensor of a file: row-major, little-endian. `data` may stand at any address: copy the bytes,
// do not cast the pointer.
struct TensorView {
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;  // empty = a scalar
  std::span<const std::byte> data;

  int64_t num_elements() const;
};

// A safetensors file, mapped and checked as a whole when it is opened: the length of the header
// against the file, its JSON (strict keys, nothing twice), every dtype and shape against its bytes,
// and that the tensors cover the data without overlap, hole or trailing bytes. Copies are cheap and
// share the mapping; views live as long as any copy.
class SafetensorsFile {
 public:
  // Throws Error naming the file and the tensor; of a pickle or another kind of file, what it is
  // and how to convert it.
  static SafetensorsFile open(const std::filesystem::path& path);
  // The same for bytes in memory, which must outlive the result; `where` names them in errors.
  static SafetensorsFile parse(std::span<const std::byte> bytes, const std::string& where);

  const std::vector<std::string>& names() const { return content_->names; }  // sorted
  bool has(const std::string& name) const { return content_->tensors.count(name) != 0; }
  const TensorView& at(const std::string& name) const;  // throws Error with the nearest name
  // `__metadata__`: text by name; empty when the file has none.
  const std::map<std::string, std::string>& metadata() const { return content_->metadata; }

 private:
  struct Content {
    std::string where;
    std::vector<std::string> names;
    std::map<std::string, TensorView> tensors;
    std::map<std::string, std::string> metadata;
    std::shared_ptr<const void> storage;
  };
  explicit SafetensorsFile(std::shared_ptr<const Content> content) : content_(std::move(content)) {}

  std::shared_ptr<const Content> content_;
};

struct TensorToWrite {
  std::string name;
  Dtype dtype = Dtype::kF32;
  std::vector<int64_t> shape;
  std::span<const std::byte> data;  // row-major, little-endian
};

// Writes the file whole or not at all; the same tensors in any order give the same bytes: widest
// dtype first, then by name, so that every tensor starts at a multiple of its element size.
// Throws Error when a name occurs twice, bytes and shape disagree, or the disk refuses.
void write_safetensors(const std::filesystem::path& path, std::vector<TensorToWrite> tensors,
                       const std::map<std::string, std::string>& metadata = {});

}  // namespace cohesin
