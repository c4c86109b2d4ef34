// The page in a real browser: Chromium without a window, where one is installed.
#include <fmt/format.h>

#include <cstdlib>
#include <set>

#include "cohesin/base/file.h"
#include "cohesin/report/html_text.h"
#include "cohesin/report/page.h"
#include "tests/report/count_of.h"
#include "tests/report/report_example.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using testing::count_of;

std::string find_browser() {
  for (const std::string name : {"chromium", "chromium-browser", "google-chrome"})
    if (std::system(("command -v " + name + " >/dev/null 2>&1").c_str()) == 0) return name;
  return "";
}

// Chromium looks after itself meanwhile (time, updates); that is not the page's doing.
std::set<std::string> addresses_asked(const std::string& net_log) {
  std::set<std::string> addresses;
  const std::string key = "\"url\":\"http";
  for (size_t at = net_log.find(key); at != std::string::npos; at = net_log.find(key, at + 1)) {
    const size_t begin = at + key.size() - 4;
    const std::string address = net_log.substr(begin, net_log.find('"', begin) - begin);
    if (address.find(".google.com/") == std::string::npos &&
        address.find(".googleapis.com/") == std::string::npos)
      addresses.insert(address);
  }
  return addresses;
}

class Browser : public ::testing::Test {
 protected:
  void SetUp() override {
    browser_ = find_browser();
    if (browser_.empty()) GTEST_SKIP() << "no chromium is installed: the page is not looked at";
  }

  // Loads the page; afterwards dom_ is what the scripts left, messages_ what was complained, and
  // requests_ the addresses that the page, not the browser itself, asked for.
  void load(const std::string& page) {
    folder_.write("report.html", page);
    const std::string command = fmt::format(
        "cd '{0}' && HOME='{0}' timeout 90 {1} --headless --no-sandbox --disable-gpu "
        "--disable-background-networking --disable-component-update --disable-sync "
        "--no-first-run --user-data-dir='{0}/profile' --log-net-log='{0}/net.json' "
        "--enable-logging=stderr --v=0 --virtual-time-budget=3000 "
        "--dump-dom 'file://{0}/report.html' > dom.html 2> messages.txt",
        folder_.path().string(), browser_);
    ASSERT_EQ(std::system(command.c_str()), 0) << read_text(folder_ / "messages.txt");
    dom_ = read_text(folder_ / "dom.html");
    messages_ = read_text(folder_ / "messages.txt");
    requests_ = addresses_asked(read_text(folder_ / "net.json"));
  }

  testing::TempFolder folder_;
  std::string browser_, dom_, messages_;
  std::set<std::string> requests_;
};

TEST_F(Browser, ShowsEveryMarkWithoutErrorOrRequest) {
  const ReportData data = testing::make_report_example();
  load(make_page(data));
  EXPECT_EQ(count_of(messages_, "CONSOLE"), 0) << messages_;
  EXPECT_TRUE(requests_.empty()) << *requests_.begin();
  EXPECT_EQ(count_of(dom_, "class=\"mark mark-point"), 769);
  EXPECT_EQ(count_of(dom_, "class=\"mark mark-cell"), 75);
  EXPECT_EQ(count_of(dom_, "class=\"mark mark-roc"), 15);
  // The script ran: titles have become its own notes.
  EXPECT_EQ(count_of(dom_, "<title>"), 1);
  EXPECT_EQ(count_of(dom_, "data-tip=\"TCGA-0000: "), 1);
  for (const auto& score : data.conditions[0].methods[0].scores) {
    if (score.metric != "weighted_f1") continue;
    EXPECT_GT(count_of(dom_, ">" + score_text(score.mean) + "</span>"), 0);
  }
}

