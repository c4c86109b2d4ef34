#include "cohesin/run/track_names.h"

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/io/text_table.h"

namespace cohesin {
namespace {

Frame names_of_table(const TextTable& table, size_t named_by) {
  Frame frame;
  for (const auto& row : table.rows) frame.index.push_back(row[named_by]);
  for (size_t column = 0; column < table.header.size(); ++column) {
    std::vector<std::string> values;
    for (const auto& row : table.rows) values.push_back(row[column]);
    const std::string& name = table.header[column];
    frame.set({name.empty() ? "unnamed_" + std::to_string(column) : name, std::move(values)});
  }
  return frame;
}

Frame read_names(const std::filesystem::path& file) {
  TextReader reader(file);
  std::string line;
  const bool has_line = reader.next_line(line);
  if (has_line && line.find('\t') != std::string::npos) {
    const TextTable table = read_text_table(file);
    const size_t column = table.first_of({"identifier", "description"});
    if (column == TextTable::npos)
      throw Error("{}: no column 'identifier' or 'description'; it has: {}", file.string(),
                  fmt::join(table.header, ", "));
    return names_of_table(table, column);
  }
  Frame frame;
  for (bool more = has_line; more; more = reader.next_line(line)) {
    const std::string name(trim(line));
    if (!name.empty()) frame.index.push_back(name);
  }
  return frame;
}

}  // namespace

Frame track_names(const std::filesystem::path& file, const std::string& head, int64_t num_tracks) {
  Frame frame;
  if (file.empty()) {
    for (int64_t i = 0; i < num_tracks; ++i) frame.index.push_back(fmt::format("{}_{}", head, i));
    return frame;
  }
  frame = read_names(file);
  if (static_cast<int64_t>(frame.num_rows()) != num_tracks)
    throw Error("{}: {} names, but the head '{}' has {} tracks", file.string(), frame.num_rows(),
                head, num_tracks);
  return frame;
}

Frame parse_track_names(const std::string& text) {
  Frame frame;
  std::vector<std::vector<std::string>> columns;
  std::vector<std::string> header;
  for (const auto line : split(text, '\n')) {
    if (line.empty()) continue;
    const auto fields = split(line, '\t');
    if (header.empty()) {
      header.assign(fields.begin(), fields.end());
      columns.resize(header.size());
      continue;
    }
    frame.index.emplace_back(fields.front());
    for (size_t i = 0; i < header.size(); ++i)
      columns[i].emplace_back(i < fields.size() ? fields[i] : "");
  }
  for (size_t i = 0; i < header.size(); ++i) frame.set({header[i], std::move(columns[i])});
  return frame;
}

std::vector<int64_t> find_tracks(const Frame& tracks, const std::vector<std::string>& wanted) {
  std::vector<int64_t> found;
  for (const auto& name : wanted) {
    const size_t before = found.size();
    for (size_t i = 0; i < tracks.index.size(); ++i)
      if (tracks.index[i] == name) found.push_back(static_cast<int64_t>(i));
    if (found.size() > before) continue;
    const std::string nearest = nearest_name(name, tracks.index);
    throw Error("--track {}: no track of this name{}", name,
                nearest.empty() ? "" : "; did you mean '" + nearest + "'?");
  }
  return found;
}

Frame choose_tracks(const Frame& tracks, const std::vector<int64_t>& chosen) {
  Frame part;
  for (const int64_t i : chosen) part.index.push_back(tracks.index[static_cast<size_t>(i)]);
  for (const Column& column : tracks.columns) {
    std::vector<std::string> values;
    for (const int64_t i : chosen) values.push_back(column.text()[static_cast<size_t>(i)]);
    part.set({column.name, std::move(values)});
  }
  return part;
}

}  // namespace cohesin
