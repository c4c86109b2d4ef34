#include "cohesin/encode/sequence_tokenizer.h"

#include <algorithm>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/encode/sequence_words.h"

namespace cohesin {
namespace {

const std::string kNoName = "sequence";

SequenceVocabulary make_vocabulary(const SequenceTokenizerConfig& config) {
  if (config.name == "esm") return make_esm_vocabulary();
  if (config.name == "nt") return make_nucleotide_vocabulary(config.k, config.version);
  if (config.name == "one_hot") return make_one_hot_vocabulary();
  throw Error("sequence tokenizer: 'name' is '{}'; expected one of: esm, nt, one_hot", config.name);
}

Alphabet alphabet_of(const SequenceTokenizerConfig& config) {
  return config.name == "esm" ? Alphabet::kProtein : Alphabet::kDna;
}

void require_bases(std::string_view letters, const std::string& id) {
  const size_t at = letters.find_first_not_of("ACGTN");
  if (at == std::string_view::npos) return;
  throw Error(
      "{}: letter {} is '{}'; in mode original only A, C, G, T and N are read: set the tokenizer's "
      "'mode' to policies, or clean the sequence",
      id, at + 1, letters[at]);
}

}  // namespace

SequenceTokenizer::SequenceTokenizer(const SequenceTokenizerConfig& config)
    : config_(config),
      vocabulary_(make_vocabulary(config)),
      rules_(alphabet_of(config), config.policies) {
  if (config.mode != "policies" && config.mode != "hub" && config.mode != "original")
    throw Error("sequence tokenizer: 'mode' is '{}'; expected one of: policies, hub, original",
                config.mode);
  if (vocabulary_.unk) return;
  if (config.mode == "hub")
    throw Error(
        "sequence tokenizer: mode 'hub' reads unknown letters as <unk>, which '{}' does not have; "
        "use policies or original",
        config.name);
  if (config.policies.ambiguous == "unk")
    throw Error("sequence tokenizer: 'ambiguous' is unk, but '{}' has no <unk>; use any or error",
                config.name);
}

Alphabet SequenceTokenizer::alphabet() const { return alphabet_of(config_); }

void SequenceTokenizer::append_known(std::string_view letters, SequenceTokens& tokens) const {
  if (vocabulary_.k > 0) {
    append_kmers(letters, vocabulary_, tokens);
  } else {
    append_letters(letters, vocabulary_, tokens);
  }
}

CleanLetters SequenceTokenizer::clean(const Sequence& sequence, SequenceChanges& changes) const {
  const std::string& id = sequence.id.empty() ? kNoName : sequence.id;
  if (config_.mode == "policies") return rules_.clean(sequence.letters, id, changes);
  ++changes.sequences;
  changes.letters += static_cast<int64_t>(sequence.letters.size());
  return {sequence.letters, {}};
}

SequenceTokens SequenceTokenizer::tokenize_clean(const Sequence& clean,
                                                 SequenceChanges& changes) const {
  const std::string_view letters = clean.letters;
  const std::string& id = clean.id.empty() ? kNoName : clean.id;
  SequenceTokens tokens;
  const size_t room = letters.size() / static_cast<size_t>(std::max<int64_t>(vocabulary_.k, 1)) + 2;
  tokens.ids.reserve(room);
  tokens.starts.reserve(room);
  const auto add = [&tokens](int32_t special) {
    tokens.ids.push_back(special);
    tokens.starts.push_back(SequenceTokens::kAdded);
  };
  if (vocabulary_.adds_cls) add(*vocabulary_.cls);
  const bool is_original = config_.mode == "original";
  if (config_.mode == "policies") {
    append_known(letters, tokens);
  } else if (is_original && alphabet() == Alphabet::kDna) {
    require_bases(letters, id);
    append_known(letters, tokens);
  } else if (const auto unknown = append_hub_words(letters, vocabulary_, tokens); unknown) {
    if (is_original)
      throw Error(
          "{}: letter {} is '{}', which is not in the vocabulary; in mode original that "
          "is an error: set the tokenizer's 'mode' to policies, or clean the sequence",
          id, *unknown + 1, letters[*unknown]);
    const auto count = std::count(tokens.ids.begin(), tokens.ids.end(), *vocabulary_.unk);
    changes.note("runs of letters that the vocabulary lacks, read as one <unk> each", count, 1,
                 fmt::format("{}: letter {} is '{}'", id, *unknown + 1, letters[*unknown]));
  }
  if (vocabulary_.adds_eos) add(*vocabulary_.eos);
  return tokens;
}

SequenceTokens SequenceTokenizer::tokenize(const Sequence& sequence,
                                           SequenceChanges& changes) const {
  CleanLetters read = clean(sequence, changes);
  SequenceTokens tokens = tokenize_clean({sequence.id, "", std::move(read.letters)}, changes);
  if (read.positions.empty()) return tokens;
  for (int64_t& start : tokens.starts)
    if (start != SequenceTokens::kAdded) start = read.positions[static_cast<size_t>(start)];
  return tokens;
}

std::vector<int32_t> SequenceTokenizer::tokenize(std::string_view letters) const {
  SequenceChanges not_asked_for;
  return tokenize({.id = "", .description = "", .letters = std::string(letters)}, not_asked_for)
      .ids;
}

int64_t SequenceTokenizer::max_letters(int64_t max_tokens) const {
  const int64_t added = (vocabulary_.adds_cls ? 1 : 0) + (vocabulary_.adds_eos ? 1 : 0);
  const int64_t rest = std::max<int64_t>(max_tokens - added, 0);
  return rest * std::max<int64_t>(vocabulary_.k, 1);
}

std::string SequenceTokenizer::decode(const std::vector<int32_t>& ids) const {
  std::string text;
  for (const int32_t id : ids) {
    if (id == vocabulary_.pad) continue;
    if (id < 0 || static_cast<size_t>(id) >= vocabulary_.words.size())
      throw Error("token {} is not in the vocabulary, which has {} words", id,
                  vocabulary_.words.size());
    text += vocabulary_.words[static_cast<size_t>(id)];
  }
  return text;
}

SequenceTokenizerConfig tokenizer_for_vocabulary(const std::string& name, int64_t vocab_size) {
  SequenceTokenizerConfig config;
  config.name = name;
  if (name == "nt") {
    const NucleotideWords words = nucleotide_words_of(vocab_size);
    config.k = words.k;
    config.version = words.version;
  }
  const SequenceTokenizer tokenizer(config);
  const auto num_words = static_cast<int64_t>(tokenizer.vocabulary().words.size());
  if (num_words != vocab_size)
    throw Error("vocab_size is {}, but the tokenizer '{}' has {} words; is it the right model?",
                vocab_size, name, num_words);
  return config;
}

}  // namespace cohesin
