#include "cohesin/io/safetensors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <tuple>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/io/foreign_weights.h"
#include "cohesin/io/mapped_file.h"

namespace cohesin {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation
constexpr size_t kLengthBytes = 8;

// Names come from the file: a hostile one shall not flood the terminal.
std::string shortened(const std::string& text) {
  constexpr size_t kShown = 100;
  return text.size() <= kShown ? text : text.substr(0, kShown) + "...";
}

struct HeaderEntry {
  std::string name;
  std::optional<std::string> dtype;
  std::optional<std::vector<uint64_t>> shape;
  std::optional<std::vector<uint64_t>> offsets;
};

// Reads the header as a stream of JSON events, so that a hostile one builds no tree, and checks
// each event against the only form allowed:
// {"__metadata__": {TEXT: TEXT}, NAME: {"dtype": TEXT, "shape": [N..], "data_offsets": [N, N]}}.
class HeaderReader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit HeaderReader(std::string where) : where_(std::move(where)) {}

  std::vector<HeaderEntry> entries;
  std::map<std::string, std::string> metadata;

  bool null() override { return refuse("null"); }
  bool boolean(bool) override { return refuse("a boolean"); }
  bool number_integer(number_integer_t value) override {
    return refuse(fmt::format("the negative number {}", value));
  }
  bool number_float(number_float_t, const string_t& text) override {
    return refuse("the number " + shortened(text));
  }
  bool binary(binary_t&) override { return refuse("binary data"); }
  bool number_unsigned(number_unsigned_t value) override {
    if (!in_array_) return refuse("a number");
    (field_ == "shape" ? entries.back().shape : entries.back().offsets)->push_back(value);
    return true;
  }
  bool string(string_t& text) override {
    if (depth_ == 2 && in_metadata_) {
      metadata[field_] = text;
    } else if (depth_ == 2 && field_ == "dtype") {
      entries.back().dtype = text;
    } else {
      return refuse("text");
    }
    return true;
  }
  bool start_object(size_t) override {
    if (depth_ == 2) return refuse("an object");
    if (depth_ == 1) {
      in_metadata_ = name_ == "__metadata__";
      fields_.clear();
      if (!in_metadata_) entries.push_back({name_, {}, {}, {}});
    }
    ++depth_;
    return true;
  }
  bool key(string_t& text) override {
    auto& seen = depth_ == 1 ? names_ : fields_;
    if (!seen.insert(text).second)
      throw Error("{}: the header names '{}' twice", place(), shortened(text));
    (depth_ == 1 ? name_ : field_) = text;
    if (depth_ == 2 && !in_metadata_ && text != "dtype" && text != "shape" &&
        text != "data_offsets")
      throw Error("{}: unknown key '{}'; expected dtype, shape and data_offsets", place(),
                  shortened(text));
    return true;
  }
  bool end_object() override {
    --depth_;
    if (depth_ != 1 || in_metadata_) return true;
    const auto& entry = entries.back();
    for (const auto& [found, field] : {std::pair{entry.dtype.has_value(), "dtype"},
                                       {entry.shape.has_value(), "shape"},
                                       {entry.offsets.has_value(), "data_offsets"}})
      if (!found) throw Error("{}: tensor '{}' has no {}", where_, shortened(name_), field);
    return true;
  }
  bool start_array(size_t) override {
    if (depth_ != 2 || in_metadata_ || in_array_ || field_ == "dtype") return refuse("a list");
    (field_ == "shape" ? entries.back().shape : entries.back().offsets).emplace();
    return in_array_ = true;
  }
  bool end_array() override {
    in_array_ = false;
    return true;
  }
  bool parse_error(size_t position, const std::string&, const nlohmann::json::exception&) override {
    throw Error("{}: the header is no valid JSON (at byte {})", where_, kLengthBytes + position);
  }

 private:
  std::string place() const {
    if (depth_ < 2) return where_;
    return in_metadata_ ? where_ + ": __metadata__"
                        : fmt::format("{}: tensor '{}'", where_, shortened(name_));
  }
  bool refuse(const std::string& found) const {
    if (depth_ == 0) throw Error("{}: the header is {}; expected a JSON object", where_, found);
    if (depth_ == 1)
      throw Error("{}: tensor '{}' is {}; expected an object", where_, shortened(name_), found);
    throw Error("{}: '{}' holds {}; expected {}", place(), shortened(field_), found,
                in_metadata_ || field_ == "dtype" ? "text" : "a list of integers >= 0");
  }

  std::string where_, name_, field_;
  std::set<std::string> names_, fields_;
  int depth_ = 0;
  bool in_metadata_ = false, in_array_ = false;
};

