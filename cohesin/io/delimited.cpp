#include "cohesin/io/delimited.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <cmath>
#include <limits>
#include <unordered_set>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"

namespace cohesin {

namespace {

bool has_extension(const std::filesystem::path& path, std::string_view extension) {
  std::string name = path.filename().string();
  for (const std::string_view packed : {".gz", ".bgz"})
    if (name.size() > packed.size() && name.ends_with(packed))
      name.resize(name.size() - packed.size());
  return name.ends_with(extension);
}

char find_separator(const TextReader& text, std::string_view header, bool allow_one_column) {
  const auto has = [header](char c) { return header.find(c) != std::string_view::npos; };
  if (has_extension(text.path(), ".csv") && has(',')) return ',';
  if ((has_extension(text.path(), ".tsv") || has_extension(text.path(), ".tab")) && has('\t'))
    return '\t';
  char best = 0;
  std::ptrdiff_t most = 0;
  for (const char c : {'\t', ',', ';'}) {
    const auto count = std::count(header.begin(), header.end(), c);
    if (count > most) {
      most = count;
      best = c;
    }
  }
  if (best == 0 && allow_one_column) return '\t';
  if (best == 0)
    text.fail("the header has no tab, comma or semicolon: a CSV or TSV table is needed, got '{}'",
              header.substr(0, 60));
  return best;
}

bool parse_finite(std::string_view field, double& number) {
  const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), number);
  return status == std::errc() && end == field.data() + field.size() && std::isfinite(number);
}

// 007 and -01 are names, 0.5 and 0 are numbers.
bool has_leading_zero(std::string_view field) {
  if (!field.empty() && field[0] == '-') field.remove_prefix(1);
  return field.size() > 1 && field[0] == '0' && std::isdigit(static_cast<unsigned char>(field[1]));
}

// The position of `index_column`; the first column if it is empty.
size_t find_index(const RecordReader& records, const std::vector<std::string>& names,
                  const std::string& index_column) {
  if (index_column.empty()) return 0;
  const auto found = std::find(names.begin(), names.end(), index_column);
  if (found != names.end()) return static_cast<size_t>(found - names.begin());
  const std::string nearest = nearest_name(index_column, names);
  throw Error("{}: no column '{}'{}; columns: {}", records.text().path().string(), index_column,
              nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest),
              fmt::join(names, ", "));
}

}  // namespace

RecordReader::RecordReader(const std::filesystem::path& path, bool allow_one_column) : text_(path) {
  std::string_view line;
  if (!text_.next_line(line)) throw Error("{}: is empty", path.string());
  separator_ = find_separator(text_, line, allow_one_column);
  std::vector<std::string_view> fields;
  parse(line, fields);
  for (const auto field : fields) header_.emplace_back(trim(field));
}

bool RecordReader::next_line(std::string_view& line) {
  if (!text_.next_line(line)) return false;
  if (!line.empty()) return true;
  const int64_t empty_line = text_.line_number();
  while (text_.next_line(line))
    if (!line.empty())
      throw Error("{}:{}: the line is empty, rows follow it", text_.path().string(), empty_line);
  return false;
}

bool RecordReader::next(std::vector<std::string_view>& fields) {
  std::string_view line;
  if (!next_line(line)) return false;
  parse(line, fields);
  return true;
}

void RecordReader::parse(std::string_view line, std::vector<std::string_view>& fields) {
  if (line.find('"') == std::string_view::npos) {
    split(line, separator_, fields);
    return;
  }
  const int64_t first_line = text_.line_number();
  record_.assign(line);
  std::vector<std::pair<size_t, size_t>> spans;  // in record_, after unescaping
  size_t from = 0, to = 0;
  while (true) {
    const size_t begin = to;
    if (from < record_.size() && record_[from] == '"') {
      for (++from;; ++from) {
        if (from == record_.size()) {
          std::string_view more;
          if (!text_.next_line(more))
            throw Error("{}:{}: a quoted field is not closed", text_.path().string(), first_line);
          record_ += '\n';
          record_ += more;
        }
        if (record_[from] == '"') {
          if (from + 1 == record_.size() || record_[from + 1] != '"') break;
          ++from;
        }
        record_[to++] = record_[from];
      }
      ++from;
      if (from < record_.size() && record_[from] != separator_)
        text_.fail("text follows the closing quote of field {}", spans.size() + 1);
    } else {
      while (from < record_.size() && record_[from] != separator_) record_[to++] = record_[from++];
    }
    spans.emplace_back(begin, to - begin);
    if (from >= record_.size()) break;
    ++from;  // the separator
    record_[to++] = separator_;
  }
  fields.clear();
  for (const auto& [begin, size] : spans)
    fields.push_back(std::string_view(record_).substr(begin, size));
}

bool means_missing(std::string_view field) {
  if (field.size() > 4) return false;
  std::string lower;
  for (const char c : field)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return lower.empty() || lower == "na" || lower == "n/a" || lower == "nan" || lower == "null";
}

Column typed_column(const std::string& name, std::vector<std::string> fields) {
  std::vector<double> numbers;
  bool all_numbers = true, any_number = false;
  for (auto& field : fields) {
    double number = std::numeric_limits<double>::quiet_NaN();
    if (means_missing(field)) {
      field.clear();
    } else if (parse_finite(field, number) && !has_leading_zero(field)) {
      any_number = true;
    } else {
      all_numbers = false;
    }
    numbers.push_back(number);
  }
  if (all_numbers && any_number) return Column{name, std::move(numbers)};
  return Column{name, std::move(fields)};
}

Orientation parse_orientation(const std::string& text) {
  if (text == "samples-by-features") return Orientation::kSamplesByFeatures;
  if (text == "features-by-samples") return Orientation::kFeaturesBySamples;
  throw Error("unknown orientation '{}': expected samples-by-features or features-by-samples",
              text);
}

Frame read_frame(const std::filesystem::path& path, const std::string& index_column) {
  RecordReader records(path);
  std::vector<std::string> names = records.header();
  std::vector<std::vector<std::string>> columns;
  std::vector<std::string_view> fields;
  while (records.next(fields)) {
    if (columns.empty()) {
      if (fields.size() == names.size() + 1) names.insert(names.begin(), "");  // R
      columns.resize(names.size());
    }
    if (fields.size() != names.size())
      records.text().fail("expected {} fields as in the header, got {}", names.size(),
                          fields.size());
    for (size_t c = 0; c < fields.size(); ++c) columns[c].emplace_back(trim(fields[c]));
  }
  if (columns.empty()) throw Error("{}: has a header and no rows", path.string());
  std::unordered_set<std::string> seen;
  for (size_t c = 0; c < names.size(); ++c) {
    if (names[c].empty()) names[c] = fmt::format("unnamed_{}", c);
    if (!seen.insert(names[c]).second)
      throw Error("{}: two columns are called '{}'; rename one", path.string(), names[c]);
  }
  const size_t index = find_index(records, names, index_column);
  Frame frame;
  frame.index = std::move(columns[index]);
  for (size_t row = 0; row < frame.index.size(); ++row)
    if (means_missing(frame.index[row]))
      throw Error("{}: row {} has no name in column '{}'", path.string(), row + 1, names[index]);
  for (size_t c = 0; c < names.size(); ++c)
    if (c != index) frame.columns.push_back(typed_column(names[c], std::move(columns[c])));
  return frame;
}

}  // namespace cohesin
