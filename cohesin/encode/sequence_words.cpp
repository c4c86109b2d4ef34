#include "cohesin/encode/sequence_words.h"

#include <algorithm>
#include <array>
#include <cassert>

namespace cohesin {
namespace {

constexpr uint8_t kNoDigit = 4;

// The value of a letter in a k-mer: the published order A, T, C, G.
constexpr std::array<uint8_t, 256> make_digits() {
  std::array<uint8_t, 256> digits{};
  for (auto& digit : digits) digit = kNoDigit;
  digits['A'] = 0;
  digits['T'] = 1;
  digits['C'] = 2;
  digits['G'] = 3;
  return digits;
}
constexpr std::array<uint8_t, 256> kDigits = make_digits();

uint8_t digit_of(char letter) { return kDigits[static_cast<unsigned char>(letter)]; }

void append(SequenceTokens& tokens, int32_t id, size_t start) {
  tokens.ids.push_back(id);
  tokens.starts.push_back(static_cast<int64_t>(start));
}

int32_t known_id(char letter, const SequenceVocabulary& vocabulary) {
  if (letter == '?') return *vocabulary.unk;
  assert(vocabulary.letter_id(letter) != SequenceVocabulary::kNoWord);
  return vocabulary.letter_id(letter);
}

// The bases in a row from `start`, at most `k`, and their number in base 4.
struct Run {
  int64_t length = 0;
  int32_t code = 0;
};
Run run_of_bases(std::string_view letters, size_t start, int64_t k) {
  Run run;
  for (size_t i = start; i < letters.size() && run.length < k; ++i, ++run.length) {
    const uint8_t digit = digit_of(letters[i]);
    if (digit == kNoDigit) break;
    run.code = run.code * 4 + digit;
  }
  return run;
}

// What str.split() of Python takes for white space, in ASCII.
bool is_space(char letter) {
  return letter == ' ' || (letter >= '\t' && letter <= '\r') || (letter >= 0x1c && letter <= 0x1f);
}

struct Word {
  int32_t id = SequenceVocabulary::kNoWord;
  size_t length = 0;  // 0 = no word begins here
};

// The longest word that begins at `start`. No k-mer begins a special word, so the order of the
// questions does not matter.
Word word_at(std::string_view text, size_t start, const SequenceVocabulary& vocabulary) {
  if (vocabulary.k > 0) {
    const Run run = run_of_bases(text, start, vocabulary.k);
    if (run.length == vocabulary.k)
      return {vocabulary.first_kmer + run.code, static_cast<size_t>(vocabulary.k)};
  }
  if (const int32_t id = vocabulary.letter_id(text[start]); id != SequenceVocabulary::kNoWord)
    return {id, 1};
  if (text[start] != '<') return {};
  for (const int32_t id : vocabulary.special) {
    const std::string& word = vocabulary.words[static_cast<size_t>(id)];
    if (text.substr(start, word.size()) == word) return {id, word.size()};
  }
  return {};
}

}  // namespace

void append_kmers(std::string_view letters, const SequenceVocabulary& vocabulary,
                  SequenceTokens& tokens) {
  size_t at = 0;
  while (at < letters.size()) {
    const Run run = run_of_bases(letters, at, vocabulary.k);
    if (run.length == vocabulary.k) {
      append(tokens, vocabulary.first_kmer + run.code, at);
      at += static_cast<size_t>(run.length);
      continue;
    }
    // A short piece, and the N or the unknown letter that ended it.
    const size_t end = std::min(at + static_cast<size_t>(run.length) + 1, letters.size());
    for (; at < end; ++at) append(tokens, known_id(letters[at], vocabulary), at);
  }
}

void append_letters(std::string_view letters, const SequenceVocabulary& vocabulary,
                    SequenceTokens& tokens) {
  for (size_t i = 0; i < letters.size(); ++i) append(tokens, known_id(letters[i], vocabulary), i);
}

std::optional<size_t> append_hub_words(std::string_view text, const SequenceVocabulary& vocabulary,
                                       SequenceTokens& tokens) {
  std::optional<size_t> first_unknown;
  bool in_unknown_run = false;
  for (size_t at = 0; at < text.size();) {
    const Word word = word_at(text, at, vocabulary);
    if (word.length > 0) {
      append(tokens, word.id, at);
      at += word.length;
      in_unknown_run = false;
      continue;
    }
    const bool is_unknown = !is_space(text[at]);
    if (is_unknown && !in_unknown_run) {
      append(tokens, *vocabulary.unk, at);
      if (!first_unknown) first_unknown = at;
    }
    in_unknown_run = is_unknown;
    ++at;
  }
  return first_unknown;
}

}  // namespace cohesin