std::string_view header_text(std::span<const std::byte> bytes, const std::string& where) {
  if (bytes.empty()) throw Error("{}: is empty; expected a safetensors file", where);
  if (bytes.size() < kLengthBytes)
    throw Error("{}: has {} bytes; a safetensors file starts with 8 bytes of header length", where,
                bytes.size());
  uint64_t length = 0;
  for (size_t i = 0; i < kLengthBytes; ++i)
    length |= std::to_integer<uint64_t>(bytes[i]) << (8 * i);
  if (length > kMaxHeaderBytes)
    throw Error(
        "{}: claims a header of {} bytes, more than the {} allowed; is it a safetensors "
        "file?",
        where, length, kMaxHeaderBytes);
  if (length > bytes.size() - kLengthBytes)
    throw Error("{}: claims a header of {} bytes, but only {} follow; the file is truncated", where,
                length, bytes.size() - kLengthBytes);
  const std::string_view text(reinterpret_cast<const char*>(bytes.data()) + kLengthBytes, length);
  if (text.empty() || text.front() != '{')
    throw Error("{}: the header does not start with '{{'; is it a safetensors file?", where);
  return text;
}

// One entry held against the bytes that are there.
TensorView check_entry(const HeaderEntry& entry, std::span<const std::byte> data,
                       const std::string& where) {
  const std::string place = fmt::format("{}: tensor '{}'", where, shortened(entry.name));
  TensorView view;
  const auto dtype = find_dtype(*entry.dtype);
  if (!dtype) throw Error("{}: unknown dtype '{}'", place, shortened(*entry.dtype));
  view.dtype = *dtype;
  for (const uint64_t extent : *entry.shape) {
    if (extent > static_cast<uint64_t>(INT64_MAX))
      throw Error("{}: an extent of {} in its shape is too large", place, extent);
    view.shape.push_back(static_cast<int64_t>(extent));
  }
  const auto bytes = tensor_bytes(view.dtype, view.shape);
  if (!bytes) throw Error("{}: the size of shape {} overflows", place, shape_text(view.shape));
  if (entry.offsets->size() != 2)
    throw Error("{}: data_offsets has {} numbers; expected 2", place, entry.offsets->size());
  const uint64_t begin = entry.offsets->front(), end = entry.offsets->back();
  if (begin > end) throw Error("{}: data_offsets [{}, {}] run backwards", place, begin, end);
  if (end > data.size())
    throw Error(
        "{}: data_offsets [{}, {}] reach beyond the {} bytes of data; the file is "
        "truncated or its header wrong",
        place, begin, end, data.size());
  if (end - begin != *bytes)
    throw Error("{}: data_offsets hold {} bytes, but dtype {} and shape {} need {}", place,
                end - begin, *entry.dtype, shape_text(view.shape), *bytes);
  view.data = data.subspan(begin, end - begin);
  return view;
}

// The tensors must cover the data from first to last byte, each byte once.
void check_cover(const std::vector<HeaderEntry>& entries, uint64_t data_size,
                 const std::string& where) {
  std::vector<std::tuple<uint64_t, uint64_t, std::string>> parts;  // begin, end, name
  for (const auto& entry : entries)
    parts.emplace_back(entry.offsets->front(), entry.offsets->back(), shortened(entry.name));
  std::sort(parts.begin(), parts.end());
  uint64_t covered = 0;
  std::string before = "the start of the data";
  for (const auto& [begin, end, name] : parts) {
    if (begin < covered) throw Error("{}: tensor '{}' overlaps {}", where, name, before);
    if (begin > covered)
      throw Error("{}: {} bytes between {} and tensor '{}' belong to no tensor", where,
                  begin - covered, before, name);
    covered = end;
    before = fmt::format("tensor '{}'", name);
  }
  if (covered != data_size)
    throw Error("{}: {} bytes after {} belong to no tensor", where, data_size - covered, before);
}

}  // namespace

int64_t TensorView::num_elements() const {
  return static_cast<int64_t>(data.size() / dtype_size(dtype));
}

SafetensorsFile SafetensorsFile::parse(std::span<const std::byte> bytes, const std::string& where) {
  const std::string_view text = header_text(bytes, where);
  HeaderReader header(where);
  nlohmann::json::sax_parse(text, &header);
  const auto data = bytes.subspan(kLengthBytes + text.size());
  auto content = std::make_shared<Content>();
  content->where = where;
  content->metadata = std::move(header.metadata);
  for (const auto& entry : header.entries)
    content->tensors.emplace(entry.name, check_entry(entry, data, where));
  check_cover(header.entries, data.size(), where);
  for (const auto& [name, view] : content->tensors) content->names.push_back(name);
  return SafetensorsFile(std::move(content));
}

SafetensorsFile SafetensorsFile::open(const std::filesystem::path& path) {
  const auto mapping = std::make_shared<const MappedFile>(path);
  refuse_foreign_weights(mapping->bytes(), path);
  const SafetensorsFile file = parse(mapping->bytes(), path.string());
  auto content = std::make_shared<Content>(*file.content_);
  content->storage = mapping;
  return SafetensorsFile(std::move(content));
}

const TensorView& SafetensorsFile::at(const std::string& name) const {
  if (const auto found = content_->tensors.find(name); found != content_->tensors.end())
    return found->second;
  const std::string nearest = nearest_name(name, content_->names);
  throw Error("{}: has no tensor '{}'{}", content_->where, name,
              nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
}

}  // namespace cohesin
