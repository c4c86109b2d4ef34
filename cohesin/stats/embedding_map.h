#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

namespace cohesin {

// Samples x dimensions, row by row; all rows have the same length.
using EmbeddingRows = std::vector<std::vector<double>>;

struct EmbeddingMapOptions {
  double perplexity = 30;  // lowered to (n-1)/3 for few samples
  int iterations = 750;
  int leading_components = 50;  // t-SNE runs on this many principal components at most
};

// 2-D coordinates by exact t-SNE (van der Maaten and Hinton 2008, JMLR 9:2579) started from the
// first two principal components, hence without any random number: the same rows give the same
// map. Time and memory grow with the square of the rows; see choose_subset. Below 4 rows, or where
// all rows are equal, the principal components are returned as they are. Throws Error on a value
// that is not finite or rows of unequal length.
std::vector<std::array<double, 2>> map_embeddings(const EmbeddingRows& rows,
                                                  const EmbeddingMapOptions& options = {});

// Indices, ascending, of at most `limit` samples chosen by a hash of their names: independent of
// their order, equal in every run.
std::vector<size_t> choose_subset(const std::vector<std::string>& samples, size_t limit);

// Share of labelled samples whose nearest labelled neighbour (Euclidean, all dimensions) has their
// label; label -1 = unknown. NaN with fewer than 2 labelled samples.
double nearest_neighbour_agreement(const EmbeddingRows& rows, const std::vector<int>& labels);

}  // namespace cohesin
