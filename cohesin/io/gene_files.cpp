#include "cohesin/io/gene_files.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <unordered_set>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/omics/gene_id.h"

namespace cohesin {

namespace {

bool names_a_column(std::string_view field) {
  static constexpr std::array<std::string_view, 18> kHeaders{
      "gene",   "genes",  "gene_id",     "gene_name", "gene_symbol", "geneid",
      "symbol", "hugo",   "hugo_symbol", "ensembl",   "ensembl_id",  "ensembl_gene_id",
      "probe",  "probes", "probe_id",    "alias",     "feature",     "value"};
  std::string lower;
  for (const char c : field)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::find(kHeaders.begin(), kHeaders.end(), lower) != kHeaders.end();
}

std::string_view unquoted(std::string_view field) {
  field = trim(field);
  if (field.size() >= 2 && field.front() == '"' && field.back() == '"')
    return field.substr(1, field.size() - 2);
  return field;
}

// Hands each record to `take(reader, fields)`; throws Error if there is none.
template <typename Take>
void for_each_record(const std::filesystem::path& path, size_t fewest, size_t most,
                     const Take& take) {
  TextReader reader(path, {"#"});
  std::string line;
  char separator = 0;
  int64_t num_records = 0;
  while (reader.next_line(line)) {
    if (trim(line).empty()) continue;
    const bool is_first = separator == 0;
    if (is_first) separator = line.find('\t') != std::string::npos ? '\t' : ',';
    std::vector<std::string_view> fields = split(line, separator);
    for (auto& field : fields) field = unquoted(field);
    if (is_first && names_a_column(fields[0])) continue;
    if (fields.size() < fewest || fields.size() > most)
      reader.fail("expected {} fields, got {}",
                  fewest == most ? fmt::format("{}", most) : fmt::format("{} or {}", fewest, most),
                  fields.size());
    if (fields[0].empty()) reader.fail("the first field is empty");
    take(reader, fields);
    ++num_records;
  }
  if (num_records == 0) throw Error("{}: holds no record", path.string());
}

bool starts_as_features(const std::filesystem::path& path) {
  TextReader reader(path, {"#"});
  std::string line;
  return reader.next_line(line) && line.rfind("feature\t", 0) == 0;
}

}  // namespace

GeneList read_gene_list(const std::filesystem::path& path) {
  GeneList list;
  std::unordered_set<std::string> seen;
  bool any_name = false;
  // A checkpoint's features.tsv has a 0/1 column a modality after the gene.
  constexpr size_t kMostColumns = 64;
  const bool is_axis = starts_as_features(path);
  for_each_record(path, 1, is_axis ? kMostColumns : 2, [&](const auto& reader, const auto& fields) {
    list.ids.emplace_back(fields[0]);
    if (!seen.insert(list.ids.back()).second)
      reader.fail("gene '{}' occurs twice", list.ids.back());
    if (is_axis) return;
    list.names.emplace_back(fields.size() > 1 ? fields[1] : std::string_view());
    any_name = any_name || fields.size() > 1;
  });
  if (!any_name) list.names.clear();
  return list;
}

Aliases read_aliases(const std::filesystem::path& path) {
  Aliases aliases;
  for_each_record(path, 2, 2, [&](const TextReader& reader, const auto& fields) {
    if (fields[1].empty()) reader.fail("alias '{}' has no gene", fields[0]);
    aliases[std::string(fields[0])].emplace_back(fields[1]);
  });
  return aliases;
}

std::unordered_map<std::string, double> read_gene_lengths(const std::filesystem::path& path) {
  std::unordered_map<std::string, double> lengths;
  for_each_record(path, 2, 2, [&](const TextReader& reader, const auto& fields) {
    const double length = reader.parse_number(fields[1], "length");
    if (!(length > 0)) reader.fail("gene '{}' has the length {}", fields[0], length);
    const auto [found, is_new] =
        lengths.emplace(unversioned_gene_id(std::string(fields[0])), length);
    if (!is_new && found->second != length)
      reader.fail("gene '{}' has two lengths, {} and {}", fields[0], found->second, length);
  });
  return lengths;
}

std::map<std::string, std::string> read_class_names(const std::filesystem::path& path) {
  std::map<std::string, std::string> names;
  for_each_record(path, 2, 2, [&](const TextReader& reader, const auto& fields) {
    if (fields[1].empty()) reader.fail("value '{}' has no name", fields[0]);
    std::string value(fields[0]);
    double number = 0;
    const char* end = value.data() + value.size();
    const auto parsed = std::from_chars(value.data(), end, number);
    if (parsed.ec == std::errc() && parsed.ptr == end) value = fmt::format("{}", number);
    if (!names.emplace(value, fields[1]).second) reader.fail("value '{}' occurs twice", fields[0]);
  });
  return names;
}

}  // namespace cohesin
