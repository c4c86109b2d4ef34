#include "cohesin/io/hdf5.h"

#include <algorithm>
#include <cstring>
#include <type_traits>

#include "cohesin/base/error.h"
#include "cohesin/io/hdf5_calls.h"

namespace cohesin {
namespace hdf5 {

void prepare_library() {
  static const bool prepared = H5dont_atexit() >= 0;
  (void)prepared;
  H5Eset_auto2(H5E_DEFAULT, nullptr, nullptr);
}

std::string last_reason() {
  std::string reason = "the HDF5 library gives no reason";
  const auto take_innermost = [](unsigned index, const H5E_error2_t* error, void* text) -> herr_t {
    if (index == 0 && error->desc != nullptr) *static_cast<std::string*>(text) = error->desc;
    return 0;
  };
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, take_innermost, &reason);
  // A failed system call comes with a time, addresses and "error message = 'No space left'".
  const std::string mark = "error message = '";
  const size_t start = reason.find(mark);
  if (start == std::string::npos) return reason;
  const size_t end = reason.find('\'', start + mark.size());
  return reason.substr(start + mark.size(), end - start - mark.size());
}

template <>
hid_t memory_type<float>() {
  return H5T_NATIVE_FLOAT;
}
template <>
hid_t memory_type<double>() {
  return H5T_NATIVE_DOUBLE;
}
template <>
hid_t memory_type<int64_t>() {
  return H5T_NATIVE_INT64;
}

Hdf5Handle make_text_type(const std::string& where) {
  Hdf5Handle type(check(H5Tcopy(H5T_C_S1), where, "no text type"));
  check(H5Tset_size(type.get(), H5T_VARIABLE), where, "no text type");
  check(H5Tset_cset(type.get(), H5T_CSET_UTF8), where, "no text type");
  return type;
}

}  // namespace hdf5

using hdf5::check;

namespace {

Hdf5Kind kind_of(hid_t type) {
  switch (H5Tget_class(type)) {
    case H5T_FLOAT:
      return Hdf5Kind::kFloat;
    case H5T_INTEGER:
      return Hdf5Kind::kInteger;
    case H5T_STRING:
      return Hdf5Kind::kText;
    case H5T_ENUM:  // h5py's boolean: an enumeration FALSE, TRUE
      return H5Tget_nmembers(type) == 2 ? Hdf5Kind::kBoolean : Hdf5Kind::kOther;
    default:
      return Hdf5Kind::kOther;
  }
}

std::vector<uint64_t> extents_of(hid_t space, const std::string& where) {
  if (H5Sget_simple_extent_type(space) == H5S_NULL) return {0};
  std::vector<hsize_t> extents(
      static_cast<size_t>(check(H5Sget_simple_extent_ndims(space), where, "unreadable extents")));
  check(H5Sget_simple_extent_dims(space, extents.data(), nullptr), where, "unreadable extents");
  return {extents.begin(), extents.end()};
}

// Attributes are small by nature; the format keeps them in 64 KB unless told otherwise.
uint64_t attribute_length(hid_t space, const std::string& where) {
  constexpr uint64_t kMaxElements = 1 << 24;
  uint64_t count = 1;
  for (const uint64_t extent : extents_of(space, where))
    if (__builtin_mul_overflow(count, extent, &count) || count > kMaxElements)
      throw Error("{}: claims more than {} elements", where, kMaxElements);
  return count;
}

// Text of fixed or variable length, from a dataset or an attribute through `read(type, buffer)`.
template <typename Read>
std::vector<std::string> read_text_values(hid_t file_type, hid_t space, uint64_t count,
                                          const std::string& where, Read read) {
  std::vector<std::string> texts;
  if (count == 0) return texts;
  texts.reserve(count);
  if (check(H5Tis_variable_str(file_type), where, "unreadable type") > 0) {
    Hdf5Handle type(check(H5Tcopy(H5T_C_S1), where, "no text type"));
    H5Tset_size(type.get(), H5T_VARIABLE);
    H5Tset_cset(type.get(), H5Tget_cset(file_type));
    std::vector<char*> pointers(count, nullptr);
    const herr_t status = read(type.get(), pointers.data());
    const std::string reason = status < 0 ? hdf5::last_reason() : "";
    for (const char* pointer : pointers) texts.emplace_back(pointer == nullptr ? "" : pointer);
    H5Dvlen_reclaim(type.get(), space, H5P_DEFAULT, pointers.data());
    if (status < 0) throw Error("{}: its text cannot be read: {}", where, reason);
    return texts;
  }
  const size_t width = H5Tget_size(file_type);
  std::vector<char> bytes(width * count);
  check(read(file_type, bytes.data()), where, "its text cannot be read");
  for (uint64_t i = 0; i < count; ++i) {
    const char* start = bytes.data() + i * width;
    texts.emplace_back(start, strnlen(start, width));
  }
  return texts;
}

}  // namespace

