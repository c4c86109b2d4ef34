#include "cohesin/encode/letter_rules.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

enum Kind : uint8_t {
  kLower = 1,
  kRna = 2,
  kAmbiguous = 4,
  kGap = 8,
  kSpace = 16,
  kStop = 32,
  kForeign = 64,  // no policy lets it pass
};

constexpr char kUnknown = '?';
// A protein of this length without any other residue than A C G T (U N) has a chance of 1e-15.
constexpr size_t kLooksLikeDnaFrom = 20;

void check_choice(const char* field, const std::string& value,
                  const std::vector<std::string>& choices) {
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return;
  std::string list;
  for (const auto& choice : choices) list += (list.empty() ? "" : ", ") + choice;
  throw Error("sequence tokenizer: '{}' is '{}'; expected one of: {}", field, value, list);
}

std::string shown(char letter) {
  const auto byte = static_cast<unsigned char>(letter);
  return byte >= 32 && byte < 127 ? fmt::format("'{}'", letter) : fmt::format("byte {}", byte);
}

bool looks_like_bases(std::string_view letters) {
  constexpr std::string_view kBases = "ACGTUNacgtun";
  return letters.size() >= kLooksLikeDnaFrom &&
         letters.find_first_not_of(kBases) == std::string_view::npos;
}

}  // namespace

void SequenceChanges::note(const std::string& what, int64_t num_letters, int64_t num_sequences,
                           const std::string& first) {
  for (auto& change : changes) {
    if (change.what != what) continue;
    change.letters += num_letters;
    change.sequences += num_sequences;
    return;
  }
  changes.push_back({what, num_letters, num_sequences, first});
}

SequenceChanges& SequenceChanges::operator+=(const SequenceChanges& later) {
  letters += later.letters;
  sequences += later.sequences;
  for (const auto& change : later.changes)
    note(change.what, change.letters, change.sequences, change.first);
  return *this;
}

std::vector<std::string> SequenceChanges::describe() const {
  std::vector<std::string> lines;
  for (const auto& change : changes)
    lines.push_back(fmt::format("{} letter{} in {} of {} sequence{}: {} (first: {})",
                                change.letters, change.letters == 1 ? "" : "s", change.sequences,
                                sequences, sequences == 1 ? "" : "s", change.what, change.first));
  return lines;
}

LetterRules::LetterRules(Alphabet alphabet, LetterPolicies policies)
    : alphabet_(alphabet), policies_(std::move(policies)) {
  check_choice("lower_case", policies_.lower_case, {"upper", "error"});
  check_choice("rna", policies_.rna, {"convert", "error"});
  check_choice("ambiguous", policies_.ambiguous, {"any", "unk", "error"});
  check_choice("gaps", policies_.gaps, {"remove", "keep", "error"});
  check_choice("stop", policies_.stop, {"remove", "any", "error"});
  for (auto& rule : rules_) rule.kinds = kForeign;
  for (const char space : {' ', '\t', '\r', '\v', '\f', '\n'}) set_rule(space, 0, kSpace);
  if (alphabet_ == Alphabet::kProtein) {
    set_residues();
  } else {
    set_bases();
  }
  refused_kinds_ = kForeign;
  if (policies_.lower_case == "error") refused_kinds_ |= kLower;
  if (policies_.rna == "error") refused_kinds_ |= kRna;
  if (policies_.ambiguous == "error") refused_kinds_ |= kAmbiguous;
  if (policies_.gaps == "error") refused_kinds_ |= kGap | kSpace;
}

void LetterRules::set_rule(char letter, char becomes, uint8_t kinds) {
  rules_[static_cast<unsigned char>(letter)] = {becomes, kinds};
  if (letter >= 'A' && letter <= 'Z')
    rules_[static_cast<unsigned char>(letter - 'A' + 'a')] = {becomes,
                                                              static_cast<uint8_t>(kinds | kLower)};
}

void LetterRules::set_bases() {
  for (const char base : {'A', 'C', 'G', 'T', 'N'}) set_rule(base, base, 0);
  set_rule('U', 'T', kRna);
  const char ambiguous = policies_.ambiguous == "unk" ? kUnknown : 'N';
  // X is no IUPAC code, but what some programs write over repeats and vectors.
  for (const char code : {'R', 'Y', 'K', 'M', 'S', 'W', 'B', 'D', 'H', 'V', 'X'})
    set_rule(code, ambiguous, kAmbiguous);
  for (const char gap : {'-', '.'}) set_rule(gap, policies_.gaps == "keep" ? 'N' : 0, kGap);
}

void LetterRules::set_residues() {
  for (char residue = 'A'; residue <= 'Z'; ++residue) set_rule(residue, residue, 0);
  set_rule('J', policies_.ambiguous == "unk" ? kUnknown : 'X',
           kAmbiguous);  // leucine or isoleucine
  const bool keeps_gaps = policies_.gaps == "keep";
  for (const char gap : {'-', '.'}) set_rule(gap, keeps_gaps ? gap : 0, keeps_gaps ? 0 : kGap);
  set_rule('*', 'X', kStop);
}

// Where nothing but stops, gaps and white space follows.
size_t LetterRules::end_of_residues(std::string_view letters) const {
  size_t end = letters.size();
  while (end > 0 && (letters[end - 1] == '*' || (rule(letters[end - 1]).kinds & (kGap | kSpace))))
    --end;
  return end;
}

