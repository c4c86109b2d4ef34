#include "cohesin/omics/composition.h"

#include <algorithm>
#include <cctype>
#include <numeric>
#include <string_view>
#include <utility>

namespace cohesin {
namespace {

constexpr std::string_view kBases = "ACGT", kResidues = "ACDEFGHIKLMNPQRSTVWY";

char upper_case(char letter) {
  return static_cast<char>(std::toupper(static_cast<unsigned char>(letter)));
}

char as_base(char letter) { return upper_case(letter) == 'U' ? 'T' : upper_case(letter); }

bool are_bases(const std::vector<std::string>& sequences) {
  return std::all_of(sequences.begin(), sequences.end(), [](const std::string& letters) {
    return std::all_of(letters.begin(), letters.end(), [](char letter) {
      return as_base(letter) == 'N' || kBases.find(as_base(letter)) != std::string_view::npos;
    });
  });
}

// Words of `length` letters by their number in base alphabet.size(), first letter first.
std::vector<std::string> words(std::string_view alphabet, size_t length) {
  std::vector<std::string> all{""};
  for (size_t i = 0; i < length; ++i) {
    std::vector<std::string> longer;
    for (const auto& word : all)
      for (const char letter : alphabet) longer.push_back(word + letter);
    all = std::move(longer);
  }
  return all;
}

// Adds the shares of all words of `length` letters to `row`.
void add_shares(std::string_view letters, std::string_view alphabet, size_t length, float* row,
                size_t num_words) {
  size_t word = 0, known = 0;  // the number of the last `known` letters, at most `length`
  double count = 0;
  for (const char letter : letters) {
    const size_t digit = alphabet.find(letter);
    known = digit == std::string_view::npos ? 0 : std::min(known + 1, length);
    word = digit == std::string_view::npos ? 0 : (word * alphabet.size() + digit) % num_words;
    if (known < length) continue;
    row[word] += 1;
    count += 1;
  }
  if (count == 0) return;
  for (size_t w = 0; w < num_words; ++w) row[w] = static_cast<float>(row[w] / count);
}

}  // namespace

void add_composition(MultiOmics& cohort) {
  const auto& sequences = cohort.sequences.front().letters;
  const bool dna = are_bases(sequences);
  const std::string_view alphabet = dna ? kBases : kResidues;
  Modality modality;
  modality.name = kComposition;
  modality.table.samples = cohort.obs.index;
  std::vector<size_t> counts;
  for (size_t length = 1; length <= (dna ? 4U : 2U); ++length) {
    const auto more = words(alphabet, length);
    counts.push_back(more.size());
    modality.table.features.insert(modality.table.features.end(), more.begin(), more.end());
  }
  modality.gene_names = modality.table.features;
  const size_t width = modality.table.features.size();
  modality.table.values.assign(sequences.size() * width, 0);
  for (size_t i = 0; i < sequences.size(); ++i) {
    std::string letters = sequences[i];
    std::transform(letters.begin(), letters.end(), letters.begin(), dna ? as_base : upper_case);
    float* row = modality.table.values.data() + i * width;
    for (size_t length = 1; length <= counts.size(); ++length) {
      add_shares(letters, alphabet, length, row, counts[length - 1]);
      row += counts[length - 1];
    }
  }
  modality.row_of.resize(sequences.size());
  std::iota(modality.row_of.begin(), modality.row_of.end(), 0);
  cohort.modalities.push_back(std::move(modality));
}

}  // namespace cohesin
