#include "cohesin/io/gdc_file.h"

#include <algorithm>

#include "cohesin/base/error.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {

namespace {

const char* star_column(const FileUnit& unit) {
  using Kind = FileUnit::Kind;
  if (unit.kind == Kind::kCounts) return "unstranded";
  return unit.kind == Kind::kFpkm ? "fpkm_unstranded" : "tpm_unstranded";
}

float checked_value(const TextReader& reader, const FileUnit& unit, std::string_view field,
                    std::string_view feature) {
  const double value = reader.parse_number(field, feature);
  if (const char* reason = unit_violation(unit, value))
    reader.fail("'{}' is {}: {}", feature, value, reason);
  int64_t num_clipped = 0;
  return static_cast<float>(convert_value(unit, value, num_clipped));
}

}  // namespace

bool is_star_counts(const std::filesystem::path& path) {
  TextReader reader(path, {"#"});
  std::string_view line;
  return reader.next_line(line) && line.substr(0, 8) == "gene_id\t";
}

GdcFile read_star_counts(const std::filesystem::path& path, const FileUnit& unit) {
  TextReader reader(path, {"#"});
  std::string_view line;
  if (!reader.next_line(line)) throw Error("{}: is empty", path.string());
  std::vector<std::string_view> fields = split(line, '\t');
  const std::vector<std::string> header(fields.begin(), fields.end());
  const auto column_of = [&](const std::string& name) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end())
      reader.fail("no column '{}' in the header of STAR counts; columns: {}", name,
                  fmt::join(header, ", "));
    return static_cast<size_t>(found - header.begin());
  };
  const size_t id = column_of("gene_id"), name = column_of("gene_name"),
               value = column_of(star_column(unit));
  GdcFile file;
  while (reader.next_line(line)) {
    split(line, '\t', fields);
    if (fields.size() != header.size())
      reader.fail("expected {} fields as in the header, got {}", header.size(), fields.size());
    if (fields[id].empty()) reader.fail("the row has no gene_id");
    if (fields[id].substr(0, 2) == "N_") {
      ++file.num_summary_rows;
      continue;
    }
    file.features.emplace_back(fields[id]);
    file.gene_names.emplace_back(fields[name]);
    file.values.push_back(checked_value(reader, unit, fields[value], fields[id]));
  }
  if (file.features.empty()) throw Error("{}: has a header and no genes", path.string());
  return file;
}

GdcFile read_level3betas(const std::filesystem::path& path, const FileUnit& unit) {
  TextReader reader(path);
  GdcFile file;
  std::vector<std::string_view> fields;
  for (std::string_view line; reader.next_line(line);) {
    split(line, '\t', fields);
    if (fields.size() != 2)
      reader.fail("expected 2 fields (probe, beta or NA), got {}", fields.size());
    if (fields[0].empty()) reader.fail("the row has no probe");
    file.features.emplace_back(fields[0]);
    file.values.push_back(means_missing(fields[1])
                              ? kNotMeasured
                              : checked_value(reader, unit, fields[1], fields[0]));
  }
  if (file.features.empty()) throw Error("{}: is empty", path.string());
  return file;
}

}  // namespace cohesin
