#include "cohesin/run/batch_note.h"

#include <cmath>

#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

struct Setting {
  MultiOmics cohort = *testing::make_cohort(80, 3);
  TaskConfig task;
  TaskTargets targets;
  std::vector<int64_t> samples = testing::all_samples(cohort);
  Setting() {
    task.name = "classification";
    task.target = "class";
    targets = read_targets(cohort, task, samples);
  }
  std::vector<BatchAssociation> note() const {
    const testing::TempFolder folder;
    const std::string text = batch_note_text(cohort, task, targets, samples);
    if (text.empty()) return {};
    return read_batch_note(folder.write("batches.tsv", text));
  }
};

TEST(BatchNote, ABatchThatGivesTheClassAwayHasAVOfOne) {
  Setting setting;
  EXPECT_TRUE(setting.note().empty());
  std::vector<std::string> same_as_class, independent;
  for (size_t s = 0; s < 80; ++s) {
    same_as_class.emplace_back(s % 2 == 0 ? "monday" : "friday");
    independent.emplace_back(s % 4 < 2 ? "x" : "y");
  }
  setting.cohort.obs.set({"batch", same_as_class});
  setting.cohort.obs.set({"site", independent});
  setting.cohort.obs.set({"cohort", std::vector<std::string>(80, "one")});  // says nothing
  const auto rows = setting.note();
  ASSERT_EQ(rows.size(), 2U);
  EXPECT_EQ(rows[0].grouping, "batch");
  EXPECT_NEAR(rows[0].cramers_v_corrected, 1, 1e-9);
  EXPECT_EQ(rows[0].samples, 80);
  EXPECT_LT(rows[0].p_value, 1e-9);
  EXPECT_EQ(rows[1].grouping, "site");
  EXPECT_NEAR(rows[1].cramers_v, 0, 1e-9);
  EXPECT_NEAR(rows[1].p_value, 1, 1e-9);
}

TEST(BatchNote, TissueSourceSitesAreReadFromBarcodes) {
  Setting setting;
  for (size_t s = 0; s < 80; ++s)
    setting.cohort.obs.index[s] = fmt::format("TCGA-{}-{:04}-01", s < 40 ? "A1" : "B2", s);
  const auto rows = setting.note();
  ASSERT_EQ(rows.size(), 1U);
  EXPECT_EQ(rows[0].grouping, "tissue source site");
  EXPECT_EQ(rows[0].groups, 2);
}

TEST(BatchNote, ATableThatIsNoneIsAnError) {
  const testing::TempFolder folder;
  EXPECT_ERROR(read_batch_note(folder.write("b.tsv", "x\n")), "expected the columns");
}

}  // namespace
}  // namespace cohesin
