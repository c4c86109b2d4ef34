#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/io/gene_sets.h"
#include "cohesin/run/explanation_table.h"

namespace cohesin {

struct GeneSetTestOptions {
  int64_t top = 50;
  int64_t smallest_set = 5, largest_set = 500;
  int64_t permutations = 1000;
  uint64_t seed = 0;
};

// A row of enrichment.tsv: one set in one class and modality.
struct GeneSetTest {
  std::string of_class, modality, set;
  int64_t genes = 0;                 // of the set among those ranked
  int64_t overlap = 0;               // of them among the top ones
  double expected = 0;               // overlap by chance
  double p_value = 1, adjusted = 1;  // hypergeometric
  double score = 0, normalized = 0, preranked_p_value = 1, preranked_adjusted = 1;
  std::vector<std::string> leading = {};  // of the preranked test
};

// Tests each set in each class and modality of the ranked genes: over-representation among the
// `top` genes by |mean|, and preranked enrichment by |mean|. P-values are adjusted within a class
// and modality. Genes are known by id or name (GeneMatcher); unknown ones, and sets outside the
// sizes, are counted in the log. Throws Error where the sets and the genes have none in common, or
// no set is of a size to be tested.
std::vector<GeneSetTest> test_gene_sets(const std::vector<GeneAttribution>& genes,
                                        const std::vector<GeneSet>& sets, const std::string& where,
                                        const GeneSetTestOptions& options);

std::string gene_set_tests_text(const std::vector<GeneSetTest>& tests);

}  // namespace cohesin
