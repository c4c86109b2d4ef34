#include "cohesin/io/vcf.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

const std::string kHeader = "##fileformat=VCFv4.2\n##source=x\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\n";

std::vector<VcfVariant> read_all(const std::filesystem::path& path) {
  VcfReader reader(path);
  std::vector<VcfVariant> all;
  for (VcfVariant variant; reader.next(variant);) all.push_back(variant);
  return all;
}

TEST(VcfReader, OneAlleleAtATime) {
  const TempFolder folder;
  const auto all = read_all(
      folder.write("a.vcf", kHeader + "1\t10\trs1\tA\tc,G\t.\nchrX\t1\t.\tAT\tA\t.\tPASS\r\n"));
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].alt, "C");
  EXPECT_EQ(all[0].allele, 1);
  EXPECT_EQ(all[0].id, "rs1");
  EXPECT_EQ(all[1].alt, "G");
  EXPECT_EQ(all[1].allele, 2);
  EXPECT_EQ(all[1].line, 4);
  EXPECT_EQ(all[2].chrom, "chrX");
  EXPECT_EQ(all[2].ref, "AT");
  EXPECT_EQ(all[2].position, 1);
}

TEST(VcfReader, AllelesWithoutLettersAreCounted) {
  const TempFolder folder;
  VcfReader reader(folder.write("a.vcf", kHeader +
                                             "1\t10\t.\tA\t*,G,<DEL>,*\t.\n1\t11\t.\tA\t.\t.\n"
                                             "1\t12\t.\tA\tA[2:5[,.T\t.\n1\t0\t.\tN\t<INS>\t.\n"));
  VcfVariant variant;
  ASSERT_TRUE(reader.next(variant));
  EXPECT_EQ(variant.alt, "G");
  EXPECT_EQ(variant.allele, 2);
  EXPECT_FALSE(reader.next(variant));
  EXPECT_EQ(reader.skipped(),
            (std::map<std::string, int64_t>{{"'*': removed by a deletion that begins before it", 2},
                                            {"breakends", 2},
                                            {"no alternative allele", 1},
                                            {"symbolic alleles such as <DEL>", 2}}));
}

TEST(VcfReader, WhatIsNoVcfIsAnErrorWithItsLine) {
  const TempFolder folder;
  const auto read = [&](const std::string& text) { return read_all(folder.write("a.vcf", text)); };
  EXPECT_ERROR(read(""), "is empty");
  EXPECT_ERROR(read(">chr1\nACGT\n"), "a.vcf:1: is no VCF file");
  EXPECT_ERROR(read(">chr1\nACGT\n"), "this looks like FASTA");
  EXPECT_ERROR(read("#CHROM\tPOS\tID\tREF\tALT\n"), "put the line ##fileformat=VCFv4.2 before it");
  EXPECT_ERROR(read("##fileformat=VCFv4.2\n"), "ends within its header");
  EXPECT_ERROR(read("##fileformat=VCFv4.2\n1\t1\t.\tA\tG\n"),
               "a.vcf:2: expected the line '#CHROM POS ID REF ALT ...' before the rows");
  EXPECT_ERROR(read("##fileformat=VCFv4.2\n#CHROM POS ID REF ALT\n"), "with tabs between them");
  EXPECT_ERROR(read(kHeader), "has a header and no rows");
  EXPECT_ERROR(read(kHeader + "1\t5\t.\tA\n"), "a.vcf:4: 4 fields between tabs");
  EXPECT_ERROR(read(kHeader + "1\tx\t.\tA\tG\n"), "a.vcf:4: ");
  EXPECT_ERROR(read(kHeader + "1\t0\t.\tA\tG\n"), "POS is 0; expected 1 or more");
  EXPECT_ERROR(read(kHeader + "1\t5\t.\tR\tG\n"), "REF is 'R'; expected letters A, C, G, T or N");
  EXPECT_ERROR(read(kHeader + "1\t5\t.\tA\tG,\n"), "ALT is empty");
  EXPECT_ERROR(read(kHeader + "1\t5\t.\tA\ta\n"), "ALT is 'A', the same as REF");
  EXPECT_ERROR(read(std::string("BCF\2\2\0\0", 7) + "\n"), "NUL bytes");
}

}  // namespace
}  // namespace cohesin
