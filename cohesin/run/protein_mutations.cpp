#include "cohesin/run/protein_mutations.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/base/log.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/fasta.h"

namespace cohesin {
namespace {

const std::vector<std::string> kMutationNames = {"mutant", "mutation", "mutations", "variant"};
const std::vector<std::string> kProteinNames = {"sequence", "protein", "name"};

std::string place(const TextTable& table, size_t row) {
  return fmt::format("{}:{}", table.path.string(), table.lines[row]);
}

size_t mutation_column(const TextTable& table, const std::string& column) {
  if (!column.empty()) return table.column(column);
  const size_t found = table.first_of(kMutationNames);
  if (found != TextTable::npos) return found;
  if (table.header.size() == 1)
    throw Error("{}: its first line is '{}', not the name of a column; expected mutant",
                table.path.string(), table.header.front());
  std::string nearest;
  for (const auto& name : kMutationNames)
    if (nearest.empty()) nearest = nearest_name(name, table.header);
  throw Error("{}: no column of mutations ({}); name it with --column{}; columns: {}",
              table.path.string(), fmt::join(kMutationNames, ", "),
              nearest.empty() ? "" : fmt::format(" (is it '{}'?)", nearest),
              fmt::join(table.header, ", "));
}

class MutationReader {
 public:
  MutationReader(const TextTable& table, const std::vector<Protein>& proteins, int64_t offset)
      : table_(table), proteins_(proteins), offset_(offset) {
    for (size_t i = 0; i < proteins.size(); ++i) {
      index_[proteins[i].name] = i;
      names_.push_back(proteins[i].name);
    }
    if (proteins.size() < 2) return;
    protein_column_ = table.first_of(kProteinNames);
    if (protein_column_ == TextTable::npos)
      throw Error(
          "{}: the FASTA file holds {} proteins; the table needs a column 'protein' that says "
          "which "
          "one each row is about; columns: {}",
          table.path.string(), proteins.size(), fmt::join(table.header, ", "));
  }

  ProteinMutation read(size_t row, const std::string& name) const {
    try {
      return {row, protein_of(row), parse_mutation_name(name)};
    } catch (const Error& error) {
      throw Error("{}: {}", place(table_, row), error.what());
    }
  }

  // Positions of the names become those of the protein.
  void place_in_protein(ProteinMutation& mutation, const std::vector<ProteinMutation>& all) const {
    const Protein& protein = proteins_[mutation.protein];
    const auto length = static_cast<int64_t>(protein.letters.size());
    for (auto& one : mutation.substitutions) {
      const int64_t position = one.position - offset_;
      if (position < 0 || position >= length)
        throw Error("{}: {}: '{}' has the positions {} to {}{}", place(table_, mutation.row),
                    one.name(), protein.name, offset_, offset_ + length - 1,
                    offset_hint(mutation.protein, all));
      const char found = protein.letters[static_cast<size_t>(position)];
      if (found != one.reference)
        throw Error("{}: {}: '{}' has {} at position {}{}", place(table_, mutation.row), one.name(),
                    protein.name, found, one.position, offset_hint(mutation.protein, all));
      one.position = position;
    }
  }

