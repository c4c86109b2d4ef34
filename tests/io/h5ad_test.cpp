#include "cohesin/io/h5ad.h"

#include <cmath>
#include <sstream>

#include "cohesin/io/anndata_elements.h"
#include "cohesin/io/hdf5.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

std::string read_bytes(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

AnnotatedMatrix small_matrix() {
  AnnotatedMatrix matrix;
  matrix.table = {{"S1", "S2", "S3"}, {"g1", "g2"}, {1, 2, 3, kNotMeasured, 5, 6.5F}};
  matrix.obs.index = matrix.table.samples;
  matrix.obs.set({"label", std::vector<std::string>{"a", "", "a"}});
  matrix.obs.set({"id", std::vector<std::string>{"x", "y", "z"}});
  matrix.obs.set({"age", std::vector<double>{1, 2.5, std::nan("")}});
  matrix.obs.set({"event", std::vector<double>{1, 0, 1}});
  matrix.var.index = matrix.table.features;
  matrix.unit = "tpm";
  matrix.obsm.push_back({"X_cohesin", 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}});
  matrix.layers.push_back({"count", 2, {0, 1, 2, 3, 4, 5}});
  matrix.uns = {{"p_value", 1e-4},
                {"background", std::vector<double>{0.25, 0.25, 0.25, 0.25}},
                {"names", std::vector<std::string>{"u", "v"}},
                {"made", std::string("by hand")}};
  return matrix;
}

// A file with obs S1, S2 and var g1, g2, to which each test adds a broken part.
class Draft {
 public:
  explicit Draft(const TempFolder& folder)
      : path_(folder / "broken.h5ad"), file_(Hdf5File::create(path_, "broken.h5ad")) {
    Frame obs, var;
    obs.index = {"S1", "S2"};
    var.index = {"g1", "g2"};
    Hdf5Group group = root();
    write_frame(group, "obs", obs);
    write_frame(group, "var", var);
  }
  Hdf5Group root() { return file_.root(); }
  const std::filesystem::path& finish() {
    file_.close();
    return path_;
  }

 private:
  std::filesystem::path path_;
  Hdf5File file_;
};

template <typename T>
void write_list(Hdf5Group& group, const std::string& name, const std::vector<T>& values) {
  group.write(name, std::span<const T>(values), {values.size()});
}

struct Sparse {
  std::string encoding = "csr_matrix";
  std::vector<int64_t> shape{2, 2}, indices{1, 0}, indptr{0, 1, 2};
  std::vector<float> data{5, 6};
};
std::filesystem::path write_sparse(const TempFolder& folder, const Sparse& sparse) {
  Draft draft(folder);
  {
    Hdf5Group root = draft.root(), x = root.create_group("X");
    mark_encoding(x, sparse.encoding, "0.1.0");
    x.set_attribute("shape", sparse.shape);
    write_list(x, "data", sparse.data);
    write_list(x, "indices", sparse.indices);
    write_list(x, "indptr", sparse.indptr);
  }
  return draft.finish();
}

TEST(H5ad, ReadsWhatItWrote) {
  const TempFolder folder;
  for (const int compression : {0, 4}) {
    write_h5ad(small_matrix(), folder / "a.h5ad", compression);
    const auto matrix = read_h5ad(folder / "a.h5ad", {true, true, {"count"}});
    const auto expected = small_matrix();
    EXPECT_EQ(matrix.table.samples, expected.table.samples);
    EXPECT_EQ(matrix.table.features, expected.table.features);
    EXPECT_EQ(matrix.table.values[5], 6.5F);
    EXPECT_TRUE(std::isnan(matrix.table.values[3]));
    EXPECT_EQ(matrix.obs.at("label", "").text(), expected.obs.at("label", "").text());
    EXPECT_EQ(matrix.obs.at("id", "").text(), expected.obs.at("id", "").text());
    EXPECT_EQ(matrix.obs.at("event", "").numbers(), expected.obs.at("event", "").numbers());
    EXPECT_EQ(matrix.obs.at("age", "").numbers()[1], 2.5);
    EXPECT_TRUE(std::isnan(matrix.obs.at("age", "").numbers()[2]));
    EXPECT_EQ(matrix.unit, "tpm");
    ASSERT_EQ(matrix.obsm.size(), 1U);
    EXPECT_EQ(matrix.obsm[0].values, expected.obsm[0].values);
    EXPECT_EQ(matrix.layers.at(0).values, expected.layers[0].values);
    EXPECT_EQ(matrix.uns, expected.uns);
  }
}

