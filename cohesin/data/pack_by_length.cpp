#include "cohesin/data/pack_by_length.h"

#include <algorithm>
#include <numeric>

namespace cohesin {

std::vector<std::vector<size_t>> pack_by_length(const std::vector<size_t>& num_tokens,
                                                size_t max_tokens) {
  std::vector<size_t> order(num_tokens.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return num_tokens[a] > num_tokens[b]; });
  std::vector<std::vector<size_t>> batches;
  size_t used = 0;
  for (const size_t piece : order) {
    if (batches.empty() || used + num_tokens[piece] > max_tokens) {
      batches.emplace_back();
      used = 0;
    }
    batches.back().push_back(piece);
    used += num_tokens[piece];
  }
  return batches;
}

}  // namespace cohesin
