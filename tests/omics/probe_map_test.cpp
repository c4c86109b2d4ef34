#include "cohesin/omics/probe_map.h"

#include <gmock/gmock.h>

#include <cmath>

#include "tests/testing.h"

namespace cohesin {
namespace {

using ::testing::ElementsAre;

TEST(ProbeBaseName, OnlyTheSuffixOfReplicatesIsCut) {
  EXPECT_EQ(probe_base_name("cg00000029_TC21"), "cg00000029");
  EXPECT_EQ(probe_base_name("cg00002033_BO12"), "cg00002033");
  EXPECT_EQ(probe_base_name("cg00000029"), "cg00000029");
  EXPECT_EQ(probe_base_name("ch.21.17972289F"), "ch.21.17972289F");
  EXPECT_EQ(probe_base_name("probe_1"), "probe_1");
  EXPECT_EQ(probe_base_name("x_TC"), "x_TC");
  EXPECT_EQ(probe_base_name("_TC21"), "_TC21");
}

TEST(AverageProbes, TakesTheMeanOfMeasuredProbesManyToMany) {
  ProbeMap map;
  add_probe(map, "p1", "A");
  add_probe(map, "p1", "B");
  add_probe(map, "p2", "A");
  add_probe(map, "p2", "A");
  add_probe(map, "p9", "C");
  Findings findings;
  const Table genes = average_probes(
      {{"s1", "s2"}, {"p1", "p2", "p3"}, {0.25F, 0.75F, 0.5F, kNotMeasured, 0.5F, 0.5F}}, map,
      "methylation", "m.csv", findings);
  EXPECT_THAT(genes.features, ElementsAre("A", "B"));
  EXPECT_EQ(genes.row(0)[0], 0.5F);
  EXPECT_EQ(genes.row(0)[1], 0.25F);
  EXPECT_EQ(genes.row(1)[0], 0.5F);
  EXPECT_TRUE(std::isnan(genes.row(1)[1]));
  EXPECT_EQ(noted(findings, "methylation", "probes_mapped"), 2);
  EXPECT_EQ(noted(findings, "methylation", "probes_without_gene"), 1);
  EXPECT_EQ(noted(findings, "methylation", "genes_without_probe"), 1);
  EXPECT_EQ(noted(findings, "methylation", "probe_values_missing"), 1);
}

TEST(AverageProbes, ReplicatesOfAProbeCountAsOne) {
  ProbeMap map;
  add_probe(map, "cg00000001_TC11", "A");  // as a manifest of EPICv2 has it
  add_probe(map, "cg00000002", "A");
  Findings findings;
  const Table genes = average_probes({{"s1", "s2"},
                                      {"cg00000001_TC11", "cg00000002_BC21", "cg00000001_BC11"},
                                      {0.25F, 1, 0.75F, kNotMeasured, 1, 0.25F}},
                                     map, "methylation", "m.csv", findings);
  EXPECT_THAT(genes.values, ElementsAre(0.75F, 0.625F));  // not 2/3, not the mean of all columns
  EXPECT_EQ(noted(findings, "methylation", "probes_mapped"), 3);
  EXPECT_EQ(noted(findings, "methylation", "probe_replicates"), 1);
  EXPECT_EQ(noted(findings, "methylation", "probe_values_missing"), 1);
}

TEST(AverageProbes, MaskedProbesAndChromosomesAreLeftOutAndCountedOnce) {
  ProbeMap map;
  for (const char* probe : {"cg1", "cg2", "cg3", "cg4", "cg5"}) add_probe(map, probe, "A");
  map.masked = {"cg1", "cg3_TC11"};
  map.on_left_out_chromosome = {"cg1", "cg2"};
  const Table table{{"s1"},
                    {"cg1_TC11", "cg2_TC11", "cg3_TC11", "cg3_TC12", "cg4_TC11", "x"},
                    {0, 0, 0, 0.5F, 1, 0}};
  Findings findings;
  const Table genes = average_probes(table, map, "m", "m.csv", findings);
  EXPECT_THAT(genes.values, ElementsAre(0.75F));
  EXPECT_EQ(noted(findings, "m", "probes_masked"), 2);  // cg1 with all replicates, one of cg3's
  EXPECT_EQ(noted(findings, "m", "probes_on_left_out_chromosomes"), 1);
  EXPECT_EQ(noted(findings, "m", "probes_without_gene"), 1);
  EXPECT_EQ(noted(findings, "m", "probes_mapped"), 2);
  map.masked = {"cg3", "cg4"};
  EXPECT_ERROR(average_probes(table, map, "m", "m.csv", findings),
               "no probe is left: of 6, 3 are masked, 2 lie on chromosomes left out, 1 have no");
}

TEST(AverageProbes, AMapThatMatchesNothingNamesBothSides) {
  ProbeMap map;
  add_probe(map, "cg00000009", "A");
  add_probe(map, "cg00000001", "A");
  Findings findings;
  EXPECT_ERROR(average_probes({{"s1"}, {"A"}, {0.5F}}, map, "methylation", "m.csv", findings),
               "m.csv: none of its 1 probes is in the probe map (the data has 'A', the map "
               "'cg00000009')");
}

}  // namespace
}  // namespace cohesin