TEST(H5ad, SameContentGivesSameBytes) {
  const TempFolder folder;
  write_h5ad(small_matrix(), folder / "1");
  write_h5ad(small_matrix(), folder / "2");
  EXPECT_EQ(read_bytes(folder / "1"), read_bytes(folder / "2"));
}

TEST(H5ad, EmbeddingsAloneNeedNoFeatures) {
  const TempFolder folder;
  AnnotatedMatrix matrix;
  matrix.table.samples = matrix.obs.index = {"S1", "S2"};
  matrix.obsm.push_back({"X_cohesin", 1, {1, 2}});
  write_h5ad(matrix, folder / "e.h5ad");
  const auto again = read_h5ad(folder / "e.h5ad", {true, true, {}});
  EXPECT_EQ(again.obsm.at(0).values, matrix.obsm[0].values);
  EXPECT_TRUE(again.table.features.empty());
}

TEST(H5ad, SparseRowsAndColumnsBecomeTheSameTable) {
  const TempFolder folder;
  EXPECT_EQ(read_h5ad(write_sparse(folder, {})).table.values, (std::vector<float>{0, 5, 6, 0}));
  EXPECT_EQ(read_h5ad(write_sparse(folder, {.encoding = "csc_matrix"})).table.values,
            (std::vector<float>{0, 6, 5, 0}));
  EXPECT_EQ(read_h5ad(write_sparse(folder, {.indices = {1, 1}, .indptr = {0, 0, 2}})).table.values,
            (std::vector<float>{0, 0, 0, 11}));  // an entry stored twice counts twice, as in scipy
}

TEST(H5ad, BrokenSparseMatricesAreNamed) {
  const TempFolder folder;
  EXPECT_ERROR(read_h5ad(write_sparse(folder, {.encoding = "coo_matrix"})),
               "broken.h5ad:/X: unknown encoding-type 'coo_matrix'");
  EXPECT_ERROR(read_h5ad(write_sparse(folder, {.shape = {3, 2}})),
               "/X: its shape is [3, 2], but obs and var have 2 and 2 rows");
  EXPECT_ERROR(read_h5ad(write_sparse(folder, {.indices = {1}})), "/X: has 2 data, but 1 indices");
  EXPECT_ERROR(read_h5ad(write_sparse(folder, {.indices = {1, 2}})),
               "/X/indices: the index 2 at 1 is outside 0..1");
  EXPECT_ERROR(read_h5ad(write_sparse(folder, {.indices = {-1, 0}})), "the index -1 at 0");
  EXPECT_ERROR(read_h5ad(write_sparse(folder, {.indptr = {0, 2}})),
               "/X/indptr: has 2 entries; expected 3");
  for (const auto& indptr : std::vector<std::vector<int64_t>>{{0, 3, 2}, {1, 1, 2}, {0, 1, 1}})
    EXPECT_ERROR(read_h5ad(write_sparse(folder, {.indptr = indptr})),
                 "/X/indptr: does not rise from 0 to the 2 stored values");
}

TEST(H5ad, WrongTypesAndShapesOfXAreNamed) {
  const TempFolder folder;
  const auto with_x = [&folder](const auto& write_x) {
    Draft draft(folder);
    Hdf5Group root = draft.root();
    write_x(root);
    return draft.finish();
  };
  const std::vector<float> six(6);
  EXPECT_ERROR(read_h5ad(with_x([](Hdf5Group&) {})), "broken.h5ad:/X: is missing");
  EXPECT_ERROR(read_h5ad(with_x([&six](Hdf5Group& root) {
                 root.write("X", std::span<const float>(six), {3, 2});
               })),
               "/X: its shape is [3, 2]; expected [2, 2]");
  EXPECT_ERROR(read_h5ad(with_x(
                   [&six](Hdf5Group& root) { root.write("X", std::span<const float>(six), {6}); })),
               "/X: its shape is [6]; expected [2, 2]");
  EXPECT_ERROR(read_h5ad(with_x([](Hdf5Group& root) {
                 root.write("X", std::span<const float>(), {2, 2});
               })),
               "/X: claims extents [2, 2], but only 0 bytes are stored");
  EXPECT_ERROR(read_h5ad(with_x([](Hdf5Group& root) {
                 root.write("X", std::span<const float>(), {uint64_t{1} << 24, uint64_t{1} << 24});
               })),
               "but only 0 bytes are stored");
  EXPECT_ERROR(read_h5ad(with_x([](Hdf5Group& root) { root.write_text("X", "1"); })),
               "/X: its shape is []");
}

