#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "cohesin/base/fields.h"
#include "cohesin/encode/letter_rules.h"
#include "cohesin/encode/sequence_vocabulary.h"
#include "cohesin/omics/sequence.h"

namespace cohesin {

// How sequences become tokens.
struct SequenceTokenizerConfig {
  std::string name = "esm";
  int64_t k = 6;
  int64_t version = 2;
  std::string mode = "policies";
  LetterPolicies policies;

  void visit(Fields& field) {
    field("name", name,
          "esm (ESM-2: one token a residue), nt (Nucleotide Transformer: k-mers side by side) or "
          "one_hot (Enformer: one id a base)");
    field("k", k, "nt: letters a k-mer");
    field("version", version, "nt: 1 or 2, whose special tokens differ");
    field("mode", mode,
          "policies (the keys below), hub (as the Hugging Face tokenizers of the models: what they "
          "do not know is <unk>, one a run) or original (as the authors' code: it is an error)");
    policies.visit(field);
  }
};

struct SequenceTokens {
  std::vector<int32_t> ids;
  // The letter (0-based, in the sequence as it came in) that each token begins at; kAdded for <cls>
  // and <eos>, which the tokenizer puts around the sequence.
  std::vector<int64_t> starts;

  static constexpr int64_t kAdded = -1;
};

// Gives the ids of the authors' tokenizers exactly. In mode `policies` letters beyond the
// vocabulary are first rewritten as the policies say, and counted; on sequences of the vocabulary's
// own letters all modes agree. One pass over the letters; safe to share between threads.
class SequenceTokenizer {
 public:
  // Throws Error for settings that do not exist or do not go together.
  explicit SequenceTokenizer(const SequenceTokenizerConfig& config);

  const SequenceTokenizerConfig& config() const { return config_; }
  const SequenceVocabulary& vocabulary() const { return vocabulary_; }
  Alphabet alphabet() const;

  // The ids, with <cls> and <eos> as the model has them. Throws Error naming the sequence's id, the
  // letter and its place where it is refused. What was rewritten is added to `changes`.
  SequenceTokens tokenize(const Sequence& sequence, SequenceChanges& changes) const;
  // The same in two steps, for what is cut in between: the letters that the model reads, rewritten
  // as the policies say (in the other modes those that came in), ...
  CleanLetters clean(const Sequence& sequence, SequenceChanges& changes) const;
  // ... and the tokens of such letters or a piece of them; `starts` are places in these.
  SequenceTokens tokenize_clean(const Sequence& clean, SequenceChanges& changes) const;
  // tokenize() for letters whose changes need no account, such as those made by a program.
  std::vector<int32_t> tokenize(std::string_view letters) const;

  // The letters of the longest sequence that gives at most `max_tokens`. With k-mers a shorter one
  // may give more: a rest of r letters makes r tokens, and so does what stands before an N.
  int64_t max_letters(int64_t max_tokens) const;

  // The words of `ids` one after the other, special ones included but padding. Throws Error for an
  // id outside the vocabulary.
  std::string decode(const std::vector<int32_t>& ids) const;

 private:
  void append_known(std::string_view letters, SequenceTokens& tokens) const;

  SequenceTokenizerConfig config_;
  SequenceVocabulary vocabulary_;
  LetterRules rules_;
};

// The tokenizer called `name` for a model whose config says `vocab_size`: k and version of nt
// follow from it. Throws Error, naming what was found, if no tokenizer of that name has so many
// words.
SequenceTokenizerConfig tokenizer_for_vocabulary(const std::string& name, int64_t vocab_size);

}  // namespace cohesin