Hdf5Handle::~Hdf5Handle() {
  if (id_ >= 0 && H5Iis_valid(id_) > 0) H5Idec_ref(id_);
}

std::string kind_name(Hdf5Kind kind) {
  switch (kind) {
    case Hdf5Kind::kFloat:
      return "floating point numbers";
    case Hdf5Kind::kInteger:
      return "integers";
    case Hdf5Kind::kBoolean:
      return "booleans";
    case Hdf5Kind::kText:
      return "text";
    case Hdf5Kind::kOther:
      break;
  }
  return "values of a type unknown here";
}

Hdf5Handle Hdf5Object::open_attribute(const std::string& name) const {
  if (check(H5Aexists(id(), name.c_str()), where_, "unreadable attributes") == 0)
    return Hdf5Handle();
  return Hdf5Handle(
      check(H5Aopen(id(), name.c_str(), H5P_DEFAULT), where_, "unreadable attribute"));
}

std::optional<std::vector<std::string>> Hdf5Object::texts_attribute(const std::string& name) const {
  const Hdf5Handle attribute = open_attribute(name);
  if (attribute.get() < 0) return std::nullopt;
  const std::string place = fmt::format("{}: attribute '{}'", where_, name);
  const Hdf5Handle space(check(H5Aget_space(attribute.get()), place, "unreadable extents"));
  const uint64_t count = attribute_length(space.get(), place);
  if (count == 0) return std::vector<std::string>();
  const Hdf5Handle type(check(H5Aget_type(attribute.get()), place, "unreadable type"));
  if (kind_of(type.get()) != Hdf5Kind::kText)
    throw Error("{}: holds {}; expected text", place, kind_name(kind_of(type.get())));
  return read_text_values(type.get(), space.get(), count, place,
                          [&attribute](hid_t memory, void* buffer) {
                            return H5Aread(attribute.get(), memory, buffer);
                          });
}

std::optional<std::string> Hdf5Object::text_attribute(const std::string& name) const {
  const auto texts = texts_attribute(name);
  if (!texts) return std::nullopt;
  if (texts->size() != 1)
    throw Error("{}: attribute '{}' holds {} texts; expected 1", where_, name, texts->size());
  return texts->front();
}

std::optional<std::vector<int64_t>> Hdf5Object::integers_attribute(const std::string& name) const {
  const Hdf5Handle attribute = open_attribute(name);
  if (attribute.get() < 0) return std::nullopt;
  const std::string place = fmt::format("{}: attribute '{}'", where_, name);
  const Hdf5Handle type(check(H5Aget_type(attribute.get()), place, "unreadable type"));
  const Hdf5Kind kind = kind_of(type.get());
  if (kind != Hdf5Kind::kInteger && kind != Hdf5Kind::kBoolean)
    throw Error("{}: holds {}; expected integers", place, kind_name(kind));
  const Hdf5Handle space(check(H5Aget_space(attribute.get()), place, "unreadable extents"));
  const uint64_t count = attribute_length(space.get(), place);
  std::vector<int64_t> values(count);
  if (count > 0)
    check(H5Aread(attribute.get(), H5T_NATIVE_INT64, values.data()), place, "unreadable");
  return values;
}

Hdf5Dataset::Hdf5Dataset(Hdf5Handle handle, std::string place)
    : Hdf5Object(std::move(handle), std::move(place)) {
  const Hdf5Handle type(check(H5Dget_type(id()), where(), "unreadable type"));
  kind_ = kind_of(type.get());
  const Hdf5Handle space(check(H5Dget_space(id()), where(), "unreadable extents"));
  extents_ = extents_of(space.get(), where());
  for (const uint64_t extent : extents_)
    if (__builtin_mul_overflow(num_elements_, extent, &num_elements_))
      throw Error("{}: the size of its extents [{}] overflows", where(), fmt::join(extents_, ", "));
}

template <typename T>
void Hdf5Dataset::read_into(T* values) const {
  const bool wants_integers = std::is_integral_v<T>;
  if (kind_ == Hdf5Kind::kText || kind_ == Hdf5Kind::kOther ||
      (wants_integers && kind_ == Hdf5Kind::kFloat))
    throw Error("{}: holds {}; expected {}", where(), kind_name(kind_),
                wants_integers ? "integers" : "numbers");
  if (num_elements_ == 0) return;
  check(H5Dread(id(), hdf5::memory_type<T>(), H5S_ALL, H5S_ALL, H5P_DEFAULT, values), where(),
        "cannot be read");
}

template <typename T>
std::vector<T> Hdf5Dataset::read() const {
  std::vector<T> values(num_elements_);
  read_into(values.data());
  return values;
}

