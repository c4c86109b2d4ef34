#pragma once

#include <ATen/core/Tensor.h>

#include <string>
#include <vector>

namespace cohesin {

// How a foreign array is stored against ours: "FOREIGN->OURS", one letter an axis. "kio->oik" moves
// axes; "1" is a foreign axis of size 1 that we drop; "-k" is an axis that runs backwards on our
// side. Empty: stored as we do. Nothing is rounded, so both ways are exact.
class Layout {
 public:
  Layout() = default;
  Layout(const char* text) : Layout(std::string(text)) {}  // NOLINT: rows of a map read better
  explicit Layout(const std::string& text);                // throws Error for text of another form

  at::Tensor to_ours(const at::Tensor& theirs) const;  // throws Error when the shape cannot be
  at::Tensor to_theirs(const at::Tensor& ours) const;
  std::vector<int64_t> their_shape(const std::vector<int64_t>& our_shape) const;
  const std::string& text() const { return text_; }

 private:
  std::string text_;
  std::vector<int64_t> dropped_;   // foreign axes of size 1, ascending
  std::vector<int64_t> order_;     // for each of our axes its place among the foreign ones kept
  std::vector<int64_t> reversed_;  // our axes that run backwards
};

}  // namespace cohesin
