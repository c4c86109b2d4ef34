#include "cohesin/run/search_trials.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

std::vector<std::vector<std::string>> read_rows(const fs::path& path) {
  std::vector<std::vector<std::string>> rows;
  TextReader reader(path);
  for (std::string line; reader.next_line(line);) {
    const auto fields = split(line, '\t');
    rows.emplace_back(fields.begin(), fields.end());
    if (rows.back().size() != rows.front().size())
      reader.fail("expected {} columns, got {}", rows.front().size(), rows.back().size());
  }
  return rows;
}

std::optional<double> read_score(const std::string& cell, const fs::path& path) {
  if (cell.empty()) return std::nullopt;
  if (cell == "NA") return std::nan("");
  double value = 0;
  const char* end = cell.data() + cell.size();
  const auto [stop, failure] = std::from_chars(cell.data(), end, value);
  if (failure != std::errc() || stop != end)
    throw Error("{}: expected a score, got '{}'", path.string(), cell);
  return value;
}

std::string score_text(const std::optional<double>& score) {
  if (!score) return "";
  return std::isnan(*score) ? "NA" : fmt::format("{}", *score);
}

// "trial", "chosen", keys, "inner_1", ..., the metric
constexpr size_t kFirstKey = 2;

std::string chosen_text(const fs::path& path) {
  const auto rows = read_rows(path);
  for (const auto& row : rows) {
    if (row.size() <= kFirstKey || row[1] != "yes") continue;
    std::string text;
    for (size_t c = kFirstKey; c < row.size() && rows[0][c].rfind("inner_", 0) != 0; ++c)
      text += fmt::format("{}{}={}", c == kFirstKey ? "" : ", ", rows[0][c], row[c]);
    const double mean = read_score(row.back(), path).value_or(std::nan(""));
    return fmt::format("{} ({} {:.3f}, the best of {})", text, rows[0].back(), mean,
                       rows.size() - 1);
  }
  return "";
}

}  // namespace

double SearchTable::mean(size_t trial) const {
  double sum = 0, count = 0;
  for (const auto& score : scores[trial]) {
    if (!score || std::isnan(*score)) continue;
    sum += *score;
    count += 1;
  }
  return count > 0 ? sum / count : std::nan("");
}

std::optional<size_t> SearchTable::best() const {
  std::optional<size_t> best;
  for (size_t t = 0; t < trials.size(); ++t)
    if (!std::isnan(mean(t)) && (!best || mean(t) > mean(*best))) best = t;
  return best;
}

std::string SearchTable::text() const {
  std::string text = "trial\tchosen";
  for (const auto& [key, value] : trials.at(0).settings) text += "\t" + key;
  for (size_t inner = 0; inner < scores.at(0).size(); ++inner)
    text += fmt::format("\tinner_{}", inner + 1);
  text += "\t" + metric + "\n";
  for (size_t t = 0; t < trials.size(); ++t) {
    text += fmt::format("{}\t{}", t + 1, chosen == t ? "yes" : "no");
    for (const auto& [key, value] : trials[t].settings) text += fmt::format("\t{}", value);
    for (const auto& score : scores[t]) text += fmt::format("\t{}", score_text(score));
    const bool done = std::all_of(scores[t].begin(), scores[t].end(),
                                  [](const auto& score) { return score.has_value(); });
    text += fmt::format("\t{}\n", done ? score_text(mean(t)) : std::string());
  }
  return text;
}

void read_scores_done(const fs::path& path, SearchTable& table) {
  const auto rows = read_rows(path);
  const size_t num_keys = table.trials.at(0).settings.size();
  const size_t first_score = kFirstKey + num_keys;
  const auto fail = [&path] {
    throw Error("{}: is of another search; use the same recipe, or start anew with --force",
                path.string());
  };
  if (rows.size() != table.trials.size() + 1 ||
      rows[0].size() != first_score + table.scores.at(0).size() + 1 ||
      rows[0].back() != table.metric)
    fail();
  for (size_t t = 0; t < table.trials.size(); ++t) {
    const auto& row = rows[t + 1];
    for (size_t k = 0; k < num_keys; ++k)
      if (std::pair(rows[0][kFirstKey + k], row[kFirstKey + k]) != table.trials[t].settings[k])
        fail();
    for (size_t inner = 0; inner < table.scores[t].size(); ++inner)
      table.scores[t][inner] = read_score(row[first_score + inner], path);
  }
}

std::vector<std::pair<std::string, std::string>> read_chosen_settings(const fs::path& folder) {
  std::vector<std::pair<std::string, std::string>> chosen;
  if (fs::exists(folder / "search.tsv"))
    chosen.emplace_back("", chosen_text(folder / "search.tsv"));
  std::vector<std::string> folds;
  for (const auto& entry : fs::directory_iterator(folder))
    if (const std::string name = entry.path().filename().string();
        name.rfind("fold_", 0) == 0 && fs::exists(entry.path() / "search.tsv"))
      folds.push_back(name.substr(5));
  std::sort(folds.begin(), folds.end(), [](const auto& a, const auto& b) {
    return a.size() != b.size() ? a.size() < b.size() : a < b;
  });
  for (const auto& fold : folds)
    chosen.emplace_back("fold " + fold, chosen_text(folder / ("fold_" + fold) / "search.tsv"));
  std::erase_if(chosen, [](const auto& one) { return one.second.empty(); });
  return chosen;
}

}  // namespace cohesin