template <typename T>
void Hdf5Dataset::read_part(uint64_t first, uint64_t count, T* values) const {
  if (kind_ == Hdf5Kind::kText || kind_ == Hdf5Kind::kOther ||
      (std::is_integral_v<T> && kind_ == Hdf5Kind::kFloat))
    throw Error("{}: holds {}; expected numbers", where(), kind_name(kind_));
  if (count == 0) return;
  const int rank = static_cast<int>(extents_.size());
  if (rank != 1 && rank != 2) throw Error("{}: has {} dimensions; expected 1 or 2", where(), rank);
  const hsize_t start[2] = {first, 0}, length[2] = {count, rank == 2 ? extents_[1] : 0};
  const Hdf5Handle in_file(check(H5Dget_space(id()), where(), "unreadable extents"));
  check(H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, start, nullptr, length, nullptr),
        where(), "cannot be read in parts");
  const Hdf5Handle in_memory(check(H5Screate_simple(rank, length, nullptr), where(), "no space"));
  check(H5Dread(id(), hdf5::memory_type<T>(), in_memory.get(), in_file.get(), H5P_DEFAULT, values),
        where(), "cannot be read");
}

void Hdf5Dataset::check_chunks() const {
  const Hdf5Handle creation(check(H5Dget_create_plist(id()), where(), "unreadable layout"));
  if (H5Pget_layout(creation.get()) != H5D_CHUNKED) return;
  const Hdf5Handle space(check(H5Dget_space(id()), where(), "unreadable extents"));
  hsize_t num_chunks = 0;
  check(H5Dget_num_chunks(id(), space.get(), &num_chunks), where(), "unreadable chunk index");
}

template void Hdf5Dataset::read_into<float>(float*) const;
template void Hdf5Dataset::read_into<double>(double*) const;
template void Hdf5Dataset::read_into<int64_t>(int64_t*) const;
template std::vector<float> Hdf5Dataset::read() const;
template std::vector<double> Hdf5Dataset::read() const;
template std::vector<int64_t> Hdf5Dataset::read() const;
template void Hdf5Dataset::read_part<float>(uint64_t, uint64_t, float*) const;
template void Hdf5Dataset::read_part<int64_t>(uint64_t, uint64_t, int64_t*) const;

std::vector<std::string> Hdf5Dataset::read_texts() const {
  if (kind_ != Hdf5Kind::kText)
    throw Error("{}: holds {}; expected text", where(), kind_name(kind_));
  const Hdf5Handle type(check(H5Dget_type(id()), where(), "unreadable type"));
  const Hdf5Handle space(check(H5Dget_space(id()), where(), "unreadable extents"));
  return read_text_values(type.get(), space.get(), num_elements_, where(),
                          [this](hid_t memory, void* buffer) {
                            return H5Dread(id(), memory, H5S_ALL, H5S_ALL, H5P_DEFAULT, buffer);
                          });
}

std::string Hdf5Dataset::read_text() const {
  if (num_elements_ != 1) throw Error("{}: holds {} values; expected 1", where(), num_elements_);
  return read_texts().front();
}

double Hdf5Dataset::read_number() const {
  if (num_elements_ != 1) throw Error("{}: holds {} values; expected 1", where(), num_elements_);
  return read<double>().front();
}

int Hdf5Group::member_type(const std::string& name) const {
  if (name.empty() || name.find('/') != std::string::npos || name == ".") return 0;
  if (H5Lexists(id(), name.c_str(), H5P_DEFAULT) <= 0) return 0;
  H5L_info_t link;
  check(H5Lget_info(id(), name.c_str(), &link, H5P_DEFAULT), where(), "unreadable link");
  if (link.type != H5L_TYPE_HARD)
    throw Error("{}: member '{}' is a link to another place; expected the data itself", where(),
                name);
  const Hdf5Handle object(H5Oopen(id(), name.c_str(), H5P_DEFAULT));
  check(object.get(), where() + "/" + name, "cannot be opened");
  const H5I_type_t type = H5Iget_type(object.get());
  return type == H5I_GROUP ? 1 : type == H5I_DATASET ? 2 : 3;
}

bool Hdf5Group::has_group(const std::string& name) const { return member_type(name) == 1; }
bool Hdf5Group::has_dataset(const std::string& name) const { return member_type(name) == 2; }

