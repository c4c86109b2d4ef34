#include "cohesin/io/h5mu.h"

#include <sys/resource.h>
#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/lsan_interface.h>
#endif

#include <cmath>
#include <csignal>
#include <iterator>
#include <sstream>

#include "cohesin/base/philox.h"
#include "cohesin/io/anndata_elements.h"
#include "cohesin/io/hdf5.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

MultiOmics small_cohort() {
  MultiOmics cohort;
  cohort.obs.index = {"S1", "S2", "S3", "S4"};
  cohort.obs.set({"patient", std::vector<std::string>{"P1", "P1", "P2", "P3"}});
  cohort.obs.set({"subtype", std::vector<std::string>{"LumA", "", "Basal", "LumA"}});
  cohort.obs.set({"time_days", std::vector<double>{10, 20.5, std::nan(""), 3}});
  Modality rna{"rnaseq", Unit::kTpm, {}, {"A", ""}, {}};
  rna.table = {{"S1", "S2", "S3"}, {"ENSG1", "ENSG2"}, {1, 2, 3, 4, 5, kNotMeasured}};
  Modality methylation{"methylation", Unit::kBeta, {}, {"A", "C", "D"}, {}};
  methylation.table = {{"S4", "S2"}, {"ENSG1", "ENSG3", "ENSG4"}, {.1F, .2F, .3F, .4F, .5F, .6F}};
  cohort.modalities = {rna, methylation};
  index_samples(cohort);
  return cohort;
}

std::string read_bytes(const std::filesystem::path& path) {
  std::ostringstream content;
  content << std::ifstream(path, std::ios::binary).rdbuf();
  return content.str();
}

// The cohort as MuData with one thing changed by `change`.
template <typename Change>
std::filesystem::path write_changed(const TempFolder& folder, const Change& change) {
  auto file = Hdf5File::create(folder / "broken.h5mu", "broken.h5mu");
  {
    Hdf5Group root = file.root(), mod = root.create_group("mod"), rna = mod.create_group("rna");
    Frame obs, var;
    obs.index = {"S1", "S2"};
    var.index = {"g1", "g2"};
    std::vector<int64_t> rows{1, 0};
    std::string unit = "tpm";
    Frame own = obs;
    own.index = {"S1"};
    change(root, obs, own, var, rows, unit);
    write_frame(root, "obs", obs);
    create_mapping(root, "obsmap").write("rna", std::span<const int64_t>(rows), {rows.size()});
    write_frame(rna, "obs", own);
    write_frame(rna, "var", var);
    const std::vector<float> x(own.num_rows() * var.num_rows(), 1);
    write_matrix(rna, "X", x, own.num_rows(), var.num_rows());
    Hdf5Group uns = create_mapping(rna, "uns");
    if (!unit.empty()) uns.write_text("unit", unit);
  }
  file.close();
  return folder / "broken.h5mu";
}

TEST(H5mu, ReadsWhatItWrote) {
  const TempFolder folder;
  write_h5mu(small_cohort(), folder / "c.h5mu");
  std::vector<std::string> unitless;
  const auto cohort = read_h5mu(folder / "c.h5mu", &unitless);
  const auto expected = small_cohort();
  EXPECT_TRUE(unitless.empty());
  EXPECT_EQ(cohort.obs.index, expected.obs.index);
  EXPECT_EQ(cohort.obs.columns.size(), 3U);
  EXPECT_EQ(cohort.obs.at("subtype", "").text(), expected.obs.at("subtype", "").text());
  EXPECT_EQ(cohort.obs.at("time_days", "").numbers()[1], 20.5);
  ASSERT_EQ(cohort.modalities.size(), 2U);
  for (size_t i = 0; i < 2; ++i) {
    const auto &got = cohort.modalities[i], &wanted = expected.modalities[i];
    EXPECT_EQ(got.name, wanted.name);
    EXPECT_EQ(got.unit, wanted.unit);
    EXPECT_EQ(got.gene_names, wanted.gene_names);
    EXPECT_EQ(got.row_of, wanted.row_of);
    EXPECT_EQ(got.table.samples, wanted.table.samples);
    EXPECT_EQ(got.table.features, wanted.table.features);
  }
  EXPECT_EQ(cohort.modalities[1].table.values, expected.modalities[1].table.values);
  EXPECT_TRUE(std::isnan(cohort.modalities[0].table.values[5]));
  EXPECT_EQ(read_h5mu_names(folder / "c.h5mu"),
            (std::vector<std::string>{"rnaseq", "methylation"}));
  EXPECT_EQ(read_h5mu_modality(folder / "c.h5mu", "methylation").unit, "beta");
  EXPECT_ERROR(read_h5mu_modality(folder / "c.h5mu", "rna"),
               "has no modality 'rna'; it has: rnaseq, methylation");
}