 private:
  size_t protein_of(size_t row) const {
    if (protein_column_ == TextTable::npos) return 0;
    const std::string& name = table_.rows[row][protein_column_];
    if (const auto found = index_.find(name); found != index_.end()) return found->second;
    const std::string nearest = nearest_name(name, names_);
    throw Error("the FASTA file has no protein '{}'{}", name,
                nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
  }

  bool fits(const std::string& letters, const ProteinMutation& mutation, int64_t offset) const {
    return std::all_of(mutation.substitutions.begin(), mutation.substitutions.end(),
                       [&](const Substitution& one) {
                         const int64_t at = one.position - offset;
                         return at >= 0 && at < static_cast<int64_t>(letters.size()) &&
                                letters[static_cast<size_t>(at)] == one.reference;
                       });
  }

  // " (all fit --offset 24)", if that is the only one. `all` as they were read.
  std::string offset_hint(size_t protein, const std::vector<ProteinMutation>& all) const {
    const std::string& letters = proteins_[protein].letters;
    std::vector<const ProteinMutation*> own;
    for (const auto& mutation : all)
      if (mutation.protein == protein) own.push_back(&mutation);
    std::optional<int64_t> found;
    const int64_t first = own.front()->substitutions.front().position;
    for (int64_t at = 0; at < static_cast<int64_t>(letters.size()); ++at) {
      const int64_t offset = first - at;
      if (!std::all_of(own.begin(), own.end(),
                       [&](const auto* mutation) { return fits(letters, *mutation, offset); }))
        continue;
      if (found) return "";
      found = offset;
    }
    if (!found || *found == offset_) return "; are these the mutations of this protein?";
    return fmt::format("; all {} of its mutations fit --offset {}", own.size(), *found);
  }

  const TextTable& table_;
  const std::vector<Protein>& proteins_;
  int64_t offset_;
  std::map<std::string, size_t> index_;
  std::vector<std::string> names_;
  size_t protein_column_ = TextTable::npos;
};

}  // namespace

std::vector<Protein> read_proteins(const std::filesystem::path& fasta,
                                   const SequenceTokenizer& tokenizer) {
  std::vector<Protein> proteins;
  std::map<std::string, int64_t> lines;
  SequenceChanges changes;
  FastaReader reader(fasta);
  for (Sequence record; reader.next(record);) {
    const auto [first, is_new] = lines.emplace(record.id, reader.header_line());
    if (!is_new)
      throw Error("{}:{}: a second '{}' (the first is in line {})", fasta.string(),
                  reader.header_line(), record.id, first->second);
    try {
      proteins.push_back({record.id, tokenizer.clean(record, changes).letters});
    } catch (const Error& error) {
      throw Error("{}:{}: {}", fasta.string(), reader.header_line(), error.what());
    }
  }
  for (const auto& line : changes.describe()) log_warning("{}", line);
  return proteins;
}

std::vector<ProteinMutation> read_mutations(const TextTable& table, const std::string& column,
                                            const std::vector<Protein>& proteins, int64_t offset) {
  const size_t names = mutation_column(table, column);
  const MutationReader reader(table, proteins, offset);
  std::vector<ProteinMutation> all;
  int64_t num_unchanged = 0;
  for (size_t row = 0; row < table.rows.size(); ++row)
    all.push_back(reader.read(row, table.rows[row][names]));
  std::vector<ProteinMutation> placed = all;
  for (auto& mutation : placed) {
    reader.place_in_protein(mutation, all);
    num_unchanged += std::all_of(mutation.substitutions.begin(), mutation.substitutions.end(),
                                 [](const auto& one) { return one.reference == one.alternative; });
  }
  const auto has_stop = [](const ProteinMutation& mutation) {
    return std::any_of(mutation.substitutions.begin(), mutation.substitutions.end(),
                       [](const auto& one) { return one.alternative == '*'; });
  };
  const auto first = std::find_if(placed.begin(), placed.end(), has_stop);
  if (first != placed.end())
    log_warning(
        "{} of {} variants hold a stop, which the model has no word for; their scores stay "
        "empty (first: {}: {})",
        std::count_if(placed.begin(), placed.end(), has_stop), placed.size(),
        place(table, first->row), table.rows[first->row][names]);
  if (num_unchanged > 0)
    log_info("{} of {} variants are synonymous: their effect is 0", num_unchanged, placed.size());
  placed.erase(std::remove_if(placed.begin(), placed.end(), has_stop), placed.end());
  return placed;
}

std::vector<double> numbers_of_column(const TextTable& table, const std::string& column) {
  const size_t at = table.column(column);
  std::vector<double> numbers;
  for (size_t row = 0; row < table.rows.size(); ++row) {
    const std::string& field = table.rows[row][at];
    double& number = numbers.emplace_back(std::numeric_limits<double>::quiet_NaN());
    if (means_missing(field)) continue;
    const auto [end, status] = std::from_chars(field.data(), field.data() + field.size(), number);
    if (status != std::errc() || end != field.data() + field.size() || !std::isfinite(number))
      throw Error("{}: column '{}': '{}' is no number", place(table, row), column, field);
  }
  return numbers;
}

}  // namespace cohesin
