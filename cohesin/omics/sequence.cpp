#include "cohesin/omics/sequence.h"

#include <array>
#include <charconv>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Complements of the IUPAC nucleotide codes (Cornish-Bowden 1985, doi:10.1093/nar/13.9.3021); 0 =
// no base.
std::array<char, 256> complements(Alphabet alphabet) {
  constexpr std::string_view kFrom = "ACGTURYKMBVDHSWN-.";
  constexpr std::string_view kTo = "TGCAAYRMKVBHDSWN-.";
  std::array<char, 256> table{};
  for (size_t i = 0; i < kFrom.size(); ++i) {
    const bool is_paired_with_u = kFrom[i] == 'A' && alphabet == Alphabet::kRna;
    const char to = is_paired_with_u ? 'U' : kTo[i];
    const bool is_letter = kFrom[i] >= 'A';
    table[static_cast<unsigned char>(kFrom[i])] = to;
    if (is_letter)
      table[static_cast<unsigned char>(kFrom[i] - 'A' + 'a')] = static_cast<char>(to - 'A' + 'a');
  }
  return table;
}

bool take_number(std::string_view text, int64_t& value) {
  if (text.empty() || text.front() == '-') return false;
  const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value);
  return status == std::errc() && end == text.data() + text.size();
}

}  // namespace

std::string alphabet_name(Alphabet alphabet) {
  switch (alphabet) {
    case Alphabet::kProtein:
      return "protein";
    case Alphabet::kDna:
      return "DNA";
    case Alphabet::kRna:
      return "RNA";
  }
  return "";
}

std::string reverse_complement(std::string_view letters, Alphabet alphabet) {
  if (alphabet == Alphabet::kProtein) throw Error("a protein has no reverse complement");
  static const auto kDna = complements(Alphabet::kDna);
  static const auto kRna = complements(Alphabet::kRna);
  const auto& table = alphabet == Alphabet::kRna ? kRna : kDna;
  std::string reversed(letters.size(), '\0');
  for (size_t i = 0; i < letters.size(); ++i) {
    const char base = table[static_cast<unsigned char>(letters[i])];
    if (base == 0)
      throw Error("letter {} is '{}', which is no base and has no complement", i + 1, letters[i]);
    reversed[letters.size() - 1 - i] = base;
  }
  return reversed;
}

std::optional<NamedSlice> parse_slice_name(std::string_view name, int64_t length) {
  const std::string_view place = name.substr(0, name.find('|'));
  const size_t colon = place.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  const std::string_view range = place.substr(colon + 1);
  const size_t dash = range.find('-');
  int64_t first = 0, last = 0;
  if (dash == std::string_view::npos || !take_number(range.substr(0, dash), first) ||
      !take_number(range.substr(dash + 1), last))
    return std::nullopt;
  const std::string chrom(place.substr(0, colon));
  if (last - first == length) return NamedSlice{chrom, first, last};
  if (last - first + 1 == length && first >= 1) return NamedSlice{chrom, first - 1, last};
  throw Error(
      "sequence '{}' has {} letters, but its name says {} (0-based, half-open) or {} (1-based, "
      "inclusive{}); correct the name, or rename the sequence if it is no slice",
      name, length, last - first, last - first + 1, first == 0 ? ", which cannot begin at 0" : "");
}

}  // namespace cohesin
