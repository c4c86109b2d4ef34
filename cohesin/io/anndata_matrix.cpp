#include <unistd.h>

#include <algorithm>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/io/anndata_elements.h"

namespace cohesin {
namespace {

// A sparse matrix can be small on disk and larger than the machine in memory.
std::vector<float> make_values(uint64_t num_rows, uint64_t num_columns, const std::string& where) {
  const uint64_t memory = static_cast<uint64_t>(sysconf(_SC_PHYS_PAGES)) *
                          static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE));
  uint64_t bytes = sizeof(float);
  if (__builtin_mul_overflow(bytes, num_rows, &bytes) ||
      __builtin_mul_overflow(bytes, num_columns, &bytes) || bytes > memory)
    throw Error(
        "{}: {} x {} values do not fit into the {} GB of this machine; choose fewer "
        "features or samples first",
        where, num_rows, num_columns, memory >> 30);
  return std::vector<float>(num_rows * num_columns);
}

struct SparseParts {
  bool by_row = true;  // CSR, else CSC
  Hdf5Dataset data, indices;
  std::vector<int64_t> offsets;  // [lines + 1]: a line is a row (CSR) or a column (CSC)
};

SparseParts open_parts(const Hdf5Group& group, bool by_row, uint64_t num_lines) {
  SparseParts parts{by_row, group.dataset("data"), group.dataset("indices"), {}};
  const Hdf5Dataset indptr = group.dataset("indptr");
  for (const Hdf5Dataset* dataset :
       {&std::as_const(parts.data), &std::as_const(parts.indices), &indptr})
    if (dataset->extents().size() != 1)
      throw Error("{}: has {} dimensions; expected 1", dataset->where(), dataset->extents().size());
  if (parts.indices.kind() != Hdf5Kind::kInteger)
    throw Error("{}: holds {}; expected integers", parts.indices.where(),
                kind_name(parts.indices.kind()));
  if (parts.data.num_elements() != parts.indices.num_elements())
    throw Error("{}: has {} data, but {} indices", group.where(), parts.data.num_elements(),
                parts.indices.num_elements());
  parts.offsets = indptr.read<int64_t>();
  if (parts.offsets.size() != num_lines + 1)
    throw Error("{}: has {} entries; expected {}", indptr.where(), parts.offsets.size(),
                num_lines + 1);
  if (parts.offsets.front() != 0 || !std::is_sorted(parts.offsets.begin(), parts.offsets.end()) ||
      static_cast<uint64_t>(parts.offsets.back()) != parts.data.num_elements())
    throw Error("{}: does not rise from 0 to the {} stored values", indptr.where(),
                parts.data.num_elements());
  return parts;
}

// Adds the stored values to `values` in blocks, so that no second copy of the matrix is held.
// `line_step` and `entry_step` are the distances in `values` between lines and within one.
void scatter(const SparseParts& parts, int64_t num_entries, size_t line_step, size_t entry_step,
             std::vector<float>& values) {
  constexpr uint64_t kBlock = 1 << 20;
  std::vector<float> data(std::min(kBlock, parts.data.num_elements()));
  std::vector<int64_t> indices(data.size());
  size_t line = 0;
  for (uint64_t first = 0; first < parts.data.num_elements(); first += kBlock) {
    const uint64_t count = std::min(kBlock, parts.data.num_elements() - first);
    parts.data.read_part(first, count, data.data());
    parts.indices.read_part(first, count, indices.data());
    for (uint64_t i = 0; i < count; ++i) {
      while (static_cast<uint64_t>(parts.offsets[line + 1]) <= first + i) ++line;
      if (indices[i] < 0 || indices[i] >= num_entries)
        throw Error("{}: the index {} at {} is outside 0..{}", parts.indices.where(), indices[i],
                    first + i, num_entries - 1);
      values[line * line_step + static_cast<size_t>(indices[i]) * entry_step] += data[i];
    }
  }
}

SparseParts open_sparse(const Hdf5Group& group, uint64_t num_rows, uint64_t num_columns) {
  auto encoding = group.text_attribute("encoding-type");
  auto shape = group.integers_attribute("shape");
  if (!encoding) {  // as anndata before 0.7 named them
    encoding = group.text_attribute("h5sparse_format").value_or("none") + "_matrix";
    shape = group.integers_attribute("h5sparse_shape");
  }
  if (*encoding != "csr_matrix" && *encoding != "csc_matrix")
    throw Error(
        "{}: unknown encoding-type '{}'; expected a dense dataset, csr_matrix or "
        "csc_matrix",
        group.where(), *encoding);
  if (!shape || *shape != std::vector<int64_t>{static_cast<int64_t>(num_rows),
                                               static_cast<int64_t>(num_columns)})
    throw Error("{}: its shape is [{}], but obs and var have {} and {} rows", group.where(),
                shape ? fmt::format("{}", fmt::join(*shape, ", ")) : "not stated", num_rows,
                num_columns);
  const bool by_row = *encoding == "csr_matrix";
  return open_parts(group, by_row, by_row ? num_rows : num_columns);
}

