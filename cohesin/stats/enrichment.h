#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// P(X >= overlap), X the number of members of a set of `set_size` genes among `drawn` genes that
// were drawn from `universe` without replacement (the upper tail of the hypergeometric
// distribution). Throws Error unless the sizes lie within the universe.
double hypergeometric_tail(int64_t overlap, int64_t universe, int64_t set_size, int64_t drawn);

// Benjamini and Hochberg 1995: p-values adjusted for their number, in the same order. NaN is no
// test: it stays and is not counted.
std::vector<double> adjust_p_values(std::span<const double> p_values);

// Gene set enrichment in a ranking (Subramanian et al. 2005, doi:10.1073/pnas.0506580102): the
// running sum over genes from the highest score down rises at a member by its share of the set's
// scores and falls at others by 1 / their number.
struct PrerankedResult {
  double score = 0;              // the largest running sum, 0..1
  double normalized = 0;         // over the mean of random sets of the same size
  double p_value = 1;            // (1 + random sets as high) / (1 + random sets)
  std::vector<int64_t> leading;  // members up to the largest running sum, highest first
};

// One ranking, tested for many sets.
class PrerankedTest {
 public:
  // `scores` [genes], not negative: how strongly each gene counts. Throws Error for a negative or
  // undefined one, and for fewer than two.
  PrerankedTest(std::span<const double> scores, int64_t num_permutations, uint64_t seed);

  // `members`: indices into the scores, each once. Throws Error unless 1 <= members < genes.
  PrerankedResult test(const std::vector<int64_t>& members);

 private:
  struct Peak {
    double score = 0;
    size_t members = 0;  // of the set, up to it
  };
  Peak running_peak(const std::vector<int64_t>& ranks) const;  // ranks ascending
  const std::vector<double>& random_scores(int64_t set_size);

  std::vector<int64_t> order_, rank_of_;  // genes from the highest score down, and the inverse
  std::vector<double> by_rank_;           // the scores in that order
  int64_t num_permutations_;
  uint64_t seed_;
  std::vector<std::vector<double>> random_;  // by set size, sorted
};

}  // namespace cohesin
