#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/io/genome.h"
#include "cohesin/io/vcf.h"

namespace cohesin {

// The letters around a variant with one of its alleles. Both windows begin at the same base and
// have the same length: a longer allele pushes letters out at the right end.
struct AlleleWindow {
  std::string letters;
  // Those in which the alleles differ, at least one of each: without letters that both have at the
  // right or else at the left end.
  int64_t begin = 0, end = 0;
};
struct VariantWindows {
  AlleleWindow reference, alternative;
};

// Windows of `width` bases whose base width / 2 is the first of REF; N beyond the stretch. Throws
// Error when an allele reaches beyond the window.
VariantWindows variant_windows(const Genome::Stretch& stretch, const VcfVariant& variant,
                               int64_t width);

// The same windows as indices (A 0, C 1, G 2, T 3, N 4, -1 beyond the stretch), with base `before`
// of them the first of REF, and `allele` in its place.
std::vector<int8_t> allele_indices(const Genome::Stretch& stretch, const VcfVariant& variant,
                                   const std::string& allele, int64_t width, int64_t before);

// The tokens of a window, and those of them, [begin,end), that hold a letter of the allele.
struct AlleleTokens {
  SequenceTokens tokens;
  int64_t begin = 0, end = 0;
};

// At most `max_tokens`: what is more (N is a token by itself) goes at the ends, so that the allele
// stays in the middle.
AlleleTokens tokenize_allele(const AlleleWindow& window, const SequenceTokenizer& tokenizer,
                             int64_t max_tokens);

}  // namespace cohesin
