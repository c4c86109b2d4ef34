#include "cohesin/report/html_text.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace cohesin {
namespace {

TEST(EscapeHtml, LeavesNoCharacterThatOpensATagOrEndsAnAttribute) {
  EXPECT_EQ(escape_html("<script>alert('a' & \"b\")</script>"),
            "&lt;script&gt;alert(&#39;a&#39; &amp; &quot;b&quot;)&lt;/script&gt;");
}

TEST(EscapeHtml, KeepsUtf8AndReplacesWhatIsNot) {
  EXPECT_EQ(escape_html("µ → 基 😀"), "µ → 基 😀");
  EXPECT_EQ(escape_html("a\xFFz"), "a\xEF\xBF\xBDz");
  EXPECT_EQ(escape_html("a\xC3"), "a\xEF\xBF\xBD");
  EXPECT_EQ(escape_html("\xC0\xBC"), "\xEF\xBF\xBD\xEF\xBF\xBD");  // an overlong '<'
  EXPECT_EQ(escape_html(std::string("a\0\x1b"
                                    "b",
                                    4)),
            "a  b");
}

TEST(Shorten, CountsCharactersNotBytes) {
  EXPECT_EQ(shorten("Grün", 4), "Grün");
  EXPECT_EQ(shorten("Grünkohl", 4), "Grü…");
}

TEST(ScoreText, HasThreeDecimalsAndNamesWhatIsNotDefined) {
  EXPECT_EQ(score_text(0.8125), "0.812");
  EXPECT_EQ(score_text(-0.0001), "0.000");
  EXPECT_EQ(score_text(std::nan("")), "n/a");
  EXPECT_EQ(score_text(std::numeric_limits<double>::infinity()), "n/a");
}

TEST(DifferenceText, AlwaysCarriesASign) {
  EXPECT_EQ(difference_text(0.0123), "+0.012");
  EXPECT_EQ(difference_text(-0.0123), "−0.012");
  EXPECT_EQ(difference_text(-0.0001), "0.000");
}

TEST(CountText, GroupsThousands) {
  EXPECT_EQ(count_text(999), "999");
  EXPECT_EQ(count_text(1234567), "1,234,567");
  EXPECT_EQ(count_text(-1234), "-1,234");
}

TEST(ExactText, ReadsBackAsTheSameNumber) {
  EXPECT_EQ(std::stod(exact_text(0.1 + 0.2)), 0.1 + 0.2);
}

TEST(MetricTitle, NamesHorizonsAndUnknownMetrics) {
  EXPECT_EQ(metric_title("weighted_f1"), "Weighted F1");
  EXPECT_EQ(metric_title("auc_365"), "AUC at 365 days");
  EXPECT_EQ(metric_title("my_score"), "my score");
  EXPECT_TRUE(is_lower_better("brier_365"));
}

}  // namespace
}  // namespace cohesin