namespace {

std::string member_place(const std::string& where, const std::string& name) {
  return where.back() == '/' ? where + name : where + "/" + name;
}

// A dataset can be packed by a plug-in that is not here.
void check_filters(hid_t properties, const std::string& where) {
  for (int i = 0; i < H5Pget_nfilters(properties); ++i) {
    unsigned flags = 0, config = 0;
    size_t num_values = 0;
    char name[64] = "";
    const H5Z_filter_t filter = H5Pget_filter2(properties, static_cast<unsigned>(i), &flags,
                                               &num_values, nullptr, sizeof name, name, &config);
    if (H5Zfilter_avail(filter) <= 0)
      throw Error(
          "{}: is compressed with HDF5 filter {} '{}', which is not available here; write "
          "the file with gzip or without compression",
          where, static_cast<int>(filter), name);
  }
}

// Refuses data outside the file and extents that the stored bytes cannot fill.
void check_storage(const Hdf5Dataset& dataset) {
  const std::string& where = dataset.where();
  const Hdf5Handle properties(check(H5Dget_create_plist(dataset.id()), where, "no properties"));
  const H5D_layout_t layout = H5Pget_layout(properties.get());
  if (layout == H5D_VIRTUAL || H5Pget_external_count(properties.get()) > 0)
    throw Error("{}: its data lie in other files; copy them into this one", where);
  if (dataset.num_elements() == 0) return;
  check_filters(properties.get(), where);
  const Hdf5Handle type(check(H5Dget_type(dataset.id()), where, "unreadable type"));
  uint64_t claimed = H5Tget_size(type.get());
  const bool overflows = __builtin_mul_overflow(claimed, dataset.num_elements(), &claimed);
  const uint64_t stored = H5Dget_storage_size(dataset.id());
  constexpr uint64_t kMaxRatio = 1100;  // deflate shrinks by 1032 at most
  const bool fits =
      layout == H5D_CHUNKED ? stored > 0 && claimed / kMaxRatio <= stored : claimed <= stored;
  hsize_t file_size = 0;
  const Hdf5Handle file(check(H5Iget_file_id(dataset.id()), where, "no file"));
  check(H5Fget_filesize(file.get(), &file_size), where, "no file size");
  if (overflows || !fits || stored > file_size)
    throw Error("{}: claims extents [{}], but only {} bytes are stored for it in a file of {}",
                where, fmt::join(dataset.extents(), ", "), stored, file_size);
}

}  // namespace

Hdf5Group Hdf5Group::group(const std::string& name) const {
  const int type = member_type(name);
  if (type != 1)
    throw Error("{}: {}; expected a group", member_place(where(), name),
                type == 0 ? "is missing" : "is a dataset");
  return Hdf5Group(
      Hdf5Handle(check(H5Gopen2(id(), name.c_str(), H5P_DEFAULT), where(), "unreadable group")),
      member_place(where(), name));
}

Hdf5Dataset Hdf5Group::dataset(const std::string& name) const {
  const int type = member_type(name);
  if (type != 2)
    throw Error("{}: {}; expected a dataset", member_place(where(), name),
                type == 0 ? "is missing" : "is a group");
  Hdf5Dataset dataset(
      Hdf5Handle(check(H5Dopen2(id(), name.c_str(), H5P_DEFAULT), where(), "unreadable dataset")),
      member_place(where(), name));
  check_storage(dataset);
  return dataset;
}

std::vector<std::string> Hdf5Group::names() const {
  std::vector<std::string> found;
  const auto take_name = [](hid_t, const char* name, const H5L_info_t*, void* names) -> herr_t {
    static_cast<std::vector<std::string>*>(names)->emplace_back(name);
    return 0;
  };
  check(H5Literate(id(), H5_INDEX_NAME, H5_ITER_INC, nullptr, take_name, &found), where(),
        "its members cannot be listed");
  std::sort(found.begin(), found.end());
  return found;
}

Hdf5File Hdf5File::open(const std::filesystem::path& path) {
  hdf5::prepare_library();
  const std::string where = path.string();
  std::error_code failure;
  const auto size = std::filesystem::file_size(path, failure);
  if (failure) throw Error("{}: cannot be opened: {}", where, failure.message());
  if (size == 0) throw Error("{}: is empty; expected an HDF5 file", where);
  if (!is_hdf5(path)) throw Error("{}: is no HDF5 file", where);
  const Hdf5Handle access(check(H5Pcreate(H5P_FILE_ACCESS), where, "no properties"));
  constexpr size_t kCacheBytes = 64 << 20;  // a chunk read in parts is then unpacked once
  H5Pset_cache(access.get(), 0, 10007, kCacheBytes, 1.0);
  H5Pset_fclose_degree(access.get(), H5F_CLOSE_STRONG);
  const hid_t id = H5Fopen(path.c_str(), H5F_ACC_RDONLY, access.get());
  return Hdf5File(Hdf5Handle(check(id, where, "a broken HDF5 file")), where);
}

Hdf5Group Hdf5File::root() const {
  return Hdf5Group(
      Hdf5Handle(check(H5Gopen2(id_.get(), "/", H5P_DEFAULT), where_, "no root group")),
      where_ + ":/");
}

bool is_hdf5(const std::filesystem::path& path) {
  hdf5::prepare_library();
  return H5Fis_hdf5(path.c_str()) > 0;
}

}  // namespace cohesin
