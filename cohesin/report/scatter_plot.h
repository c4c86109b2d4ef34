#pragma once

#include <string>
#include <vector>

#include "cohesin/report/report_data.h"

namespace cohesin {

// A map of embeddings: one `mark-point` a sample, coloured by its class (a hollow one was
// predicted wrongly, a grey one has no label), and the name of each class at its median
// where neighbours mostly share their class. Axes
// carry no numbers: only neighbourhood has a meaning in such a map.
std::string draw_embedding(const EmbeddingPanel& panel, const std::vector<std::string>& classes);

}  // namespace cohesin
