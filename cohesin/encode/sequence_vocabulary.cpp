#include "cohesin/encode/sequence_vocabulary.h"

#include <algorithm>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr std::string_view kBases = "ATCG";  // the published order
constexpr int64_t kMinK = 2, kMaxK = 10;

int32_t id_of(const SequenceVocabulary& vocabulary, std::string_view word) {
  const auto found = std::find(vocabulary.words.begin(), vocabulary.words.end(), word);
  return static_cast<int32_t>(found - vocabulary.words.begin());
}

void add_letters(SequenceVocabulary& vocabulary, std::string_view letters) {
  for (const char letter : letters) vocabulary.words.emplace_back(1, letter);
}

// Fills letter_ids and special from the words.
SequenceVocabulary indexed(SequenceVocabulary vocabulary) {
  vocabulary.letter_ids.fill(SequenceVocabulary::kNoWord);
  for (size_t id = 0; id < vocabulary.words.size(); ++id) {
    const std::string& word = vocabulary.words[id];
    if (word.size() == 1)
      vocabulary.letter_ids[static_cast<unsigned char>(word[0])] = static_cast<int32_t>(id);
    if (word.front() == '<') vocabulary.special.push_back(static_cast<int32_t>(id));
  }
  return vocabulary;
}

std::string_view next_line(std::string_view& text) {
  const size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
  return line;
}

}  // namespace

void SequenceVocabulary::require_same(std::string_view text, const std::string& where) const {
  constexpr size_t kShown = 40;
  size_t line_number = 0;
  while (!text.empty()) {
    const std::string_view found = next_line(text);
    ++line_number;
    if (line_number > words.size())
      throw Error(
          "{}:{}: has the word '{}' after the last of this tokenizer's {} words; the vocabulary "
          "belongs to other weights",
          where, line_number, found.substr(0, kShown), words.size());
    if (found != words[line_number - 1])
      throw Error(
          "{}:{}: has '{}' where this tokenizer has '{}'; the vocabulary belongs to other weights, "
          "or to another tokenizer",
          where, line_number, found.substr(0, kShown), words[line_number - 1]);
  }
  if (line_number < words.size())
    throw Error("{}: ends after {} words; this tokenizer has {}, the next would be '{}'", where,
                line_number, words.size(), words[line_number]);
}

SequenceVocabulary make_esm_vocabulary() {
  SequenceVocabulary made;
  made.words = {"<cls>", "<pad>", "<eos>", "<unk>"};
  add_letters(made, "LAGVSERTIDPKQNFYMHWCXBUZO.-");
  made.words.emplace_back("<null_1>");
  made.words.emplace_back("<mask>");
  made.cls = id_of(made, "<cls>");
  made.pad = id_of(made, "<pad>");
  made.eos = id_of(made, "<eos>");
  made.unk = id_of(made, "<unk>");
  made.mask = id_of(made, "<mask>");
  made.adds_cls = made.adds_eos = true;
  return indexed(std::move(made));
}

SequenceVocabulary make_nucleotide_vocabulary(int64_t k, int64_t version) {
  if (k < kMinK || k > kMaxK)
    throw Error("sequence tokenizer: 'k' is {}; expected {} to {}", k, kMinK, kMaxK);
  if (version != 1 && version != 2)
    throw Error("sequence tokenizer: 'version' is {}; Nucleotide Transformer has 1 and 2", version);
  SequenceVocabulary made;
  made.words = {"<unk>", "<pad>", "<mask>", "<cls>"};
  if (version == 2) {
    made.words.emplace_back("<eos>");
    made.words.emplace_back("<bos>");
    made.eos = 4;
  }
  made.unk = 0;
  made.pad = 1;
  made.mask = 2;
  made.cls = 3;
  made.adds_cls = true;
  made.k = k;
  made.first_kmer = static_cast<int32_t>(made.words.size());
  const int64_t num_kmers = int64_t{1} << (2 * k);
  for (int64_t code = 0; code < num_kmers; ++code) {
    std::string word(static_cast<size_t>(k), ' ');
    int64_t rest = code;
    for (auto letter = word.rbegin(); letter != word.rend(); ++letter, rest /= 4)
      *letter = kBases[static_cast<size_t>(rest % 4)];
    made.words.push_back(std::move(word));
  }
  add_letters(made, "ATCGN");
  return indexed(std::move(made));
}

SequenceVocabulary make_one_hot_vocabulary() {
  SequenceVocabulary made;
  add_letters(made, "ACGTN");
  made.pad = -1;
  return indexed(std::move(made));
}

NucleotideWords nucleotide_words_of(int64_t vocab_size) {
  for (int64_t k = kMinK; k <= kMaxK; ++k) {
    const int64_t rest = vocab_size - (int64_t{1} << (2 * k)) - 5;
    if (rest == 4) return {k, 1};
    if (rest == 6) return {k, 2};
  }
  throw Error(
      "vocab_size {} is that of no Nucleotide Transformer, which has 4 + 4^k + 5 words (version 1; "
      "4105 for 6-mers) or 6 + 4^k + 5 (version 2; 4107 for 6-mers)",
      vocab_size);
}

}  // namespace cohesin
