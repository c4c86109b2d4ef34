#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

#include "cohesin/base/error.h"
#include "cohesin/io/anndata_elements.h"

namespace cohesin {
namespace {

constexpr int64_t kMaxExactInteger = int64_t{1} << 53;  // beyond, a double loses digits

size_t length_of(const Column& column) {
  return column.is_text() ? column.text().size() : column.numbers().size();
}

Column read_dataset(const Hdf5Dataset& dataset) {
  if (dataset.extents().size() != 1)
    throw Error("{}: has {} dimensions; expected 1", dataset.where(), dataset.extents().size());
  if (dataset.kind() == Hdf5Kind::kText) return {"", dataset.read_texts()};
  if (dataset.kind() != Hdf5Kind::kInteger) return {"", dataset.read<double>()};
  const auto integers = dataset.read<int64_t>();
  const bool exact = std::all_of(integers.begin(), integers.end(), [](int64_t value) {
    return value <= kMaxExactInteger && value >= -kMaxExactInteger;
  });
  if (exact) return {"", std::vector<double>(integers.begin(), integers.end())};
  std::vector<std::string> texts;
  for (const int64_t value : integers) texts.push_back(std::to_string(value));
  return {"", std::move(texts)};
}

// Values with a mask beside them: true = missing.
Column read_nullable(const Hdf5Group& group) {
  Column column = read_dataset(group.dataset("values"));
  const auto mask = group.dataset("mask").read<int64_t>();
  if (mask.size() != length_of(column))
    throw Error("{}: has {} values, but a mask of {}", group.where(), length_of(column),
                mask.size());
  for (size_t i = 0; i < mask.size(); ++i) {
    if (mask[i] == 0) continue;
    if (column.is_text())
      column.text()[i].clear();
    else
      column.numbers()[i] = std::numeric_limits<double>::quiet_NaN();
  }
  return column;
}

Column decode_categories(const Hdf5Dataset& codes, const Column& categories) {
  if (codes.extents().size() != 1)
    throw Error("{}: has {} dimensions; expected 1", codes.where(), codes.extents().size());
  const auto num_categories = static_cast<int64_t>(length_of(categories));
  std::vector<std::string> texts;
  std::vector<double> numbers;
  const auto indices = codes.read<int64_t>();
  for (size_t i = 0; i < indices.size(); ++i) {
    const int64_t code = indices[i];
    if (code < -1 || code >= num_categories)
      throw Error("{}: the code {} of row {} is outside its {} categories", codes.where(), code,
                  i + 1, num_categories);
    const auto k = static_cast<size_t>(code);
    if (categories.is_text())
      texts.push_back(code < 0 ? "" : categories.text()[k]);
    else
      numbers.push_back(code < 0 ? std::numeric_limits<double>::quiet_NaN()
                                 : categories.numbers()[k]);
  }
  if (categories.is_text()) return {"", std::move(texts)};
  return {"", std::move(numbers)};
}

Column read_column(const Hdf5Group& frame, const std::string& name) {
  if (!frame.has_group(name)) {
    const Hdf5Dataset dataset = frame.dataset(name);
    if (frame.has_group("__categories") && frame.group("__categories").has_dataset(name))
      return decode_categories(dataset, read_dataset(frame.group("__categories").dataset(name)));
    return read_dataset(dataset);
  }
  const Hdf5Group group = frame.group(name);
  const std::string encoding = group.text_attribute("encoding-type").value_or("none");
  if (encoding == "categorical")
    return decode_categories(group.dataset("codes"), read_column(group, "categories"));
  if (encoding == "nullable-integer" || encoding == "nullable-boolean" ||
      encoding == "nullable-string-array")
    return read_nullable(group);
  throw Error("{}: unknown encoding-type '{}'; expected a categorical or nullable column",
              group.where(), encoding);
}

void write_categorical(Hdf5Group& frame, const Column& column) {
  std::map<std::string, int64_t> code_of;
  for (const auto& text : column.text())
    if (!text.empty()) code_of.emplace(text, 0);
  std::vector<std::string> categories;
  for (auto& [text, code] : code_of) {
    code = static_cast<int64_t>(categories.size());
    categories.push_back(text);
  }
  Hdf5Group group = frame.create_group(column.name);
  mark_encoding(group, "categorical", "0.2.0");
  group.set_attribute("ordered", false);
  Hdf5Dataset names = group.write_texts("categories", categories);
  mark_encoding(names, "string-array", "0.2.0");
  const auto write_codes = [&](auto zero) {
    std::vector<decltype(zero)> codes;
    for (const auto& text : column.text())
      codes.push_back(static_cast<decltype(zero)>(text.empty() ? -1 : code_of.at(text)));
    return group.write("codes", std::span<const decltype(zero)>(codes), {codes.size()});
  };
  Hdf5Dataset codes = categories.size() <= INT8_MAX    ? write_codes(int8_t{})
                      : categories.size() <= INT16_MAX ? write_codes(int16_t{})
                                                       : write_codes(int32_t{});
  mark_encoding(codes, "array", "0.2.0");
}

void write_numbers(Hdf5Group& frame, const Column& column) {
  const auto& numbers = column.numbers();
  const bool whole = std::all_of(numbers.begin(), numbers.end(), [](double value) {
    return value == std::trunc(value) && std::abs(value) <= double(kMaxExactInteger);
  });
  const auto write = [&]() {
    if (!whole) return frame.write(column.name, std::span<const double>(numbers), {numbers.size()});
    const std::vector<int64_t> integers(numbers.begin(), numbers.end());
    return frame.write(column.name, std::span<const int64_t>(integers), {integers.size()});
  };
  Hdf5Dataset dataset = write();
  mark_encoding(dataset, "array", "0.2.0");
}

void write_text_column(Hdf5Group& frame, const Column& column) {
  const std::set<std::string> unique(column.text().begin(), column.text().end());
  if (unique.size() < column.text().size() || unique.count("") != 0)
    return write_categorical(frame, column);
  Hdf5Dataset dataset = frame.write_texts(column.name, column.text());
  mark_encoding(dataset, "string-array", "0.2.0");
}

}  // namespace

void mark_encoding(Hdf5Object& object, const std::string& type, const std::string& version) {
  object.set_attribute("encoding-type", type);
  object.set_attribute("encoding-version", version);
}

Hdf5Group create_mapping(Hdf5Group& parent, const std::string& name) {
  Hdf5Group group = parent.create_group(name);
  mark_encoding(group, "dict", "0.1.0");
  return group;
}

Frame read_frame(const Hdf5Group& parent, const std::string& name) {
  if (parent.has_dataset(name))
    throw Error(
        "{}/{}: is a compound dataset as anndata before 0.7 wrote it; write the file again "
        "with a newer anndata",
        parent.where(), name);
  const Hdf5Group group = parent.group(name);
  const auto index_name = group.text_attribute("_index");
  const auto order = group.texts_attribute("column-order");
  if (!index_name || !order)
    throw Error("{}: has no attribute '{}'; expected a dataframe as anndata writes it",
                group.where(), index_name ? "column-order" : "_index");
  Frame frame;
  frame.index = column_as_text(read_column(group, *index_name));
  for (const auto& column_name : *order) {
    if (frame.find(column_name) != nullptr)
      throw Error("{}: column '{}' occurs twice in column-order", group.where(), column_name);
    Column column = read_column(group, column_name);
    if (length_of(column) != frame.num_rows())
      throw Error("{}/{}: has {} values, but the index has {}", group.where(), column_name,
                  length_of(column), frame.num_rows());
    column.name = column_name;
    frame.columns.push_back(std::move(column));
  }
  return frame;
}

void write_frame(Hdf5Group& parent, const std::string& name, const Frame& frame,
                 const std::string& index_name) {
  Hdf5Group group = parent.create_group(name);
  mark_encoding(group, "dataframe", "0.2.0");
  group.set_attribute("_index", index_name);
  std::vector<std::string> order;
  for (const auto& column : frame.columns) order.push_back(column.name);
  group.set_attribute("column-order", order);
  Hdf5Dataset index = group.write_texts(index_name, frame.index);
  mark_encoding(index, "string-array", "0.2.0");
  for (const auto& column : frame.columns) {
    if (column.name == index_name) {
      if (!column.is_text() || column.text() != frame.index)
        throw Error("{}: a column is named '{}' like the index, but differs from it", group.where(),
                    index_name);
    } else if (column.is_text()) {
      write_text_column(group, column);
    } else {
      write_numbers(group, column);
    }
  }
}

}  // namespace cohesin
