#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/omics/sequence.h"

namespace cohesin {

// What becomes of letters that are in sequence files but not in a model's vocabulary.
struct LetterPolicies {
  std::string lower_case = "upper";
  std::string rna = "convert";
  std::string ambiguous = "any";
  std::string gaps = "remove";
  std::string stop = "remove";

  void visit(Fields& field) {
    field("lower_case", lower_case, "lower-case (soft-masked) letters: upper (case) or error");
    field("rna", rna, "U where the model knows DNA: convert (to T) or error");
    field("ambiguous", ambiguous,
          "letters that the model lacks (IUPAC codes such as R; J in proteins): any (N for bases, "
          "X for residues), unk (<unk>, one a letter) or error");
    field("gaps", gaps,
          "'-', '.' and white space: remove, keep (as ESM's own tokens, or N; white space goes) "
          "or error");
    field("stop", stop,
          "'*' in proteins: remove (at the end; one inside is an error), any (at the end removed, "
          "inside X) or error");
  }
};

// One kind of change that sequences went through on their way to a model.
struct SequenceChange {
  std::string what;  // "lower case, read as upper case"
  int64_t letters = 0;
  int64_t sequences = 0;
  std::string first;  // "P69905: letter 3 is 'v'"
};

// All of them, with what they are part of.
struct SequenceChanges {
  int64_t letters = 0;
  int64_t sequences = 0;
  std::vector<SequenceChange> changes;

  void note(const std::string& what, int64_t num_letters, int64_t num_sequences,
            const std::string& first);
  SequenceChanges& operator+=(const SequenceChanges& later);
  // A line each: "12 letters in 3 of 100 sequences: WHAT (first: P69905: letter 3 is 'v')".
  std::vector<std::string> describe() const;
};

// Letters of a model's alphabet alone; '?' stands for <unk>.
struct CleanLetters {
  std::string letters;
  std::vector<int64_t> positions;  // of each letter in what came in; empty = nothing was removed
};

// Applies policies to whole sequences. Bases: A C G T N; residues: the letters A to Z but J, and
// '-' and '.' where gaps are kept.
class LetterRules {
 public:
  // Throws Error for a policy that does not exist.
  LetterRules(Alphabet alphabet, LetterPolicies policies);

  // Throws Error naming `id`, the letter and its place (1-based) where a policy refuses it, and for
  // what stands for no base or residue at all, such as digits, or E in DNA.
  CleanLetters clean(std::string_view letters, const std::string& id,
                     SequenceChanges& changes) const;

 private:
  struct Rule {
    char becomes = 0;   // 0 = removed
    uint8_t kinds = 0;  // bits of Kind in letter_rules.cpp; 0 = kept as it is
  };
  void set_rule(char letter, char becomes, uint8_t kinds);
  void set_bases();
  void set_residues();
  Rule rule(char letter) const { return rules_[static_cast<unsigned char>(letter)]; }
  size_t end_of_residues(std::string_view letters) const;
  [[noreturn]] void refuse(std::string_view letters, size_t position, uint8_t kinds,
                           const std::string& id) const;
  CleanLetters clean_slowly(std::string_view letters, const std::string& id,
                            SequenceChanges& changes) const;
  std::string what_is_done(uint8_t kind, bool is_inside) const;

  Alphabet alphabet_;
  LetterPolicies policies_;
  std::array<Rule, 256> rules_{};
  uint8_t refused_kinds_ = 0;
};

}  // namespace cohesin