TEST(H5mu, SameCohortGivesSameBytesWithMuDatasUserBlock) {
  const TempFolder folder;
  write_h5mu(small_cohort(), folder / "1");
  write_h5mu(small_cohort(), folder / "2");
  const std::string bytes = read_bytes(folder / "1");
  EXPECT_EQ(bytes, read_bytes(folder / "2"));
  EXPECT_EQ(bytes.rfind("MuData (format-version=0.1.0;creator=cohesin;", 0), 0U);
  EXPECT_EQ(bytes.substr(512, 8), "\x89HDF\r\n\x1a\n");
}

TEST(H5mu, WriterRefusesSamplesThatDoNotAddUp) {
  const TempFolder folder;
  auto cohort = small_cohort();
  cohort.obs.index[0] = "S9";
  EXPECT_ERROR(write_h5mu(cohort, folder / "c"), "sample 'S1' is not among the cohort's samples");
  cohort.obs.index[0] = "S2";
  EXPECT_ERROR(write_h5mu(cohort, folder / "c"), "/obs: 'S2' occurs twice");
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
}

TEST(H5mu, ContradictionsAreNamed) {
  const TempFolder folder;
  const auto read = [&folder](const auto& change) {
    return read_h5mu(write_changed(folder, change));
  };
  using Rows = std::vector<int64_t>;
  using Text = std::string;
  EXPECT_NO_THROW(read([](Hdf5Group&, Frame&, Frame&, Frame&, Rows&, Text&) {}));
  EXPECT_ERROR(read([](Hdf5Group&, Frame&, Frame&, Frame&, Rows& rows, Text&) {
                 rows = {2, 0};
               }),
               "/obsmap/rna: gives row 2 to sample 'S1', but by its name it is row 1");
  EXPECT_ERROR(read([](Hdf5Group&, Frame&, Frame&, Frame&, Rows& rows, Text&) {
                 rows = {1, 1};
               }),
               "/obsmap/rna: gives row 1 to sample 'S2', but by its name it is absent");
  EXPECT_ERROR(read([](Hdf5Group&, Frame&, Frame&, Frame&, Rows& rows, Text&) { rows = {1}; }),
               "/obsmap/rna: has 1 entries, but /obs has 2 samples");
  EXPECT_ERROR(
      read([](Hdf5Group&, Frame&, Frame& own, Frame&, Rows&, Text&) { own.index = {"S3"}; }),
      "/mod/rna/obs: sample 'S3' is not in the file's own /obs");
  EXPECT_ERROR(read([](Hdf5Group&, Frame& obs, Frame&, Frame&, Rows&, Text&) {
                 obs.index = {"S1", "S1"};
               }),
               "broken.h5mu:/obs: 'S1' occurs twice");
  EXPECT_ERROR(read([](Hdf5Group&, Frame&, Frame&, Frame& var, Rows&, Text&) {
                 var.index = {"g", "g"};
               }),
               "broken.h5mu:/mod/rna/var: 'g' occurs twice");
  EXPECT_ERROR(
      read([](Hdf5Group&, Frame&, Frame&, Frame&, Rows&, Text& unit) { unit = "furlong"; }),
      "/mod/rna/uns/unit: unknown unit 'furlong'");
  EXPECT_ERROR(read([](Hdf5Group& root, Frame&, Frame&, Frame&, Rows&, Text&) {
                 root.set_attribute("axis", int64_t{1});
               }),
               "share features (axis 1)");
}

