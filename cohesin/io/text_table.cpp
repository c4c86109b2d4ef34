#include "cohesin/io/text_table.h"

#include <algorithm>
#include <cctype>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/text_writer.h"

namespace cohesin {
namespace {

std::string lower_case(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::tolower(static_cast<unsigned char>(letter)));
  return text;
}

void append_row(const std::vector<std::string>& fields, char separator, std::string& text) {
  for (size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) text += separator;
    const std::string& field = fields[i];
    if (field.find_first_of("\"\r\n") == std::string::npos &&
        field.find(separator) == std::string::npos) {
      text += field;
      continue;
    }
    text += '"';
    for (const char letter : field) text.append(letter == '"' ? 2 : 1, letter);
    text += '"';
  }
  text += '\n';
}

}  // namespace

size_t TextTable::column(const std::string& name) const {
  const auto found = std::find(header.begin(), header.end(), name);
  if (found != header.end()) return static_cast<size_t>(found - header.begin());
  const std::string nearest = nearest_name(name, header);
  throw Error("{}: no column '{}'{}; columns: {}", path.string(), name,
              nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest),
              fmt::join(header, ", "));
}

size_t TextTable::first_of(const std::vector<std::string>& names) const {
  for (const auto& name : names)
    for (size_t i = 0; i < header.size(); ++i)
      if (lower_case(header[i]) == name) return i;
  return npos;
}

TextTable read_text_table(const std::filesystem::path& path) {
  RecordReader records(path, true);
  TextTable table{path, records.header(), {}, {}};
  std::vector<std::string_view> fields;
  while (records.next(fields)) {
    if (fields.size() != table.header.size())
      throw Error("{}:{}: {} fields, the header has {}", path.string(),
                  records.text().line_number(), fields.size(), table.header.size());
    table.rows.emplace_back(fields.begin(), fields.end());
    table.lines.push_back(records.text().line_number());
  }
  if (table.rows.empty()) throw Error("{}: has a header and no rows", path.string());
  return table;
}

void write_text_table(const TextTable& table, const std::filesystem::path& path) {
  std::string name = lower_case(path.filename().string());
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  const char separator = name.ends_with(".csv") ? ',' : '\t';
  TextWriter writer(path);
  std::string text;
  append_row(table.header, separator, text);
  for (const auto& row : table.rows) {
    append_row(row, separator, text);
    if (text.size() < (1U << 20)) continue;
    writer.write(text);
    text.clear();
  }
  writer.write(text);
  writer.commit();
}

}  // namespace cohesin
