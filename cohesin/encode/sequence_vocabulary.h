#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cohesin {

// The words of a sequence model by id, and what its tokenizer needs to know of them.
struct SequenceVocabulary {
  std::vector<std::string> words;
  std::optional<int32_t> pad, mask, cls, eos, unk;  // as far as the model has them
  bool adds_cls = false, adds_eos = false;          // around every sequence
  std::vector<int32_t> special;                     // ids of "<...>" words
  std::array<int32_t, 256> letter_ids{};            // of one-letter words; kNoWord elsewhere
  int64_t k = 0;                                    // length of k-mers; 0 = the model has none
  int32_t first_kmer = 0;  // id = first_kmer + the word in base 4 with A 0, T 1, C 2, G 3

  static constexpr int32_t kNoWord = -2;  // not -1, which is Enformer's padding

  // The id of a one-letter word, or kNoWord.
  int32_t letter_id(char letter) const { return letter_ids[static_cast<unsigned char>(letter)]; }

  // Holds a model's vocabulary file (one word a line, as Hugging Face's vocab.txt) against the
  // words here. Throws Error naming `where` and the first line that differs.
  void require_same(std::string_view text, const std::string& where) const;
};

// ESM-2 (Lin et al. 2023, doi:10.1126/science.ade2574): 33 words; <cls> residues <eos>.
SequenceVocabulary make_esm_vocabulary();

// Nucleotide Transformer (Dalla-Torre et al. 2025, doi:10.1038/s41592-024-02523-z), version 1 or 2:
// special words, all k-mers over A, T, C, G in that order, the single letters; <cls> in front.
SequenceVocabulary make_nucleotide_vocabulary(int64_t k, int64_t version);

// Enformer's integer input (Avsec et al. 2021, doi:10.1038/s41592-021-01252-x): A C G T N, padding
// -1. Nothing is added.
SequenceVocabulary make_one_hot_vocabulary();

// k and version of a Nucleotide Transformer with `vocab_size` rows: 4 + 4^k + 5 are version 1,
// 6 + 4^k + 5 version 2. Throws Error for any other number.
struct NucleotideWords {
  int64_t k = 6;
  int64_t version = 2;
};
NucleotideWords nucleotide_words_of(int64_t vocab_size);

}  // namespace cohesin