Hdf5Dataset open_dense(const Hdf5Group& parent, const std::string& name, uint64_t num_rows,
                       uint64_t num_columns) {
  Hdf5Dataset dataset = parent.dataset(name);
  if (dataset.extents() != std::vector<uint64_t>{num_rows, num_columns})
    throw Error("{}: its shape is [{}]; expected [{}, {}]", dataset.where(),
                fmt::join(dataset.extents(), ", "), num_rows, num_columns);
  return dataset;
}

void add_sparse_row(const SparseParts& parts, size_t row, uint64_t num_columns, float* values) {
  const auto first = static_cast<uint64_t>(parts.offsets[row]);
  const auto count = static_cast<uint64_t>(parts.offsets[row + 1]) - first;
  std::vector<float> data(count);
  std::vector<int64_t> columns(count);
  parts.data.read_part(first, count, data.data());
  parts.indices.read_part(first, count, columns.data());
  for (size_t i = 0; i < count; ++i) {
    if (columns[i] < 0 || static_cast<uint64_t>(columns[i]) >= num_columns)
      throw Error("{}: the index {} at {} is outside 0..{}", parts.indices.where(), columns[i],
                  first + i, num_columns - 1);
    values[columns[i]] += data[i];
  }
}

// Neighbouring rows in one go.
void read_dense_rows(const Hdf5Dataset& dataset, const std::vector<int64_t>& rows,
                     uint64_t num_columns, float* values) {
  for (size_t begin = 0; begin < rows.size();) {
    size_t end = begin + 1;
    while (end < rows.size() && rows[end] == rows[end - 1] + 1) ++end;
    dataset.read_part(static_cast<uint64_t>(rows[begin]), end - begin,
                      values + begin * num_columns);
    begin = end;
  }
}

}  // namespace

std::vector<float> read_matrix_rows(const Hdf5Group& parent, const std::string& name,
                                    const std::vector<int64_t>& rows, uint64_t num_rows,
                                    uint64_t num_columns) {
  if (!parent.has_group(name)) {
    const Hdf5Dataset dataset = open_dense(parent, name, num_rows, num_columns);
    auto values = make_values(rows.size(), num_columns, dataset.where());
    read_dense_rows(dataset, rows, num_columns, values.data());
    return values;
  }
  const Hdf5Group group = parent.group(name);
  const SparseParts parts = open_sparse(group, num_rows, num_columns);
  auto values = make_values(rows.size(), num_columns, group.where());
  if (parts.by_row) {
    for (size_t i = 0; i < rows.size(); ++i)
      add_sparse_row(parts, static_cast<size_t>(rows[i]), num_columns,
                     values.data() + i * num_columns);
    return values;
  }
  const std::vector<float> all = read_matrix(parent, name, num_rows, num_columns);
  for (size_t i = 0; i < rows.size(); ++i)
    std::copy_n(all.begin() + rows[i] * static_cast<int64_t>(num_columns), num_columns,
                values.begin() + static_cast<int64_t>(i * num_columns));
  return values;
}

std::vector<float> read_matrix(const Hdf5Group& parent, const std::string& name, uint64_t num_rows,
                               uint64_t num_columns) {
  if (!parent.has_group(name)) {
    const Hdf5Dataset dataset = open_dense(parent, name, num_rows, num_columns);
    auto values = make_values(num_rows, num_columns, dataset.where());
    dataset.read_into(values.data());
    return values;
  }
  const Hdf5Group group = parent.group(name);
  const SparseParts parts = open_sparse(group, num_rows, num_columns);
  auto values = make_values(num_rows, num_columns, group.where());
  if (parts.by_row)
    scatter(parts, static_cast<int64_t>(num_columns), num_columns, 1, values);
  else
    scatter(parts, static_cast<int64_t>(num_rows), 1, num_columns, values);
  return values;
}

void check_matrix(const Hdf5Group& parent, const std::string& name, uint64_t num_rows,
                  uint64_t num_columns) {
  if (parent.has_group(name)) {
    const SparseParts parts = open_sparse(parent.group(name), num_rows, num_columns);
    parts.data.check_chunks();
    parts.indices.check_chunks();
  } else {
    open_dense(parent, name, num_rows, num_columns).check_chunks();
  }
}

void write_matrix(Hdf5Group& parent, const std::string& name, std::span<const float> values,
                  uint64_t num_rows, uint64_t num_columns, int compression) {
  Hdf5Dataset dataset = parent.write(name, values, {num_rows, num_columns}, compression);
  mark_encoding(dataset, "array", "0.2.0");
}

}  // namespace cohesin