CleanLetters LetterRules::clean(std::string_view letters, const std::string& id,
                                SequenceChanges& changes) const {
  ++changes.sequences;
  changes.letters += static_cast<int64_t>(letters.size());
  if (alphabet_ == Alphabet::kProtein && looks_like_bases(letters))
    changes.note("only A, C, G, T, U and N, read as residues: are these bases, not a protein?",
                 static_cast<int64_t>(letters.size()), 1, id);
  uint8_t kinds = 0;
  for (const char letter : letters) kinds |= rule(letter).kinds;
  if (kinds == 0) return {std::string(letters), {}};
  return clean_slowly(letters, id, changes);
}

CleanLetters LetterRules::clean_slowly(std::string_view letters, const std::string& id,
                                       SequenceChanges& changes) const {
  struct Count {
    int64_t letters = 0;
    size_t first = 0;
  };
  std::array<Count, 8> counts{};  // by bit of Kind; the last bit is free for stops inside
  constexpr size_t kStopInside = 7;
  const size_t end = end_of_residues(letters);
  CleanLetters clean;
  clean.letters.reserve(letters.size());
  clean.positions.reserve(letters.size());
  for (size_t i = 0; i < letters.size(); ++i) {
    const Rule found = rule(letters[i]);
    if ((found.kinds & refused_kinds_) != 0) refuse(letters, i, found.kinds, id);
    const bool is_stop = (found.kinds & kStop) != 0;
    if (is_stop && (policies_.stop == "error" || (policies_.stop == "remove" && i < end)))
      refuse(letters, i, found.kinds, id);
    for (size_t bit = 0; bit < kStopInside; ++bit) {
      if ((found.kinds >> bit & 1) == 0) continue;
      Count& count = counts[is_stop && i < end ? kStopInside : bit];
      if (count.letters++ == 0) count.first = i;
    }
    if (found.becomes == 0 || (is_stop && i >= end)) continue;
    clean.letters.push_back(found.becomes);
    clean.positions.push_back(static_cast<int64_t>(i));
  }
  if (clean.letters.size() == letters.size()) clean.positions.clear();
  for (size_t bit = 0; bit < counts.size(); ++bit) {
    if (counts[bit].letters == 0) continue;
    const bool is_inside = bit == kStopInside;
    const uint8_t kind = is_inside ? uint8_t{kStop} : static_cast<uint8_t>(1U << bit);
    const size_t first = counts[bit].first;
    changes.note(what_is_done(kind, is_inside), counts[bit].letters, 1,
                 fmt::format("{}: letter {} is {}", id, first + 1, shown(letters[first])));
  }
  return clean;
}

std::string LetterRules::what_is_done(uint8_t kind, bool is_inside) const {
  const bool is_protein = alphabet_ == Alphabet::kProtein;
  const std::string any = is_protein ? "X" : "N";
  switch (kind) {
    case kLower:
      return "lower case, read as upper case";
    case kRna:
      return "U, read as T";
    case kAmbiguous:
      return "not in the model's vocabulary, read as " +
             (policies_.ambiguous == "unk" ? "<unk>" : any);
    case kGap:
      return policies_.gaps == "keep" ? "gaps, read as " + any : "gaps, removed";
    case kSpace:
      return "white space, removed";
    default:
      return is_inside ? "stop codons ('*') inside, read as X"
                       : "stop codons ('*') at the end, removed";
  }
}

void LetterRules::refuse(std::string_view letters, size_t position, uint8_t kinds,
                         const std::string& id) const {
  const char letter = letters[position];
  const std::string place = fmt::format("{}: letter {} is {}", id, position + 1, shown(letter));
  const bool is_protein = alphabet_ == Alphabet::kProtein;
  if ((kinds & kForeign) != 0) {
    const bool is_residue = !is_protein && std::isalpha(static_cast<unsigned char>(letter)) != 0;
    throw Error("{}, which stands for no {}{}", place, is_protein ? "residue" : "base",
                is_residue ? "; is this a protein? The model reads DNA or RNA" : "");
  }
  if ((kinds & kStop) != 0) {
    if (policies_.stop == "error")
      throw Error(
          "{}, a stop codon, and the tokenizer's 'stop' is error; remove it, or set 'stop' "
          "to remove",
          place);
    throw Error(
        "{}, a stop codon inside the protein; is the reading frame right? To read it as X "
        "set the tokenizer's 'stop' to any",
        place);
  }
  if ((kinds & refused_kinds_ & kLower) != 0)
    throw Error("{}, in lower case, and the tokenizer's 'lower_case' is error; set it to upper",
                place);
  if ((kinds & kRna) != 0)
    throw Error("{}, RNA, and the tokenizer's 'rna' is error; set it to convert to read it as T",
                place);
  if ((kinds & kAmbiguous) != 0)
    throw Error(
        "{}, which the model's vocabulary lacks, and the tokenizer's 'ambiguous' is error; "
        "set it to any ({}) or unk",
        place, is_protein ? "X" : "N");
  throw Error("{}, a gap, and the tokenizer's 'gaps' is error; set it to remove or keep", place);
}

}  // namespace cohesin
