// Sequences to tokens: SequenceTokenizer against the same rule written plainly with a map of words.
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "bench/ratio.h"
#include "cohesin/base/philox.h"
#include "cohesin/encode/sequence_tokenizer.h"

namespace {

using Words = std::unordered_map<std::string, int32_t>;

Words words_of(const cohesin::SequenceTokenizer& tokenizer) {
  Words words;
  for (const auto& word : tokenizer.vocabulary().words)
    words.emplace(word, static_cast<int32_t>(words.size()));
  return words;
}

// As a tokenizer in Python does: pieces between N, slices of six, one look-up each.
std::vector<int32_t> plain_kmers(const std::string& letters, const Words& words) {
  std::vector<int32_t> ids{words.at("<cls>")};
  for (size_t i = 0; i < letters.size();) {
    const auto found = words.find(letters.substr(i, 6));
    const std::string word =
        found != words.end() && i + 6 <= letters.size() ? found->first : letters.substr(i, 1);
    ids.push_back(words.at(word));
    i += word.size();
  }
  return ids;
}

std::vector<int32_t> plain_letters(const std::string& letters, const Words& words) {
  std::vector<int32_t> ids{words.at("<cls>")};
  for (const char letter : letters) ids.push_back(words.at(std::string(1, letter)));
  ids.push_back(words.at("<eos>"));
  return ids;
}

std::vector<std::string> random_sequences(size_t count, size_t length, std::string_view alphabet) {
  cohesin::RandomStream random(1, "bench");
  std::vector<std::string> made(count, std::string(length, ' '));
  for (auto& letters : made)
    for (char& letter : letters)
      letter =
          alphabet[static_cast<size_t>(random.uniform() * static_cast<double>(alphabet.size()))];
  return made;
}

}  // namespace

int main() {
  using namespace cohesin;
  size_t sum = 0;
  bench::print_header("tokenize, one thread");
  const auto row = [&sum](const std::string& what, const SequenceTokenizerConfig& config,
                          const std::vector<std::string>& sequences, auto plain) {
    const SequenceTokenizer tokenizer(config);
    const Words words = words_of(tokenizer);
    bench::print_ratio(
        what,
        [&] {
          for (const auto& letters : sequences) sum += tokenizer.tokenize(letters).size();
        },
        [&] {
          for (const auto& letters : sequences) sum += plain(letters, words).size();
        });
  };
  SequenceTokenizerConfig config;
  config.name = "nt";
  row("1,000 RNAs of 12 kb to 6-mers", config, random_sequences(1000, 12282, "ACGT"), plain_kmers);
  config.name = "esm";
  row("10,000 proteins of 400 residues", config,
      random_sequences(10000, 400, "ACDEFGHIKLMNPQRSTVWY"), plain_letters);
  return sum == 0 ? 1 : 0;
}
