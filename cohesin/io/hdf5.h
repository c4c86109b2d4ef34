#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

// Small owners over the HDF5 C library, for the readers and writers of this folder. Whatever the
// library refuses becomes an Error that names the file and the path inside it, with the library's
// own innermost reason. Files are taken as hostile: links to other files, data outside the file and
// extents that no stored bytes stand behind are refused before memory is asked for.
namespace cohesin {

// Owner of one handle of the library.
class Hdf5Handle {
 public:
  explicit Hdf5Handle(int64_t id = -1) : id_(id) {}
  ~Hdf5Handle();
  Hdf5Handle(Hdf5Handle&& other) noexcept : id_(std::exchange(other.id_, -1)) {}
  Hdf5Handle& operator=(Hdf5Handle&& other) noexcept {
    std::swap(id_, other.id_);
    return *this;
  }
  int64_t get() const { return id_; }

 private:
  int64_t id_;
};

// A group or dataset of an open file.
class Hdf5Object {
 public:
  Hdf5Object(Hdf5Handle id, std::string where) : id_(std::move(id)), where_(std::move(where)) {}

  const std::string& where() const { return where_; }  // "cohort.h5mu:/mod/rnaseq/X"
  int64_t id() const { return id_.get(); }

  // Attributes; nothing when absent, Error when of another type. Booleans count as integers; an
  // empty attribute of any type is an empty list.
  std::optional<std::string> text_attribute(const std::string& name) const;
  std::optional<std::vector<std::string>> texts_attribute(const std::string& name) const;
  std::optional<std::vector<int64_t>> integers_attribute(const std::string& name) const;

  void set_attribute(const std::string& name, const std::string& text);
  void set_attribute(const std::string& name, const char* text) {
    set_attribute(name, std::string(text));
  }
  void set_attribute(const std::string& name, const std::vector<std::string>& texts);
  void set_attribute(const std::string& name, const std::vector<int64_t>& integers);
  void set_attribute(const std::string& name, int64_t integer);
  void set_attribute(const std::string& name, bool flag);

 private:
  Hdf5Handle open_attribute(const std::string& name) const;  // -1 when absent
  Hdf5Handle make_attribute(const std::string& name, int64_t type, std::optional<uint64_t> length);

  Hdf5Handle id_;
  std::string where_;
};

enum class Hdf5Kind { kFloat, kInteger, kBoolean, kText, kOther };
std::string kind_name(Hdf5Kind kind);  // "text", "floating point numbers"

class Hdf5Dataset : public Hdf5Object {
 public:
  Hdf5Dataset(Hdf5Handle id, std::string where);

  Hdf5Kind kind() const { return kind_; }
  const std::vector<uint64_t>& extents() const { return extents_; }  // empty = scalar
  uint64_t num_elements() const { return num_elements_; }

  // Everything, row-major. T is float, double, int64_t; integers are never read from floats.
  template <typename T>
  void read_into(T* values) const;
  template <typename T>
  std::vector<T> read() const;
  // `count` elements from `first` of a dataset of rank 1, or rows of one of rank 2.
  template <typename T>
  void read_part(uint64_t first, uint64_t count, T* values) const;
  // Writes `count` rows from `first` of one of rank 2 that create_floats() made.
  void write_part(uint64_t first, uint64_t count, const float* values);
  // Walks the index of a chunked dataset without reading a value.
  void check_chunks() const;
  std::vector<std::string> read_texts() const;
  // A scalar (or the only element of a list).
  std::string read_text() const;
  double read_number() const;

 private:
  Hdf5Kind kind_ = Hdf5Kind::kOther;
  std::vector<uint64_t> extents_;
  uint64_t num_elements_ = 1;
};

class Hdf5Group : public Hdf5Object {
 public:
  using Hdf5Object::Hdf5Object;

  std::vector<std::string> names() const;  // members, sorted
  bool has_group(const std::string& name) const;
  bool has_dataset(const std::string& name) const;
  bool has(const std::string& name) const { return has_group(name) || has_dataset(name); }
  Hdf5Group group(const std::string& name) const;  // throws Error when absent or no group
  // Throws Error when absent, no dataset, or its extents and stored bytes cannot belong together.
  Hdf5Dataset dataset(const std::string& name) const;

  Hdf5Group create_group(const std::string& name);
  // T is float, double, int8_t, int16_t, int32_t, int64_t, uint32_t. With `compression` 1..9 rows
  // are stored in gzip chunks of about a megabyte.
  template <typename T>
  Hdf5Dataset write(const std::string& name, std::span<const T> values,
                    const std::vector<uint64_t>& extents, int compression = 0);
  // [rows, columns], float32, whose rows are to be written in parts, all of them.
  Hdf5Dataset create_floats(const std::string& name, uint64_t num_rows, uint64_t num_columns);
  Hdf5Dataset write_flags(const std::string& name, const std::vector<uint8_t>& flags,
                          const std::vector<uint64_t>& extents);
  Hdf5Dataset write_texts(const std::string& name, const std::vector<std::string>& texts);
  Hdf5Dataset write_text(const std::string& name, const std::string& text);

 private:
  // 0 absent, 1 group, 2 dataset, 3 other
  int member_type(const std::string& name) const;
  Hdf5Dataset write_bytes(const std::string& name, int64_t file_type, int64_t memory_type,
                          const std::optional<std::vector<uint64_t>>& extents, const void* values,
                          size_t num_values, int compression);
};

class Hdf5File {
 public:
  // For reading. Throws Error when it is missing, no HDF5 file or truncated.
  static Hdf5File open(const std::filesystem::path& path);
  // A new file at `path`; `shown` is its name in errors. The same calls give the same bytes: no
  // times are stored. `user_block_bytes` (0 or 512, ...) are left free at its start.
  static Hdf5File create(const std::filesystem::path& path, const std::string& shown,
                         uint64_t user_block_bytes = 0);

  Hdf5Group root() const;
  // Writes what is pending; throws Error when the disk refuses.
  void close();

 private:
  Hdf5File(Hdf5Handle id, std::string where) : id_(std::move(id)), where_(std::move(where)) {}
  Hdf5Handle id_;
  std::string where_;
};

// True if the file starts as HDF5 does, with or without a user block.
bool is_hdf5(const std::filesystem::path& path);

}  // namespace cohesin
