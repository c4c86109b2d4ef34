// Array probes to genes, from files to a cohort.
#include <gmock/gmock.h>
#include <zlib.h>

#include <cmath>
#include <map>
#include <sstream>

#include "cohesin/run/cohort_input.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using ::testing::FloatNear;
using testing::TempFolder;

class MethylationArrays : public ::testing::Test {
 protected:
  MultiOmics read() {
    findings.clear();
    return read_cohort(input, findings);
  }
  int64_t count(const std::string& what) { return noted(findings, "methylation", what); }
  TempFolder folder;
  CohortInput input;
  Findings findings;
};

TEST_F(MethylationArrays, ValuesBeyondZeroToOneNameTheUnitOfMValues) {
  input.modalities = {"methylation=" + folder.write("m.csv", "id,cg00000001\ns1,-3.2\n").string()};
  input.probe_map = folder.write("p.tsv", "cg00000001\tA\n");
  EXPECT_ERROR(read(), "pass --unit methylation=m_value");
  input.units = {"methylation=m_value"};
  const double beta = std::exp2(-3.2) / (1 + std::exp2(-3.2));
  EXPECT_THAT(read().at("methylation").table.values,
              ElementsAre(FloatNear(static_cast<float>(beta), 1e-6F)));
}

TEST_F(MethylationArrays, MeansAreOfBetaValuesAlsoWhereTheFileHoldsMValues) {
  input.modalities = {"methylation=" +
                      folder.write("m.csv", "id,cg00000001,cg00000002\ns1,0,2\n").string()};
  input.units = {"methylation=m_value"};
  input.probe_map = folder.write("p.tsv", "cg00000001\tA\ncg00000002\tA\n");
  EXPECT_THAT(read().at("methylation").table.values, ElementsAre(FloatNear(0.65F, 1e-6F)));
}

TEST_F(MethylationArrays, SeveralArraysBecomeTheSameGenes) {
  input.modalities = {
      "methylation=" + folder.write("450k.csv", "id,cg00000001,cg00000002\ns1,0.2,0.4\n").string(),
      "methylation=" +
          folder.write("epic2.csv", "id,cg00000001_TC11,cg00000001_BC11\ns2,0.2,0.4\n").string()};
  input.probe_map = folder.write("p.tsv", "cg00000001\tA\ncg00000002\tA\n");
  EXPECT_THAT(read().at("methylation").table.values,
              ElementsAre(FloatNear(0.3F, 1e-6F), FloatNear(0.3F, 1e-6F)));
  EXPECT_EQ(count("probe_replicates"), 1);
}

TEST_F(MethylationArrays, MasksAndChromosomesAreCountedAndNeverSilent) {
  input.modalities = {
      "methylation=" +
      folder.write("m.csv", "id,cg00000001,cg00000002,cg00000003\ns1,0.2,0.4,0.6\n").string()};
  input.masked_probes = folder.write("mask.txt", "cg00000001\n");
  EXPECT_ERROR(read(), "--masked-probes leaves probes out of the means of --probe-map: pass it");
  input.probe_map = folder.write(
      "p.tsv", "probe\tgene\tchrom\ncg00000001\tA\t1\ncg00000002\tA\tX\ncg00000003\tA\t1\n");
  input.without_chromosomes = {"X", "Y"};
  EXPECT_THAT(read().at("methylation").table.values, ElementsAre(0.6F));
  EXPECT_EQ(count("probes_masked"), 1);
  EXPECT_EQ(count("probes_on_left_out_chromosomes"), 1);
  EXPECT_EQ(count("probes_mapped"), 1);
  EXPECT_EQ(noted(findings, "cohort", "probe_map_genes"), 1);
  input.masked_probes = folder.write("mask.txt", "cg00000009\n");
  EXPECT_ERROR(read(), "none of its 1 probes is in the data (the list has 'cg00000009'");
  input.masked_probes.clear();
  input.probe_map.clear();
  EXPECT_ERROR(read(), "--without-chromosomes leaves probes out of the means of --probe-map");
}

std::vector<std::vector<std::string>> rows_of_gzip(const std::filesystem::path& path) {
  const gzFile file = gzopen(path.c_str(), "rb");
  std::string text;
  std::vector<char> buffer(1 << 20);
  for (int got = 0; (got = gzread(file, buffer.data(), 1 << 20)) > 0;)
    text.append(buffer.data(), static_cast<size_t>(got));
  gzclose(file);
  std::vector<std::vector<std::string>> rows;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    rows.emplace_back();
    std::istringstream fields(line);
    for (std::string field; std::getline(fields, field, '\t');) rows.back().push_back(field);
  }
  return rows;
}

// TCGA-COAD, chromosome 21: 38 samples x 3012 probes. The map is made up: windows of 13 probes,
// each a third probe also in a gene of its own kind, so that genes overlap.
TEST_F(MethylationArrays, GeneMeansOfARealArrayAreThoseOfACalculationByHand) {
  const auto path = std::filesystem::path(COHESIN_SHARED) /
                    "data/tcga_coad_450k_chr21_38/methylation_beta_450k_chr21.tsv.gz";
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "no " << path;
  const auto rows = rows_of_gzip(path);
  std::map<std::string, std::vector<size_t>> columns_of;
  std::string text, mask;
  for (size_t c = 1; c < rows[0].size(); ++c) {
    std::string genes = fmt::format("W{}", c / 13);
    if (c % 3 == 0) genes += fmt::format(";T{}", c % 21);
    text += fmt::format("{},{}\n", rows[0][c], genes);
    if (c % 50 == 7) {
      mask += rows[0][c] + "\n";
      continue;
    }
    columns_of[fmt::format("W{}", c / 13)].push_back(c);
    if (c % 3 == 0) columns_of[fmt::format("T{}", c % 21)].push_back(c);
  }
  input.modalities = {"methylation=" + path.string()};
  input.probe_map = folder.write("map.csv", text);
  input.masked_probes = folder.write("mask.txt", mask);
  const MultiOmics cohort = read();
  const Table& table = cohort.at("methylation").table;
  ASSERT_EQ(table.num_features(), columns_of.size());
  ASSERT_EQ(table.num_samples(), 38U);
  for (size_t s = 0; s < table.num_samples(); ++s) {
    for (size_t g = 0; g < table.num_features(); ++g) {
      double sum = 0;
      const auto& columns = columns_of.at(table.features[g]);
      for (const size_t c : columns) sum += std::stod(rows[s + 1][c]);
      ASSERT_NEAR(table.row(s)[g], sum / static_cast<double>(columns.size()), 1e-6)
          << table.samples[s] << " " << table.features[g];
    }
  }
  EXPECT_EQ(count("probes_masked"), 61);
  EXPECT_EQ(count("probes_mapped"), 3012 - 61);
}

}  // namespace
}  // namespace cohesin
