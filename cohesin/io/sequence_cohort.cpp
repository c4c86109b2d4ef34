#include "cohesin/io/sequence_cohort.h"

#include <algorithm>
#include <cctype>
#include <unordered_map>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/fasta.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/io/text_table.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

constexpr const char* kGroup = "patient";  // of obs: what splits keep together

bool begins_as_fasta(const fs::path& path) {
  TextReader reader(path);
  std::string_view line;
  while (reader.next_line(line))
    if (!trim(line).empty()) return trim(line).front() == '>';
  return false;
}

std::string upper_case(std::string text) {
  for (char& letter : text)
    letter = static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
  return text;
}

// The first sample with the same sequence, for each.
std::vector<std::string> groups_by_sequence(const MultiOmics& cohort) {
  std::unordered_map<std::string, size_t> first;
  std::vector<std::string> groups;
  const auto& letters = cohort.sequences.front().letters;
  for (size_t i = 0; i < letters.size(); ++i)
    groups.push_back(cohort.obs.index[first.emplace(upper_case(letters[i]), i).first->second]);
  return groups;
}

// Groups that the table gives stay; the same sequence in two of them is said aloud.
void set_groups(MultiOmics& cohort) {
  const std::vector<std::string> by_sequence = groups_by_sequence(cohort);
  const Column* given = cohort.obs.find(kGroup);
  if (given == nullptr) {
    cohort.obs.set({kGroup, by_sequence});
    return;
  }
  std::unordered_map<std::string, std::string> group_of;
  int64_t num_divided = 0;
  std::string first;
  const std::vector<std::string> text = column_as_text(*given);
  for (size_t i = 0; i < text.size(); ++i) {
    if (group_of.emplace(by_sequence[i], text[i]).first->second == text[i]) continue;
    if (num_divided++ == 0) first = cohort.obs.index[i];
  }
  if (num_divided > 0)
    log_warning(
        "{} samples have the sequence of another sample in another group (first: {}); a split may "
        "put them on both sides",
        num_divided, first);
  cohort.obs.set({kGroup, text});
}

void require_unique(const MultiOmics& cohort, const std::vector<int64_t>& lines,
                    const fs::path& path) {
  std::unordered_map<std::string, size_t> seen;
  for (size_t i = 0; i < cohort.obs.index.size(); ++i)
    if (const auto [found, is_new] = seen.emplace(cohort.obs.index[i], i); !is_new)
      throw Error("{}:{}: sample '{}' stands in line {} already", path.string(), lines[i],
                  cohort.obs.index[i], lines[found->second]);
}

MultiOmics read_records(const fs::path& path, std::vector<int64_t>& lines) {
  MultiOmics cohort;
  SequenceModality sequences{kSequenceModality, {}};
  FastaReader reader(path);
  Sequence record;
  while (reader.next(record)) {
    cohort.obs.index.push_back(record.id);
    sequences.letters.push_back(record.letters);
    lines.push_back(reader.header_line());
  }
  cohort.sequences.push_back(std::move(sequences));
  return cohort;
}

std::vector<std::string> take_column(const TextTable& table, size_t column) {
  std::vector<std::string> fields;
  for (const auto& row : table.rows) fields.push_back(row[column]);
  return fields;
}

MultiOmics read_rows(const fs::path& path, std::vector<int64_t>& lines) {
  const TextTable table = read_text_table(path);
  const size_t letters = table.first_of({kSequenceModality, "seq"});
  if (letters == TextTable::npos)
    throw Error("{}: no column 'sequence'; its columns are: {}", path.string(),
                fmt::join(table.header, ", "));
  MultiOmics cohort;
  cohort.sequences.push_back({kSequenceModality, take_column(table, letters)});
  const auto& sequences = cohort.sequences.front().letters;
  lines = table.lines;
  for (size_t i = 0; i < sequences.size(); ++i)
    if (sequences[i].empty()) throw Error("{}:{}: the sequence is empty", path.string(), lines[i]);
  const size_t sample = table.first_of({"sample"});
  const size_t group = table.first_of({kGroup, "group"});
  for (size_t i = 0; i < sequences.size(); ++i) {
    cohort.obs.index.push_back(sample == TextTable::npos ? std::to_string(i + 1)
                                                         : table.rows[i][sample]);
    if (cohort.obs.index.back().empty())
      throw Error("{}:{}: the sample has no name", path.string(), lines[i]);
  }
  for (size_t c = 0; c < table.header.size(); ++c) {
    if (c == letters || c == sample) continue;
    std::vector<std::string> fields = take_column(table, c);
    bool a_letter_each = true;
    for (size_t i = 0; i < fields.size(); ++i)
      a_letter_each = a_letter_each && fields[i].size() == sequences[i].size();
    const std::string name = c == group ? kGroup : table.header[c];
    if (a_letter_each || c == group)
      cohort.obs.set({name, std::move(fields)});
    else
      cohort.obs.set(typed_column(name, std::move(fields)));
  }
  return cohort;
}

}  // namespace

MultiOmics read_sequence_cohort(const fs::path& path) {
  std::vector<int64_t> lines;
  MultiOmics cohort = begins_as_fasta(path) ? read_records(path, lines) : read_rows(path, lines);
  require_unique(cohort, lines, path);
  set_groups(cohort);
  return cohort;
}

}  // namespace cohesin
