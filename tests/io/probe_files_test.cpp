#include "cohesin/io/probe_files.h"

#include <gmock/gmock.h>
#include <zlib.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;
using testing::TempFolder;
using ::testing::UnorderedElementsAre;

class ProbeFiles : public ::testing::Test {
 protected:
  ProbeMap read(const std::string& name, const std::string& content,
                const ProbeMapOptions& options = {}) {
    return read_probe_map(folder.write(name, content), options);
  }
  TempFolder folder;
};

TEST_F(ProbeFiles, TwoColumnsAreManyToManyAndRepeatsCountOnce) {
  const ProbeMap map = read("p.tsv", "probe\tgene\ncg1\tA;A;B\ncg2\t\ncg3\tB\ncg3\tC\n");
  EXPECT_THAT(map.genes, ElementsAre("A", "B", "C"));
  EXPECT_THAT(map.genes_of.at("cg1"), ElementsAre(0, 1));
  EXPECT_THAT(map.genes_of.at("cg3"), ElementsAre(1, 2));
  EXPECT_EQ(map.genes_of.count("cg2"), 0U);
  EXPECT_ERROR(read("p.tsv", "cg1\t\n"), "no probe has a gene");
  EXPECT_ERROR(read("p.tsv", ""), "holds no record");
  EXPECT_ERROR(read("p.tsv", "cg1\tA\ncg2\n"), "p.tsv:2: expected 2 fields, got 1");
  EXPECT_ERROR(read("p.tsv", "cg1\tA\n\tB\n"), "p.tsv:2: the probe's name is empty");
  EXPECT_ERROR(read("p.tsv", "cg1\n"), "expected probe and gene, got 1 field: 'cg1'");
}

TEST_F(ProbeFiles, TwoColumnsNeedNoHeaderAndMayBeCommaSeparated) {
  EXPECT_THAT(read("p.csv", "cg1,A\ncg2,B\n").genes, ElementsAre("A", "B"));
  EXPECT_THAT(read("p.csv", "\"ID_REF\",\"annotated\"\n\"cg1\",\"A, B\"\n").genes,
              ElementsAre("A", "B"));
  EXPECT_EQ(read("p.csv", "IlmnID,Gene Symbol\ncg1,A\n").columns, "IlmnID, Gene Symbol");
  const auto path = folder / "p.tsv.gz";
  const gzFile file = gzopen(path.c_str(), "wb");
  gzputs(file, "cg1\tA\n");
  gzclose(file);
  EXPECT_THAT(read_probe_map(path).genes, ElementsAre("A"));
}

constexpr const char* kManifest =
    "Illumina, Inc.,,,,\n[Heading],,,,\nDescriptor File Name,x.bpm,,,\n\n[Assay],,,,\n"
    "IlmnID,Name,CHR,UCSC_RefGene_Name,UCSC_RefGene_Group\n"
    "cg00000001_TC11,cg00000001,chr16,RBL2;RBL2,TSS1500;Body\n"
    "cg00000002_BC21,cg00000002,chrX,XIST;TSIX,3UTR;Body\n"
    "cg00000003_TC21,cg00000003,chrY,,\n"
    "[Controls],,,,\n10609447,NEGATIVE,Red,X\n";

TEST_F(ProbeFiles, AnIlluminaManifestIsReadFromAssayToControls) {
  const ProbeMap map = read("EPIC-8v2-0_A2.csv", kManifest);
  EXPECT_THAT(map.genes, ElementsAre("RBL2", "XIST", "TSIX"));
  EXPECT_THAT(map.genes_of.at("cg00000002"), ElementsAre(1, 2));
  EXPECT_EQ(map.columns, "IlmnID, UCSC_RefGene_Name, CHR");
  EXPECT_EQ(map.first_probe, "cg00000001_TC11");
  EXPECT_ERROR(read("m.csv", "Illumina, Inc.,\n[Heading],\n"), "but has no line [Assay]");
}

TEST_F(ProbeFiles, AnnotationsOfTheGdcSesameAndXenaAreKnownByTheirColumns) {
  const ProbeMap gdc = read("b.txt",
                            "Composite Element REF\tBeta_value\tChromosome\tStart\tGene_Symbol\n"
                            "cg1\t0.5\tchr1\t10\tA;A\ncg2\tNA\t*\t-1\t.\n");
  EXPECT_THAT(gdc.genes, ElementsAre("A"));
  const ProbeMap sesame = read("HM450.hg38.manifest.gencode.v36.tsv",
                               "CpG_chrm\tCpG_beg\tprobeID\tgenesUniq\tgeneNames\n"
                               "chr1\t10\tcg1\tA;B\tA;A;B\nNA\tNA\tcg2\tNA\tNA\n");
  EXPECT_THAT(sesame.genes, ElementsAre("A", "B"));
  EXPECT_EQ(sesame.columns, "probeID, genesUniq, CpG_chrm");
  const ProbeMap xena = read("illuminaMethyl450_hg38_GDC",
                             "#id\tgene\tchrom\tchromStart\tchromEnd\tstrand\n"
                             "cg1\tA,B\tchr1\t10\t11\t.\n");
  EXPECT_THAT(xena.genes, ElementsAre("A", "B"));
  EXPECT_THAT(read("c.tsv", "# made by hand\ncg1\tA\n").genes, ElementsAre("A"));
  EXPECT_ERROR(read("w.csv", "a,b,c\ncg1,A,1\n"),
               "w.csv:1: 3 fields, and the first line does not name a column of probes");
}

TEST_F(ProbeFiles, ChromosomesToLeaveOutNeedTheirColumn) {
  const ProbeMap map = read("m.csv", kManifest, {{"x", "chrY"}});
  EXPECT_THAT(map.on_left_out_chromosome, UnorderedElementsAre("cg00000002", "cg00000003"));
  EXPECT_ERROR(read("m.csv", kManifest, {{"23"}}),
               "has no probe there; its chromosomes are 16, X, Y");
  EXPECT_ERROR(read("p.tsv", "cg1\tA\n", {{"X"}}), "has no column of chromosomes");
  EXPECT_ERROR(read("m.csv", kManifest, {{""}}), "--without-chromosomes: a name is empty");
}

TEST_F(ProbeFiles, MaskedProbesAreAListOneALine) {
  ProbeMap map;
  read_masked_probes(folder.write("m.txt", "probeID\ncg1\ncg2\n\ncg1\n"), map);
  EXPECT_THAT(map.masked, UnorderedElementsAre("cg1", "cg2"));
  EXPECT_EQ(map.first_masked, "cg1");
  EXPECT_ERROR(read_masked_probes(folder.write("m.tsv", "cg3\tTRUE\n"), map),
               "expected one probe a line, got 2 fields");
  ProbeMap empty;
  EXPECT_ERROR(read_masked_probes(folder.write("e.txt", "\n"), empty), "holds no probe");
}

}  // namespace
}  // namespace cohesin
