#include "cohesin/io/sequence_cohort.h"

#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::TempFolder;

TEST(SequenceCohort, TableGivesSamplesGroupsAndColumns) {
  const TempFolder folder;
  const auto path = folder.write("a.tsv",
                                 "sample\tsequence\tlabel\tscore\tsplit_by\n"
                                 "a\tMKV\tx\t1.5\t007\nb\tmkv\ty\tNA\t008\nc\tMKVA\tx\t2\t009\n");
  const MultiOmics cohort = read_sequence_cohort(path);
  EXPECT_EQ(cohort.obs.index, (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_EQ(cohort.sequences_at("sequence").letters,
            (std::vector<std::string>{"MKV", "mkv", "MKVA"}));
  // The same sequence in another case is one group.
  EXPECT_EQ(cohort.obs.find("patient")->text(), (std::vector<std::string>{"a", "a", "c"}));
  EXPECT_EQ(cohort.obs.find("score")->numbers()[0], 1.5);
  EXPECT_TRUE(cohort.obs.find("split_by")->is_text());
}

TEST(SequenceCohort, RowsAreNumberedWhereThereIsNoSample) {
  const TempFolder folder;
  const MultiOmics cohort =
      read_sequence_cohort(folder.write("a.csv", "Sequence,group\nACGT,g\nAAAA,g\n"));
  EXPECT_EQ(cohort.obs.index, (std::vector<std::string>{"1", "2"}));
  EXPECT_EQ(cohort.obs.find("patient")->text(), (std::vector<std::string>{"g", "g"}));
  EXPECT_EQ(cohort.obs.find("group"), nullptr);
}

TEST(SequenceCohort, AClassALetterStaysText) {
  const TempFolder folder;
  const MultiOmics cohort =
      read_sequence_cohort(folder.write("a.tsv", "sequence\tburied\nACDE\t1011\nAC\t10\n"));
  EXPECT_EQ(cohort.obs.find("buried")->text(), (std::vector<std::string>{"1011", "10"}));
}

TEST(SequenceCohort, FastaIsReadByItsFirstLetter) {
  const TempFolder folder;
  const MultiOmics cohort =
      read_sequence_cohort(folder.write("any.txt", "\n>p1 first\nMK\nV\n>p2\nA"));
  EXPECT_EQ(cohort.obs.index, (std::vector<std::string>{"p1", "p2"}));
  EXPECT_EQ(cohort.sequences.front().letters, (std::vector<std::string>{"MKV", "A"}));
}

TEST(SequenceCohort, FaultsNameFileAndLine) {
  const TempFolder folder;
  EXPECT_ERROR(read_sequence_cohort(folder.write("a.tsv", "id\tletters\na\tMKV\n")),
               "a.tsv: no column 'sequence'; its columns are: id, letters");
  EXPECT_ERROR(read_sequence_cohort(folder.write("b.tsv", "sample\tsequence\na\tMKV\nb\t\n")),
               "b.tsv:3: the sequence is empty");
  EXPECT_ERROR(read_sequence_cohort(folder.write("c.tsv", "sample\tsequence\na\tMKV\na\tA\n")),
               "c.tsv:3: sample 'a' stands in line 2 already");
  EXPECT_ERROR(read_sequence_cohort(folder.write("d.fa", ">a\nM\n>a\nK\n")),
               "d.fa:3: sample 'a' stands in line 1 already");
}

}  // namespace
}  // namespace cohesin
