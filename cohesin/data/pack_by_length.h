#pragma once

#include <cstddef>
#include <vector>

namespace cohesin {

// Batches of pieces, by index, whose tokens together are at most `max_tokens` (a longer piece is a
// batch by itself): pieces of like length stand together, the longest first.
std::vector<std::vector<size_t>> pack_by_length(const std::vector<size_t>& num_tokens,
                                                size_t max_tokens);

}  // namespace cohesin
