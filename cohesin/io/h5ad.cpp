#include "cohesin/io/h5ad.h"

#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/anndata_elements.h"
#include "cohesin/io/annotated_group.h"
#include "cohesin/io/hdf5_probe.h"

namespace cohesin {
namespace {

// Text, numbers and lists of them; nothing for what this program has no use for.
std::optional<UnsValue> read_uns_value(const Hdf5Group& uns, const std::string& name) {
  if (!uns.has_dataset(name)) return std::nullopt;
  const Hdf5Dataset dataset = uns.dataset(name);
  if (dataset.kind() == Hdf5Kind::kOther || dataset.extents().size() > 1) return std::nullopt;
  const bool scalar = dataset.extents().empty();
  if (dataset.kind() == Hdf5Kind::kText)
    return scalar ? UnsValue(dataset.read_text()) : UnsValue(dataset.read_texts());
  return scalar ? UnsValue(dataset.read_number()) : UnsValue(dataset.read<double>());
}

void read_uns(const Hdf5Group& group, AnnotatedMatrix& matrix) {
  if (!group.has_group("uns")) return;
  const Hdf5Group uns = group.group("uns");
  for (const auto& name : uns.names()) {
    auto value = read_uns_value(uns, name);
    if (!value) continue;
    if (name == "unit") {
      if (!std::holds_alternative<std::string>(*value))
        throw Error("{}/unit: expected text that names a unit", uns.where());
      matrix.unit = std::get<std::string>(*value);
    } else {
      matrix.uns.emplace(name, std::move(*value));
    }
  }
}

std::vector<NamedMatrix> read_obsm(const Hdf5Group& group, uint64_t num_samples) {
  std::vector<NamedMatrix> matrices;
  if (!group.has_group("obsm")) return matrices;
  const Hdf5Group obsm = group.group("obsm");
  for (const auto& name : obsm.names()) {
    if (!obsm.has_dataset(name)) continue;  // a frame or a sparse matrix
    const auto extents = obsm.dataset(name).extents();
    if (extents.size() != 2)
      throw Error("{}/{}: has {} dimensions; expected 2", obsm.where(), name, extents.size());
    matrices.push_back({name, extents[1], read_matrix(obsm, name, num_samples, extents[1])});
  }
  return matrices;
}

void write_uns_value(Hdf5Group& uns, const std::string& name, const UnsValue& value) {
  if (const auto* text = std::get_if<std::string>(&value)) {
    Hdf5Dataset dataset = uns.write_text(name, *text);
    mark_encoding(dataset, "string", "0.2.0");
  } else if (const auto* number = std::get_if<double>(&value)) {
    Hdf5Dataset dataset = uns.write(name, std::span<const double>(number, 1), {});
    mark_encoding(dataset, "numeric-scalar", "0.2.0");
  } else if (const auto* numbers = std::get_if<std::vector<double>>(&value)) {
    Hdf5Dataset dataset = uns.write(name, std::span<const double>(*numbers), {numbers->size()});
    mark_encoding(dataset, "array", "0.2.0");
  } else {
    Hdf5Dataset dataset = uns.write_texts(name, std::get<std::vector<std::string>>(value));
    mark_encoding(dataset, "string-array", "0.2.0");
  }
}

}  // namespace

AnnotatedMatrix read_annotated(const Hdf5Group& group, const H5adWanted& wanted) {
  AnnotatedMatrix matrix;
  matrix.obs = read_frame(group, "obs");
  matrix.var = read_frame(group, "var");
  matrix.table.samples = matrix.obs.index;
  matrix.table.features = matrix.var.index;
  const uint64_t num_samples = matrix.obs.num_rows(), num_features = matrix.var.num_rows();
  if (num_features > 0 || group.has("X")) {
    if (wanted.x)
      matrix.table.values = read_matrix(group, "X", num_samples, num_features);
    else
      check_matrix(group, "X", num_samples, num_features);
  }
  read_uns(group, matrix);
  if (wanted.obsm) matrix.obsm = read_obsm(group, num_samples);
  for (const auto& name : wanted.layers) {
    const Hdf5Group layers = group.group("layers");
    matrix.layers.push_back(
        {name, num_features, read_matrix(layers, name, num_samples, num_features)});
  }
  return matrix;
}

void write_annotated(Hdf5Group& group, const Table& table, const Frame& obs, const Frame& var,
                     const std::string& var_index_name, const std::vector<std::string>& others,
                     int compression) {
  mark_encoding(group, "anndata", "0.1.0");
  if (table.num_features() > 0)
    write_matrix(group, "X", table.values, table.num_samples(), table.num_features(), compression);
  write_frame(group, "obs", obs);
  write_frame(group, "var", var, var_index_name);
  for (const char* name : {"layers", "obsm", "obsp", "uns", "varm", "varp"})
    if (std::find(others.begin(), others.end(), name) == others.end()) create_mapping(group, name);
}

void write_unit(Hdf5Group& uns, const std::string& unit) {
  if (!unit.empty()) write_uns_value(uns, "unit", unit);
}

namespace {

AnnotatedMatrix read_root(const std::filesystem::path& path, const H5adWanted& wanted) {
  const Hdf5File file = Hdf5File::open(path);
  const Hdf5Group root = file.root();
  if (root.has_group("mod"))
    throw Error("{}: is a MuData file (it has /mod); expected AnnData, one matrix", path.string());
  if (!root.has("obs") || !root.has("var"))
    throw Error("{}: has no /obs and /var; expected AnnData", path.string());
  return read_annotated(root, wanted);
}

}  // namespace

AnnotatedMatrix read_h5ad(const std::filesystem::path& path, const H5adWanted& wanted) {
  probe_hdf5(path, [&] { read_root(path, {false, wanted.obsm, wanted.layers}); });
  return read_root(path, wanted);
}

void write_h5ad(const AnnotatedMatrix& matrix, const std::filesystem::path& path, int compression) {
  assert(matrix.table.values.size() == matrix.table.num_samples() * matrix.table.num_features());
  assert(matrix.obs.index == matrix.table.samples && matrix.var.index == matrix.table.features);
  AtomicFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), path.string());
  {
    Hdf5Group root = file.root();
    write_annotated(root, matrix.table, matrix.obs, matrix.var, "_index", {"obsm", "layers", "uns"},
                    compression);
    Hdf5Group obsm = create_mapping(root, "obsm");
    for (const auto& part : matrix.obsm)
      write_matrix(obsm, part.name, part.values, matrix.table.num_samples(), part.num_columns,
                   compression);
    Hdf5Group layers = create_mapping(root, "layers");
    for (const auto& layer : matrix.layers)
      write_matrix(layers, layer.name, layer.values, matrix.table.num_samples(), layer.num_columns,
                   compression);
    Hdf5Group uns = create_mapping(root, "uns");
    write_unit(uns, matrix.unit);
    for (const auto& [name, value] : matrix.uns) write_uns_value(uns, name, value);
  }
  file.close();
  pending.commit();
}

}  // namespace cohesin