TEST(H5ad, BrokenFramesAreNamed) {
  const TempFolder folder;
  const auto with_obs = [&folder](const std::vector<std::string>& order, const auto& fill) {
    auto file = Hdf5File::create(folder / "broken.h5ad", "broken.h5ad");
    {
      Hdf5Group root = file.root(), obs = root.create_group("obs");
      write_frame(root, "var", Frame());
      obs.set_attribute("_index", "_index");
      obs.set_attribute("column-order", order);
      obs.write_texts("_index", {"S1", "S2"});
      fill(obs);
    }
    file.close();
    return folder / "broken.h5ad";
  };
  const auto categorical = [](const std::vector<int64_t>& codes) {
    return [codes](Hdf5Group& obs) {
      Hdf5Group column = obs.create_group("c");
      mark_encoding(column, "categorical", "0.2.0");
      write_list(column, "codes", codes);
      column.write_texts("categories", {"a"});
    };
  };
  EXPECT_EQ(read_h5ad(with_obs({"c"}, categorical({0, -1}))).obs.at("c", "").text(),
            (std::vector<std::string>{"a", ""}));
  EXPECT_ERROR(read_h5ad(with_obs({"c"}, categorical({0, 1}))),
               "/obs/c/codes: the code 1 of row 2 is outside its 1 categories");
  EXPECT_ERROR(read_h5ad(with_obs({"c"}, categorical({0, -2}))), "the code -2 of row 2");
  EXPECT_ERROR(read_h5ad(with_obs({"c"}, categorical({0}))),
               "/obs/c: has 1 values, but the index has 2");
  EXPECT_ERROR(read_h5ad(with_obs({"c"}, [](Hdf5Group&) {})), "/obs/c: is missing");
  EXPECT_ERROR(read_h5ad(with_obs({"c", "c"}, categorical({0, 0}))),
               "/obs: column 'c' occurs twice");
  EXPECT_ERROR(read_h5ad(with_obs({"c"}, [](Hdf5Group& obs) { obs.create_group("c"); })),
               "/obs/c: unknown encoding-type 'none'");
  EXPECT_ERROR(read_h5ad(with_obs({"c"},
                                  [](Hdf5Group& obs) {
                                    Hdf5Group column = obs.create_group("c");
                                    mark_encoding(column, "nullable-integer", "0.1.0");
                                    write_list<int64_t>(column, "values", {1, 2});
                                    column.write_flags("mask", {1}, {1});
                                  })),
               "/obs/c: has 2 values, but a mask of 1");
}

TEST(H5ad, FilesThatAreNoneAreNamed) {
  const TempFolder folder;
  EXPECT_ERROR(read_h5ad(folder / "none.h5ad"), "none.h5ad: cannot be opened");
  EXPECT_ERROR(read_h5ad(folder.write("empty.h5ad", "")), "empty.h5ad: is empty");
  EXPECT_ERROR(read_h5ad(folder.write("text.h5ad", "sample\tg1\n")), "text.h5ad: is no HDF5 file");
  EXPECT_ERROR(read_h5ad(folder.path()), "cannot be opened");
  auto file = Hdf5File::create(folder / "bare.h5ad", "bare.h5ad");
  file.close();
  EXPECT_ERROR(read_h5ad(folder / "bare.h5ad"), "has no /obs and /var; expected AnnData");
}

TEST(H5ad, EveryTruncationIsAnError) {
  const TempFolder folder;
  write_h5ad(small_matrix(), folder / "a.h5ad");
  const std::string whole = read_bytes(folder / "a.h5ad");
  for (size_t length = 0; length < whole.size(); length += 1021)
    EXPECT_THROW(read_h5ad(folder.write("cut.h5ad", whole.substr(0, length)), {true, true, {}}),
                 Error)
        << length;
}

TEST(H5ad, WriterRefusesNamesThatHdf5CannotHold) {
  const TempFolder folder;
  auto matrix = small_matrix();
  matrix.obs.set({"HER2/neu", std::vector<double>{1, 2, 3}});
  EXPECT_ERROR(write_h5ad(matrix, folder / "a.h5ad"), "a.h5ad:/obs: 'HER2/neu' cannot be a name");
  EXPECT_ERROR(write_h5ad(small_matrix(), folder / "no" / "a.h5ad"), "its folder exists");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

}  // namespace
}  // namespace cohesin
