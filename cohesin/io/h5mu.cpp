#include "cohesin/io/h5mu.h"

#include <algorithm>
#include <fstream>
#include <unordered_map>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/anndata_elements.h"
#include "cohesin/io/annotated_group.h"
#include "cohesin/io/hdf5_probe.h"

namespace cohesin {
namespace {

constexpr uint64_t kUserBlockBytes = 512;
constexpr const char* kUserBlock =
    "MuData (format-version=0.1.0;creator=cohesin;creator-version=1)";

using RowOf = std::unordered_map<std::string, int64_t>;

RowOf index_names(const std::vector<std::string>& names, const std::string& where) {
  RowOf rows;
  for (const auto& name : names)
    if (!rows.emplace(name, static_cast<int64_t>(rows.size())).second)
      throw Error("{}: '{}' occurs twice; run `cohesin prepare omics` with --duplicates", where,
                  name);
  return rows;
}

Hdf5Group open_modalities(const Hdf5File& file, const std::filesystem::path& path) {
  const Hdf5Group root = file.root();
  if (!root.has_group("mod"))
    throw Error("{}: has no group /mod; expected a MuData file (h5mu)", path.string());
  const auto axis = root.integers_attribute("axis");
  if (axis && *axis == std::vector<int64_t>{1})
    throw Error("{}: its modalities share features (axis 1); expected shared samples (axis 0)",
                path.string());
  return root.group("mod");
}

// In the order of `mod-order`; those it does not name follow by name.
std::vector<std::string> modality_names(const Hdf5Group& mod) {
  auto names = mod.texts_attribute("mod-order").value_or(std::vector<std::string>());
  for (const auto& name : names) {
    if (std::count(names.begin(), names.end(), name) > 1)
      throw Error("{}: mod-order names '{}' twice", mod.where(), name);
    mod.group(name);
  }
  for (const auto& name : mod.names())
    if (std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
  return names;
}

std::vector<std::string> find_gene_names(const Frame& var) {
  for (const char* name : {"gene_name", "gene_names", "gene_symbols", "symbol", "feature_name"})
    if (const Column* column = var.find(name)) return column_as_text(*column);
  return std::vector<std::string>(var.num_rows());
}

// /obsmap/NAME must say what the names say: 1-based row of each sample, 0 = absent.
void check_presence(const Hdf5Group& root, const Frame& obs, const Modality& modality) {
  if (!root.has_group("obsmap") || !root.group("obsmap").has_dataset(modality.name)) return;
  const Hdf5Dataset map = root.group("obsmap").dataset(modality.name);
  const auto rows = map.read<int64_t>();
  if (rows.size() != obs.num_rows())
    throw Error("{}: has {} entries, but /obs has {} samples", map.where(), rows.size(),
                obs.num_rows());
  for (size_t i = 0; i < rows.size(); ++i)
    if (rows[i] != modality.row_of[i] + 1)
      throw Error(
          "{}: gives row {} to sample '{}', but by its name it is {}", map.where(), rows[i],
          obs.index[i],
          modality.row_of[i] < 0 ? "absent" : fmt::format("row {}", modality.row_of[i] + 1));
}

// Columns of the modality's own obs, spread over the cohort's samples.
void pull_columns(const Frame& from, const Modality& modality, Frame& obs) {
  for (const auto& column : from.columns) {
    const std::string name = modality.name + ":" + column.name;
    if (obs.find(name) != nullptr) continue;  // mudata had pulled it before it wrote the file
    const auto spread = [&modality](const auto& values, const auto& missing) {
      std::decay_t<decltype(values)> all;
      for (const int64_t row : modality.row_of)
        all.push_back(row < 0 ? missing : values[static_cast<size_t>(row)]);
      return all;
    };
    if (column.is_text())
      obs.set({name, spread(column.text(), std::string())});
    else
      obs.set({name, spread(column.numbers(), static_cast<double>(kNotMeasured))});
  }
}

Modality take_modality(const std::string& name, AnnotatedMatrix& matrix, const std::string& where,
                       const RowOf& cohort_rows,
                       std::vector<std::string>* modalities_without_unit) {
  index_names(matrix.var.index, where + "/var");
  index_names(matrix.obs.index, where + "/obs");
  for (const auto& sample : matrix.obs.index)
    if (cohort_rows.count(sample) == 0)
      throw Error("{}/obs: sample '{}' is not in the file's own /obs", where, sample);
  Modality modality;
  modality.name = name;
  modality.gene_names = find_gene_names(matrix.var);
  modality.table = std::move(matrix.table);
  if (!matrix.unit.empty()) {
    try {
      modality.unit = parse_unit(matrix.unit);
    } catch (const Error& error) {
      throw Error("{}/uns/unit: {}", where, error.what());
    }
  } else if (modalities_without_unit != nullptr) {
    modalities_without_unit->push_back(name);
  }
  return modality;
}

// A boolean column and a 1-based map for one modality on one axis, as mudata keeps them.
void write_presence(Hdf5Group& flags, Hdf5Group& map, const std::string& name,
                    const std::vector<uint32_t>& rows) {
  std::vector<uint8_t> present;
  for (const uint32_t row : rows) present.push_back(row > 0 ? 1 : 0);
  Hdf5Dataset flag = flags.write_flags(name, present, {present.size(), 1});
  mark_encoding(flag, "array", "0.2.0");
  Hdf5Dataset index = map.write(name, std::span<const uint32_t>(rows), {rows.size()});
  mark_encoding(index, "array", "0.2.0");
}

void write_samples(Hdf5Group& root, const MultiOmics& cohort) {
  const RowOf cohort_rows = index_names(cohort.obs.index, root.where() + "obs");
  write_frame(root, "obs", cohort.obs);
  Hdf5Group flags = create_mapping(root, "obsm"), map = create_mapping(root, "obsmap");
  for (const auto& modality : cohort.modalities) {
    const std::string place = fmt::format("{}mod/{}/obs", root.where(), modality.name);
    index_names(modality.table.samples, place);
    std::vector<uint32_t> rows(cohort.num_samples(), 0);
    for (size_t i = 0; i < modality.table.num_samples(); ++i) {
      const auto found = cohort_rows.find(modality.table.samples[i]);
      if (found == cohort_rows.end())
        throw Error("{}: sample '{}' is not among the cohort's samples", place,
                    modality.table.samples[i]);
      rows[static_cast<size_t>(found->second)] = static_cast<uint32_t>(i + 1);
    }
    write_presence(flags, map, modality.name, rows);
  }
}

// mudata's union of features: those of every modality, one after the other, names repeated.
void write_features(Hdf5Group& root, const MultiOmics& cohort) {
  Frame var;
  for (const auto& modality : cohort.modalities)
    var.index.insert(var.index.end(), modality.table.features.begin(),
                     modality.table.features.end());
  write_frame(root, "var", var);
  Hdf5Group flags = create_mapping(root, "varm"), map = create_mapping(root, "varmap");
  size_t before = 0;
  for (const auto& modality : cohort.modalities) {
    std::vector<uint32_t> rows(var.num_rows(), 0);
    for (size_t i = 0; i < modality.table.num_features(); ++i)
      rows[before + i] = static_cast<uint32_t>(i + 1);
    before += modality.table.num_features();
    write_presence(flags, map, modality.name, rows);
  }
}

void write_modality(Hdf5Group& mod, const Modality& modality, int compression) {
  Hdf5Group group = mod.create_group(modality.name);
  Frame obs, var;
  obs.index = modality.table.samples;
  var.index = modality.table.features;
  var.set({"gene_id", var.index});
  auto gene_names = modality.gene_names;
  gene_names.resize(var.num_rows());
  var.set({"gene_name", std::move(gene_names)});
  write_annotated(group, modality.table, obs, var, "gene_id", {"uns"}, compression);
  Hdf5Group uns = create_mapping(group, "uns");
  write_unit(uns, unit_name(modality.unit));
}

void write_user_block(const std::filesystem::path& path, const std::string& shown) {
  std::fstream stream(path, std::ios::in | std::ios::out | std::ios::binary);
  stream << kUserBlock;
  stream.close();
  if (!stream) throw Error("{}: cannot be written", shown);
}

MultiOmics read_cohort(const std::filesystem::path& path, const H5adWanted& wanted,
                       std::vector<std::string>* modalities_without_unit) {
  const Hdf5File file = Hdf5File::open(path);
  const Hdf5Group mod = open_modalities(file, path), root = file.root();
  MultiOmics cohort;
  cohort.obs = read_frame(root, "obs");
  const RowOf cohort_rows = index_names(cohort.obs.index, root.where() + "obs");
  std::vector<Frame> own_obs;
  for (const auto& name : modality_names(mod)) {
    const Hdf5Group group = mod.group(name);
    AnnotatedMatrix matrix = read_annotated(group, wanted);
    cohort.modalities.push_back(
        take_modality(name, matrix, group.where(), cohort_rows, modalities_without_unit));
    own_obs.push_back(std::move(matrix.obs));
  }
  index_samples(cohort);
  for (size_t i = 0; i < cohort.modalities.size(); ++i) {
    check_presence(root, cohort.obs, cohort.modalities[i]);
    pull_columns(own_obs[i], cohort.modalities[i], cohort.obs);
  }
  return cohort;
}

std::vector<std::string> read_names(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  return modality_names(open_modalities(file, path));
}

AnnotatedMatrix read_modality(const std::filesystem::path& path, const std::string& name,
                              const H5adWanted& wanted) {
  const Hdf5File file = Hdf5File::open(path);
  const Hdf5Group mod = open_modalities(file, path);
  const auto names = modality_names(mod);
  if (std::find(names.begin(), names.end(), name) == names.end())
    throw Error("{}: has no modality '{}'; it has: {}", path.string(), name,
                fmt::join(names, ", "));
  return read_annotated(mod.group(name), wanted);
}

}  // namespace

MultiOmics read_h5mu(const std::filesystem::path& path,
                     std::vector<std::string>* modalities_without_unit) {
  probe_hdf5(path, [&] { read_cohort(path, {false, false, {}}, nullptr); });
  return read_cohort(path, {}, modalities_without_unit);
}

CohortFile::CohortFile(const std::filesystem::path& path) : path_(path) {
  probe_hdf5(path, [&] { read_cohort(path, {false, false, {}}, nullptr); });
  outline_ = read_cohort(path, {false, false, {}}, nullptr);
}

MultiOmics CohortFile::read(const std::vector<int64_t>& samples) const {
  const Hdf5File file = Hdf5File::open(path_);
  const Hdf5Group mod = open_modalities(file, path_);
  MultiOmics part = select_samples(outline_, samples);
  for (Modality& modality : part.modalities) {
    const Modality& whole = outline_.at(modality.name);
    std::vector<int64_t> rows;
    for (const int64_t sample : samples)
      if (const int64_t row = whole.row_of[static_cast<size_t>(sample)]; row >= 0)
        rows.push_back(row);
    if (whole.table.num_features() == 0) continue;
    modality.table.values = read_matrix_rows(mod.group(modality.name), "X", rows,
                                             whole.table.num_samples(), whole.table.num_features());
  }
  return part;
}

std::vector<std::string> read_h5mu_names(const std::filesystem::path& path) {
  probe_hdf5(path, [&] { read_names(path); });
  return read_names(path);
}

AnnotatedMatrix read_h5mu_modality(const std::filesystem::path& path, const std::string& name,
                                   const H5adWanted& wanted) {
  probe_hdf5(path, [&] { read_modality(path, name, {false, wanted.obsm, wanted.layers}); });
  return read_modality(path, name, wanted);
}

void write_h5mu(const MultiOmics& cohort, const std::filesystem::path& path, int compression) {
  AtomicFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), path.string(), kUserBlockBytes);
  {
    Hdf5Group root = file.root();
    mark_encoding(root, "MuData", "0.1.0");
    root.set_attribute("axis", int64_t{0});
    write_samples(root, cohort);
    write_features(root, cohort);
    for (const char* name : {"obsp", "uns", "varp"}) create_mapping(root, name);
    Hdf5Group mod = root.create_group("mod");
    std::vector<std::string> order;
    for (const auto& modality : cohort.modalities) {
      write_modality(mod, modality, compression);
      order.push_back(modality.name);
    }
    mod.set_attribute("mod-order", order);
  }
  file.close();
  write_user_block(pending.temporary(), path.string());
  pending.commit();
}

}  // namespace cohesin
