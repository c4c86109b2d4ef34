#include "cohesin/io/vcf_info.h"

#include "cohesin/base/file.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

const std::vector<VcfInfo> kKeys = {{"one", "the first"}, {"two", "the second"}};
const std::string kColumns = "#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER\tINFO\tFORMAT\tS1\n";

TEST(VcfInfo, ValuesJoinWhatIsThere) {
  const TempFolder folder;
  const auto in = folder.write("a.vcf", "##fileformat=VCFv4.2\n" + kColumns +
                                            "1\t5\t.\tA\tC,<DEL>,G\t.\t.\tDP=3\tGT\t0|1\n"
                                            "1\t6\t.\tA\tC\t.\t.\t.\tGT\t0|0\n"
                                            "1\t7\t.\tA\tT\t.\t.\t.\tGT\t1|1\n");
  check_vcf_info(in, kKeys);
  add_vcf_info(in, folder / "b.vcf", kKeys,
               {{{3, 1}, {0.5, -1}}, {{3, 3}, {1e-9, 2}}, {{5, 1}, {0, 0.25}}});
  EXPECT_EQ(read_text(folder / "b.vcf"),
            "##fileformat=VCFv4.2\n"
            "##INFO=<ID=one,Number=A,Type=Float,Description=\"the first\">\n"
            "##INFO=<ID=two,Number=A,Type=Float,Description=\"the second\">\n" +
                kColumns +
                "1\t5\t.\tA\tC,<DEL>,G\t.\t.\tDP=3;one=0.5,.,1e-09;two=-1,.,2\tGT\t0|1\n"
                "1\t6\t.\tA\tC\t.\t.\t.\tGT\t0|0\n"
                "1\t7\t.\tA\tT\t.\t.\tone=0;two=0.25\tGT\t1|1\n");
  EXPECT_ERROR(check_vcf_info(folder / "b.vcf", kKeys), "b.vcf:2: has the INFO key 'one' already");
}

TEST(VcfInfo, AFileWithoutTheColumnIsRefused) {
  const TempFolder folder;
  const auto in = folder.write("a.vcf", "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n");
  EXPECT_ERROR(check_vcf_info(in, kKeys), "a.vcf:2: has no column INFO");
}

}  // namespace
}  // namespace cohesin
