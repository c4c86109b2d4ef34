#include "cohesin/io/row_files.h"

#include <algorithm>
#include <cassert>
#include <fstream>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/anndata_elements.h"
#include "cohesin/io/annotated_group.h"
#include "cohesin/io/npy.h"
#include "cohesin/io/text_writer.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// A binary file that is written piece by piece.
class BinaryFile {
 public:
  explicit BinaryFile(const fs::path& path)
      : path_(path), pending_(path), stream_(pending_.temporary(), std::ios::binary) {}
  void write(const std::string& bytes) { stream_ << bytes; }
  template <typename T>
  void write(const std::vector<T>& values) {
    stream_.write(reinterpret_cast<const char*>(values.data()),
                  static_cast<std::streamsize>(values.size() * sizeof(T)));
  }
  void commit() {
    stream_.close();
    if (!stream_) throw Error("{}: cannot be written; is the disk full?", path_.string());
    pending_.commit();
  }

 private:
  fs::path path_;
  AtomicFile pending_;
  std::ofstream stream_;
};

void write_ids(const RowJournal& journal, const fs::path& path) {
  TextWriter writer(path);
  journal.replay([&writer](const RowBlock& block) {
    for (const auto& id : block.ids) writer.write(id + "\n");
  });
  writer.commit();
}

void write_npy_rows(const RowJournal& journal, const fs::path& path) {
  write_ids(journal, path.string() + ".samples.txt");
  BinaryFile file(path);
  file.write(npy_header({journal.num_records(), journal.width()}));
  journal.replay([&file](const RowBlock& block) { file.write(block.values); });
  file.commit();
}

void write_tsv_rows(const RowJournal& journal, const fs::path& path) {
  TextWriter writer(path);
  std::string line = "sample";
  for (int64_t d = 0; d < journal.width(); ++d) line += fmt::format("\te{}", d);
  writer.write(line + "\n");
  const auto width = static_cast<size_t>(journal.width());
  journal.replay([&](const RowBlock& block) {
    for (size_t i = 0; i < block.ids.size(); ++i) {
      line = block.ids[i];
      for (size_t d = 0; d < width; ++d)
        fmt::format_to(std::back_inserter(line), "\t{}", block.values[i * width + d]);
      writer.write(line + "\n");
    }
  });
  writer.commit();
}

void write_safetensors_rows(const RowJournal& journal, const fs::path& path) {
  write_ids(journal, path.string() + ".samples.txt");
  std::vector<int64_t> offsets = {0};
  journal.replay([&offsets](const RowBlock& block) {
    for (const int64_t rows : block.num_rows) offsets.push_back(offsets.back() + rows);
  });
  const uint64_t offset_bytes = offsets.size() * sizeof(int64_t);
  const uint64_t end =
      offset_bytes + static_cast<uint64_t>(journal.num_rows() * journal.width()) * sizeof(float);
  std::string header = fmt::format(
      R"({{"offsets":{{"dtype":"I64","shape":[{}],"data_offsets":[0,{}]}},)"
      R"("values":{{"dtype":"F32","shape":[{},{}],"data_offsets":[{},{}]}}}})",
      offsets.size(), offset_bytes, journal.num_rows(), journal.width(), offset_bytes, end);
  header.resize((header.size() + 7) / 8 * 8, ' ');
  BinaryFile file(path);
  file.write(std::vector<uint64_t>{header.size()});
  file.write(header);
  file.write(offsets);
  journal.replay([&file](const RowBlock& block) { file.write(block.values); });
  file.commit();
}

// As AnnData's obs_names_make_unique does it: the second "a" becomes "a-1", the third "a-2"; a name
// that is taken already is stepped over.
std::vector<std::string> unique_names(const std::vector<std::string>& ids) {
  std::unordered_set<std::string> taken(ids.begin(), ids.end());
  if (taken.size() == ids.size()) return ids;
  std::unordered_map<std::string, int64_t> count;
  std::vector<std::string> names;
  for (const auto& id : ids) {
    int64_t& seen = count[id];
    std::string name = id;
    if (seen > 0) {
      do name = fmt::format("{}-{}", id, seen++);
      while (!taken.insert(name).second);
    } else {
      ++seen;
    }
    names.push_back(name);
  }
  return names;
}

