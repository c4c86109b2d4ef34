#include <algorithm>
#include <array>

#include "cohesin/base/error.h"
#include "cohesin/io/hdf5.h"
#include "cohesin/io/hdf5_calls.h"

namespace cohesin {
namespace hdf5 {

template <>
hid_t memory_type<int8_t>() {
  return H5T_NATIVE_INT8;
}
template <>
hid_t memory_type<int16_t>() {
  return H5T_NATIVE_INT16;
}
template <>
hid_t memory_type<int32_t>() {
  return H5T_NATIVE_INT32;
}
template <>
hid_t memory_type<uint32_t>() {
  return H5T_NATIVE_UINT32;
}

}  // namespace hdf5

using hdf5::check;

namespace {

// h5py's boolean, which numpy and anndata read as bool.
Hdf5Handle make_flag_type(const std::string& where) {
  Hdf5Handle type(check(H5Tenum_create(H5T_NATIVE_INT8), where, "no boolean type"));
  const int8_t no = 0, yes = 1;
  check(H5Tenum_insert(type.get(), "FALSE", &no), where, "no boolean type");
  check(H5Tenum_insert(type.get(), "TRUE", &yes), where, "no boolean type");
  return type;
}

Hdf5Handle make_space(const std::optional<std::vector<uint64_t>>& extents,
                      const std::string& where) {
  if (!extents) return Hdf5Handle(check(H5Screate(H5S_SCALAR), where, "no space"));
  const std::vector<hsize_t> sizes(extents->begin(), extents->end());
  return Hdf5Handle(check(H5Screate_simple(static_cast<int>(sizes.size()), sizes.data(), nullptr),
                          where, "no space"));
}

// HDF5 text ends at the first zero byte: one inside would cut it silently.
const char* pointer_to(const std::string& text, const std::string& where) {
  if (text.find('\0') != std::string::npos)
    throw Error("{}: the text '{}' has a zero byte inside", where, text.c_str());
  return text.c_str();
}

std::vector<const char*> pointers_to(const std::vector<std::string>& texts,
                                     const std::string& where) {
  std::vector<const char*> pointers;
  for (const auto& text : texts) pointers.push_back(pointer_to(text, where));
  return pointers;
}

void check_name(const std::string& name, const std::string& where) {
  if (name.empty() || name == "." || name.find('/') != std::string::npos ||
      name.find('\0') != std::string::npos)
    throw Error("{}: '{}' cannot be a name inside an HDF5 file (empty, '.' or with '/'); rename it",
                where, name);
}

std::string place_of(const std::string& where, const std::string& name) {
  return where.back() == '/' ? where + name : where + "/" + name;
}

}  // namespace

Hdf5Handle Hdf5Object::make_attribute(const std::string& name, int64_t type,
                                      std::optional<uint64_t> length) {
  std::optional<std::vector<uint64_t>> extents;
  if (length) extents = {*length};
  const Hdf5Handle space = make_space(extents, where());
  return Hdf5Handle(
      check(H5Acreate2(id(), name.c_str(), type, space.get(), H5P_DEFAULT, H5P_DEFAULT), where(),
            "an attribute cannot be written"));
}

void Hdf5Object::set_attribute(const std::string& name, const std::string& text) {
  const Hdf5Handle type = hdf5::make_text_type(where());
  const Hdf5Handle attribute = make_attribute(name, type.get(), std::nullopt);
  const char* pointer = pointer_to(text, where());
  check(H5Awrite(attribute.get(), type.get(), &pointer), where(), "cannot be written");
}

void Hdf5Object::set_attribute(const std::string& name, const std::vector<std::string>& texts) {
  const Hdf5Handle type = hdf5::make_text_type(where());
  const Hdf5Handle attribute = make_attribute(name, type.get(), texts.size());
  const std::vector<const char*> pointers = pointers_to(texts, where());
  if (!texts.empty())
    check(H5Awrite(attribute.get(), type.get(), pointers.data()), where(), "cannot be written");
}

void Hdf5Object::set_attribute(const std::string& name, const std::vector<int64_t>& integers) {
  const Hdf5Handle attribute = make_attribute(name, H5T_STD_I64LE, integers.size());
  check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, integers.data()), where(), "cannot be written");
}

void Hdf5Object::set_attribute(const std::string& name, int64_t integer) {
  const Hdf5Handle attribute = make_attribute(name, H5T_STD_I64LE, std::nullopt);
  check(H5Awrite(attribute.get(), H5T_NATIVE_INT64, &integer), where(), "cannot be written");
}

void Hdf5Object::set_attribute(const std::string& name, bool flag) {
  const Hdf5Handle type = make_flag_type(where());
  const Hdf5Handle attribute = make_attribute(name, type.get(), std::nullopt);
  const int8_t value = flag ? 1 : 0;
  check(H5Awrite(attribute.get(), type.get(), &value), where(), "cannot be written");
}

Hdf5Group Hdf5Group::create_group(const std::string& name) {
  check_name(name, where());
  const std::string place = place_of(where(), name);
  const Hdf5Handle properties(check(H5Pcreate(H5P_GROUP_CREATE), place, "no properties"));
  check(H5Pset_obj_track_times(properties.get(), false), place, "no properties");
  return Hdf5Group(
      Hdf5Handle(check(H5Gcreate2(id(), name.c_str(), H5P_DEFAULT, properties.get(), H5P_DEFAULT),
                       place, "cannot be written")),
      place);
}

