#include "cohesin/io/bed.h"

#include <algorithm>
#include <string_view>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {
namespace {

bool is_browser_line(std::string_view line) {
  for (const std::string_view word : {"track", "browser"})
    if (line.starts_with(word) &&
        (line.size() == word.size() || line[word.size()] == ' ' || line[word.size()] == '\t'))
      return true;
  return false;
}

// The columns, between tabs or, in a line without tabs, between runs of spaces.
void split_columns(std::string_view line, std::vector<std::string_view>& fields) {
  split(line, line.find('\t') == std::string_view::npos ? ' ' : '\t', fields);
  if (line.find('\t') != std::string_view::npos) return;
  fields.erase(std::remove(fields.begin(), fields.end(), std::string_view()), fields.end());
}

}  // namespace

std::vector<BedRegion> read_bed(const std::filesystem::path& path) {
  std::vector<BedRegion> regions;
  TextReader reader(path, {"#"});
  std::vector<std::string_view> fields;
  for (std::string_view line; reader.next_line(line);) {
    if (trim(line).empty() || is_browser_line(line)) continue;
    split_columns(line, fields);
    if (fields.size() < 3)
      reader.fail("{} column(s); BED has at least three: chromosome, start, end", fields.size());
    BedRegion region;
    region.chrom = trim(fields[0]);
    region.start = reader.parse_int(trim(fields[1]), "start");
    region.end = reader.parse_int(trim(fields[2]), "end");
    region.line = reader.line_number();
    if (region.chrom.empty()) reader.fail("the chromosome is empty");
    if (region.start < 0) reader.fail("start {} is below 0; BED counts from 0", region.start);
    if (region.end <= region.start)
      reader.fail("end {} is not behind start {}: a region holds at least one base", region.end,
                  region.start);
    if (fields.size() > 3 && trim(fields[3]) != ".") region.name = trim(fields[3]);
    if (region.name.empty())
      region.name = fmt::format("{}:{}-{}", region.chrom, region.start, region.end);
    regions.push_back(std::move(region));
  }
  if (regions.empty()) throw Error("{}: no region", path.string());
  return regions;
}

}  // namespace cohesin
