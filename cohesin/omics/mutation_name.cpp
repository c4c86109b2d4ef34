#include "cohesin/omics/mutation_name.h"

#include <algorithm>
#include <charconv>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr std::string_view kResidues = "ACDEFGHIKLMNPQRSTVWYUO";

void require_residue(char letter, std::string_view name) {
  if (kResidues.find(letter) != std::string_view::npos) return;
  throw Error("'{}': '{}' is no amino acid; expected one of {}, in upper case", name, letter,
              kResidues);
}

Substitution parse_one(std::string_view text) {
  Substitution one;
  const char* const end = text.data() + text.size();
  const auto is_digit = [](char letter) { return letter >= '0' && letter <= '9'; };
  const bool may_be = text.size() >= 3 && !is_digit(text.front()) && !is_digit(text.back());
  const auto [after, status] =
      may_be ? std::from_chars(text.data() + 1, end - 1, one.position)
             : std::from_chars_result{text.data(), std::errc::invalid_argument};
  if (status != std::errc() || after != end - 1)
    throw Error(
        "'{}' is no substitution; expected a residue, its number and the new residue, as in A23V "
        "(several joined by ':')",
        text);
  one.reference = text.front();
  one.alternative = text.back();
  require_residue(one.reference, text);
  if (one.alternative != '*') require_residue(one.alternative, text);
  return one;
}

}  // namespace

std::string Substitution::name() const {
  return fmt::format("{}{}{}", reference, position, alternative);
}

std::vector<Substitution> parse_mutation_name(std::string_view name) {
  std::vector<Substitution> all;
  for (size_t begin = 0; begin <= name.size();) {
    const size_t end = std::min(name.find_first_of(":,", begin), name.size());
    std::string_view text = name.substr(begin, end - begin);
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    all.push_back(parse_one(text));
    begin = end + 1;
  }
  std::sort(all.begin(), all.end(),
            [](const Substitution& a, const Substitution& b) { return a.position < b.position; });
  for (size_t i = 1; i < all.size(); ++i)
    if (all[i].position == all[i - 1].position)
      throw Error("'{}' changes position {} twice", name, all[i].position);
  return all;
}

}  // namespace cohesin