void write_blocks(const RowJournal& journal, Hdf5Dataset& rows) {
  uint64_t first = 0;
  journal.replay([&](const RowBlock& block) {
    const uint64_t count = block.values.size() / static_cast<size_t>(journal.width());
    rows.write_part(first, count, block.values.data());
    first += count;
  });
}

void write_h5ad_rows(const RowJournal& journal, const fs::path& path) {
  Frame obs, var;
  std::vector<std::string> ids;
  journal.replay(
      [&ids](const RowBlock& block) { ids.insert(ids.end(), block.ids.begin(), block.ids.end()); });
  obs.index = unique_names(ids);
  obs.columns.push_back({"id", std::move(ids)});
  Table table;
  table.samples = obs.index;
  AtomicFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), path.string());
  {
    Hdf5Group root = file.root();
    write_annotated(root, table, obs, var, "_index", {"obsm"}, 0);
    Hdf5Group obsm = create_mapping(root, "obsm");
    Hdf5Dataset rows = obsm.create_floats("X_cohesin", static_cast<uint64_t>(journal.num_records()),
                                          static_cast<uint64_t>(journal.width()));
    mark_encoding(rows, "array", "0.2.0");
    write_blocks(journal, rows);
  }
  file.close();
  pending.commit();
}

}  // namespace

void check_rows_path(const fs::path& path, bool one_row_a_record) {
  const std::string end = path.extension().string();
  if (one_row_a_record && (end == ".h5ad" || end == ".npy" || end == ".tsv")) return;
  if (end == ".safetensors") return;
  throw Error("{}: expected a file name that ends in {}", path.string(),
              one_row_a_record ? ".h5ad, .npy, .tsv or .safetensors"
                               : ".safetensors, for a row of every token");
}

void write_rows(const RowJournal& journal, const fs::path& path) {
  const std::string end = path.extension().string();
  if (end == ".npy") return write_npy_rows(journal, path);
  if (end == ".tsv") return write_tsv_rows(journal, path);
  if (end == ".safetensors") return write_safetensors_rows(journal, path);
  write_h5ad_rows(journal, path);
}

void write_rows_as_layers(const RowJournal& journal, Frame obs, Frame var,
                          const std::vector<std::string>& layers, const fs::path& path) {
  const size_t width = var.index.size(), row_width = (1 + layers.size()) * width;
  assert(static_cast<size_t>(journal.width()) == row_width);
  obs.index = unique_names(obs.index);
  var.index = unique_names(var.index);
  AtomicFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), path.string());
  {
    Hdf5Group root = file.root();
    write_annotated(root, {}, obs, var, "_index", {"layers"}, 0);
    Hdf5Group mapping = create_mapping(root, "layers");
    std::vector<Hdf5Dataset> parts;
    const auto create = [&](Hdf5Group& group, const std::string& name) {
      parts.push_back(group.create_floats(name, static_cast<uint64_t>(journal.num_rows()), width));
      mark_encoding(parts.back(), "array", "0.2.0");
    };
    create(root, "X");
    for (const auto& layer : layers) create(mapping, layer);
    uint64_t first = 0;
    journal.replay([&](const RowBlock& block) {
      const size_t count = block.values.size() / row_width;
      std::vector<float> values(count * width);
      for (size_t part = 0; part < parts.size(); ++part) {
        for (size_t row = 0; row < count; ++row)
          std::copy_n(block.values.data() + row * row_width + part * width, width,
                      values.data() + row * width);
        parts[part].write_part(first, count, values.data());
      }
      first += count;
    });
  }
  file.close();
  pending.commit();
}

void write_rows_as_x(const RowJournal& journal, Frame obs, Frame var, const fs::path& path) {
  obs.index = unique_names(obs.index);
  var.index = unique_names(var.index);
  AtomicFile pending(path);
  Hdf5File file = Hdf5File::create(pending.temporary(), path.string());
  {
    Hdf5Group root = file.root();
    write_annotated(root, {}, obs, var, "_index", {}, 0);
    Hdf5Dataset rows = root.create_floats("X", static_cast<uint64_t>(journal.num_rows()),
                                          static_cast<uint64_t>(journal.width()));
    mark_encoding(rows, "array", "0.2.0");
    write_blocks(journal, rows);
  }
  file.close();
  pending.commit();
}

}  // namespace cohesin