TEST_F(Browser, RunsNoScriptThatCameAsAName) {
  ReportData data = testing::make_report_example();
  const std::string evil =
      "\"'><img src=x onerror=console.error(1)><script>console.error(2)</script>";
  data.title = data.target = data.model = evil;
  for (auto& [name, count] : data.classes) name = evil;
  for (auto& point : data.embeddings[0].points) point.sample = evil;
  data.recipe = "</pre></details>" + evil;
  load(make_page(data));
  EXPECT_EQ(count_of(messages_, "CONSOLE"), 0) << messages_;
  EXPECT_TRUE(requests_.empty()) << *requests_.begin();
  EXPECT_EQ(count_of(dom_, "<img"), 0);
}

// What a reader does, played by a script at the end of the page.
constexpr const char* kReader = R"js(<script>
(function () {
  var out = document.createElement('pre');
  function say(key, text) { out.textContent += key + '=' + text + ';'; }
  function tip() { var t = document.getElementById('tip'); return t.hidden ? '' : t.textContent; }
  function move(mark) {
    mark.scrollIntoView({behavior: 'instant', block: 'center'});
    var box = mark.getBoundingClientRect();
    mark.dispatchEvent(new PointerEvent('pointermove', {bubbles: true,
        clientX: box.left + box.width / 2, clientY: box.top + box.height / 2}));
  }
  move(document.querySelector('.mark-cell'));
  say('cell', tip());
  move(document.querySelector('.mark-calibration'));
  say('calibration', tip());
  var roc = document.querySelector('#roc svg');
  roc.scrollIntoView({behavior: 'instant', block: 'center'});
  var box = roc.getBoundingClientRect();
  roc.dispatchEvent(new PointerEvent('pointermove', {bubbles: true,
      clientX: box.left + box.width * 0.16, clientY: box.top + box.height * 0.05}));
  say('roc', tip());
  document.body.dispatchEvent(new PointerEvent('pointermove', {bubbles: true}));
  say('away', tip());
  var map = document.querySelector('#embedding svg');
  map.dispatchEvent(new KeyboardEvent('keydown', {bubbles: true, key: 'ArrowRight'}));
  say('key', tip());
  var button = document.querySelector('#embedding button.key');
  button.click();
  say('hidden', document.querySelectorAll('#embedding .mark-point.off').length);
  say('pressed', button.getAttribute('aria-pressed'));
  button.click();
  say('again', document.querySelectorAll('#embedding .mark-point.off').length);
  say('wider', document.documentElement.scrollWidth > window.innerWidth);
  document.body.appendChild(out);
})();
</script></body>)js";

TEST_F(Browser, ShowsValuesToPointerAndKeysAndHidesAClass) {
  const ReportData data = testing::make_report_example();
  std::string page = make_page(data);
  page.replace(page.find("</body>"), 7, kReader);
  load(page);
  EXPECT_EQ(count_of(messages_, "CONSOLE"), 0) << messages_;
  const std::string told = dom_.substr(dom_.rfind("<pre>"));
  const auto& matrix = data.conditions[0].confusion.counts;
  EXPECT_EQ(count_of(told, fmt::format("cell=true LumA, predicted LumA: {} of 419", matrix[0][0])),
            1)
      << told;
  EXPECT_EQ(count_of(told, "calibration=confidence "), 1) << told;
  EXPECT_EQ(count_of(told, "· false positive rate 0."), 1) << told;
  EXPECT_EQ(count_of(told, "away=;"), 1) << told;
  EXPECT_EQ(count_of(told, "key=TCGA-0000: LumA"), 1) << told;
  EXPECT_EQ(count_of(told, "hidden=419;pressed=false;again=0;wider=false;"), 1) << told;
}

TEST_F(Browser, WouldHaveSeenAnErrorAndARequest) {
  load("<script>console.error('seen'); new Image().src = 'https://example.org/a.png'</script>");
  EXPECT_GT(count_of(messages_, "seen"), 0) << messages_;
  EXPECT_EQ(requests_.count("https://example.org/a.png"), 1U);
}

}  // namespace
}  // namespace cohesin
