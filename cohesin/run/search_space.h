#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "cohesin/run/recipe.h"

namespace cohesin {

// Settings to try together: recipe key, its value as JSON text.
struct SearchTrial {
  std::vector<std::pair<std::string, std::string>> settings;

  std::vector<std::string> assignments() const;  // "task.linear_penalty=0.1"
  std::string text() const;                      // the same, comma-separated
};

// What `search` tries, in this order: with `grid` every combination of the listed values, the last
// key's fastest; with `random` as many different draws as asked, from (train.seed, key, trial).
// Throws Error naming `where` and the key.
std::vector<SearchTrial> search_trials(const Recipe& recipe, const std::string& where);

// Throws Error naming `where` for a `search` that cannot be carried out: an unknown key, a value
// that no recipe may have, a key that says what is asked instead of how it is learnt, a metric that
// the task does not have. Done when a recipe is read, thus before any training.
void check_search(const Recipe& recipe, const std::string& where);

}  // namespace cohesin