TEST(H5mu, AModalityWithoutUnitIsReported) {
  const TempFolder folder;
  const auto path = write_changed(
      folder, [](Hdf5Group&, Frame&, Frame& own, Frame&, std::vector<int64_t>&, std::string& unit) {
        unit.clear();
        own.set({"batch", std::vector<std::string>{"b1"}});
      });
  std::vector<std::string> unitless;
  const auto cohort = read_h5mu(path, &unitless);
  EXPECT_EQ(unitless, std::vector<std::string>{"rna"});
  EXPECT_EQ(cohort.at("rna").unit, Unit::kOther);
  EXPECT_EQ(cohort.obs.at("rna:batch", "").text(), (std::vector<std::string>{"b1", ""}));
}

TEST(H5mu, EveryTruncationIsAnError) {
  const TempFolder folder;
  write_h5mu(small_cohort(), folder / "c.h5mu");
  const std::string whole = read_bytes(folder / "c.h5mu");
  for (size_t length = 0; length < whole.size(); length += 1021)
    EXPECT_THROW(read_h5mu(folder.write("cut.h5mu", whole.substr(0, length))), Error) << length;
}

TEST(H5mu, AlteredBytesGiveAFileOrAnErrorNeverACrash) {
  const TempFolder folder;
  write_h5mu(small_cohort(), folder / "c.h5mu");
  const std::string whole = read_bytes(folder / "c.h5mu");
  RandomStream random(3, "altered bytes");
  int num_errors = 0;
  for (int i = 0; i < 100; ++i) {
    std::string altered = whole;
    for (int k = 0; k < 4; ++k)
      altered[random.below(altered.size())] = static_cast<char>(random.below(256));
    try {
      read_h5mu(folder.write("altered.h5mu", altered));
    } catch (const Error&) {
      ++num_errors;
    }
  }
  EXPECT_GT(num_errors, 10);
}

TEST(H5mu, FullDiskIsAnErrorAndLeavesTheOldFile) {
  const TempFolder folder;
  const auto path = folder.write("c.h5mu", "old");
  auto cohort = small_cohort();
  cohort.modalities[0].table.values.assign(600000, 1.0F);
  for (int i = 0; i < 199998; ++i)
    cohort.modalities[0].table.features.push_back(fmt::format("G{}", i));
  for (const rlim_t limit : {1 << 12, 1 << 17, 1 << 21}) {
    std::signal(SIGXFSZ, SIG_IGN);  // a write beyond the limit then fails as on a full disk
    rlimit before{};
    getrlimit(RLIMIT_FSIZE, &before);
    const rlimit small{limit, before.rlim_max};
    setrlimit(RLIMIT_FSIZE, &small);
    {
      // A file that HDF5 could not flush it never lets go of: its own leak, not ours.
#ifdef __SANITIZE_ADDRESS__
      const __lsan::ScopedDisabler not_ours;
#endif
      EXPECT_ERROR(write_h5mu(cohort, path), "File too large");
    }
    setrlimit(RLIMIT_FSIZE, &before);
    EXPECT_EQ(read_bytes(path), "old");
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder.path()), {}), 1);
  }
}

TEST(CohortFile, ReadsTheSamplesThatAreAskedFor) {
  const TempFolder folder;
  const MultiOmics cohort = small_cohort();
  write_h5mu(cohort, folder / "cohort.h5mu");
  const CohortFile file(folder / "cohort.h5mu");
  EXPECT_EQ(file.outline().obs.index, cohort.obs.index);
  EXPECT_TRUE(file.outline().at("rnaseq").table.values.empty());
  for (const std::vector<int64_t>& samples :
       std::vector<std::vector<int64_t>>{{0, 1, 2, 3}, {3}, {3, 1}, {2, 0}}) {
    const MultiOmics part = file.read(samples), expected = select_samples(cohort, samples);
    for (const char* name : {"rnaseq", "methylation"}) {
      EXPECT_EQ(part.at(name).table.samples, expected.at(name).table.samples);
      EXPECT_EQ(part.at(name).row_of, expected.at(name).row_of);
      const auto &found = part.at(name).table.values, &wanted = expected.at(name).table.values;
      ASSERT_EQ(found.size(), wanted.size());
      for (size_t i = 0; i < found.size(); ++i)
        EXPECT_TRUE(found[i] == wanted[i] || (std::isnan(found[i]) && std::isnan(wanted[i])));
    }
  }
}

}  // namespace
}  // namespace cohesin