Hdf5Dataset Hdf5Group::write_bytes(const std::string& name, int64_t file_type, int64_t memory_type,
                                   const std::optional<std::vector<uint64_t>>& extents,
                                   const void* values, size_t num_values, int compression) {
  check_name(name, where());
  const std::string place = place_of(where(), name);
  const Hdf5Handle properties(check(H5Pcreate(H5P_DATASET_CREATE), place, "no properties"));
  check(H5Pset_obj_track_times(properties.get(), false), place, "no properties");
  check(H5Pset_fill_time(properties.get(), H5D_FILL_TIME_IFSET), place, "no properties");
  if (compression > 0 && extents && num_values > 0) {
    constexpr uint64_t kChunkBytes = 1 << 20;
    std::vector<hsize_t> chunk(extents->begin(), extents->end());
    const uint64_t row_bytes = H5Tget_size(file_type) * num_values / chunk.front();
    chunk.front() = std::clamp<uint64_t>(kChunkBytes / row_bytes, 1, chunk.front());
    check(H5Pset_chunk(properties.get(), static_cast<int>(chunk.size()), chunk.data()), place,
          "no chunks");
    check(H5Pset_deflate(properties.get(), static_cast<unsigned>(compression)), place, "no gzip");
  }
  const Hdf5Handle space = make_space(extents, place);
  Hdf5Handle dataset(check(H5Dcreate2(id(), name.c_str(), file_type, space.get(), H5P_DEFAULT,
                                      properties.get(), H5P_DEFAULT),
                           place, "cannot be written"));
  if (num_values > 0)
    check(H5Dwrite(dataset.get(), memory_type, H5S_ALL, H5S_ALL, H5P_DEFAULT, values), place,
          "cannot be written");
  return Hdf5Dataset(std::move(dataset), place);
}

template <typename T>
Hdf5Dataset Hdf5Group::write(const std::string& name, std::span<const T> values,
                             const std::vector<uint64_t>& extents, int compression) {
  const hid_t type = hdf5::memory_type<T>();
  return write_bytes(name, type, type, extents, values.data(), values.size(), compression);
}
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const float>,
                                      const std::vector<uint64_t>&, int);
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const double>,
                                      const std::vector<uint64_t>&, int);
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const int8_t>,
                                      const std::vector<uint64_t>&, int);
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const int16_t>,
                                      const std::vector<uint64_t>&, int);
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const int32_t>,
                                      const std::vector<uint64_t>&, int);
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const int64_t>,
                                      const std::vector<uint64_t>&, int);
template Hdf5Dataset Hdf5Group::write(const std::string&, std::span<const uint32_t>,
                                      const std::vector<uint64_t>&, int);

Hdf5Dataset Hdf5Group::create_floats(const std::string& name, uint64_t num_rows,
                                     uint64_t num_columns) {
  const hid_t type = hdf5::memory_type<float>();
  return write_bytes(name, type, type, std::vector<uint64_t>{num_rows, num_columns}, nullptr, 0, 0);
}

void Hdf5Dataset::write_part(uint64_t first, uint64_t count, const float* values) {
  if (count == 0) return;
  const hsize_t start[2] = {first, 0}, length[2] = {count, extents_[1]};
  const Hdf5Handle in_file(check(H5Dget_space(id()), where(), "unreadable extents"));
  check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start, nullptr, length, nullptr),
        where(), "cannot be written in parts");
  const Hdf5Handle in_memory(check(H5Screate_simple(2, length, nullptr), where(), "no space"));
  check(H5Dwrite(id(), H5T_NATIVE_FLOAT, in_memory.get(), in_file.get(), H5P_DEFAULT, values),
        where(), "cannot be written");
}

Hdf5Dataset Hdf5Group::write_flags(const std::string& name, const std::vector<uint8_t>& flags,
                                   const std::vector<uint64_t>& extents) {
  const Hdf5Handle type = make_flag_type(where());
  return write_bytes(name, type.get(), type.get(), extents, flags.data(), flags.size(), 0);
}

Hdf5Dataset Hdf5Group::write_texts(const std::string& name, const std::vector<std::string>& texts) {
  const Hdf5Handle type = hdf5::make_text_type(where());
  const auto pointers = pointers_to(texts, place_of(where(), name));
  return write_bytes(name, type.get(), type.get(), std::vector<uint64_t>{texts.size()},
                     pointers.data(), pointers.size(), 0);
}

Hdf5Dataset Hdf5Group::write_text(const std::string& name, const std::string& text) {
  const Hdf5Handle type = hdf5::make_text_type(where());
  const char* pointer = pointer_to(text, place_of(where(), name));
  return write_bytes(name, type.get(), type.get(), std::nullopt, &pointer, 1, 0);
}

Hdf5File Hdf5File::create(const std::filesystem::path& path, const std::string& shown,
                          uint64_t user_block_bytes) {
  hdf5::prepare_library();
  const Hdf5Handle access(check(H5Pcreate(H5P_FILE_ACCESS), shown, "no properties"));
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  const Hdf5Handle creation(check(H5Pcreate(H5P_FILE_CREATE), shown, "no properties"));
  check(H5Pset_userblock(creation.get(), user_block_bytes), shown, "no user block");
  check(H5Pset_obj_track_times(creation.get(), false), shown, "no properties");
  const hid_t id = H5Fcreate(path.c_str(), H5F_ACC_TRUNC, creation.get(), access.get());
  return Hdf5File(Hdf5Handle(check(id, shown, "cannot be written")), shown);
}

void Hdf5File::close() {
  check(H5Fflush(id_.get(), H5F_SCOPE_GLOBAL), where_, "cannot be written; is the disk full?");
  id_ = Hdf5Handle();
}

}  // namespace cohesin
