#include "cohesin/models/layout.h"

#include <ATen/ATen.h>

#include <algorithm>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

at::Tensor reverse(const at::Tensor& x, const std::vector<int64_t>& axes) {
  return axes.empty() ? x : x.flip(axes);
}

}  // namespace

Layout::Layout(const std::string& text) : text_(text) {
  if (text.empty()) return;
  const auto fail = [&text] {
    throw Error(
        "layout '{}': expected FOREIGN->OURS with the same axes on both sides, like "
        "kio->oik; 1 drops an axis, -k reverses one",
        text);
  };
  const size_t arrow = text.find("->");
  if (arrow == std::string::npos) fail();
  std::string kept;
  for (size_t axis = 0; axis < arrow; ++axis) {
    if (text[axis] == '1') {
      dropped_.push_back(static_cast<int64_t>(axis));
    } else {
      if (kept.find(text[axis]) != std::string::npos) fail();
      kept += text[axis];
    }
  }
  for (size_t at = arrow + 2; at < text.size(); ++at) {
    if (text[at] == '-') {
      reversed_.push_back(static_cast<int64_t>(order_.size()));
      if (++at == text.size()) fail();
    }
    const size_t place = kept.find(text[at]);
    if (place == std::string::npos) fail();
    if (std::count(order_.begin(), order_.end(), static_cast<int64_t>(place)) != 0) fail();
    order_.push_back(static_cast<int64_t>(place));
  }
  if (order_.size() != kept.size()) fail();
}

at::Tensor Layout::to_ours(const at::Tensor& theirs) const {
  if (text_.empty()) return theirs;
  at::Tensor x = theirs;
  if (x.dim() != static_cast<int64_t>(order_.size() + dropped_.size())) {
    throw Error("layout '{}' needs {} axes, the array has {}", text_,
                order_.size() + dropped_.size(), x.dim());
  }
  for (auto axis = dropped_.rbegin(); axis != dropped_.rend(); ++axis) {
    if (x.size(*axis) != 1) {
      throw Error("layout '{}' needs size 1 at axis {}, the array has {}", text_, *axis,
                  x.size(*axis));
    }
    x = x.squeeze(*axis);
  }
  return reverse(x.permute(order_), reversed_).contiguous();
}

at::Tensor Layout::to_theirs(const at::Tensor& ours) const {
  if (text_.empty()) return ours;
  std::vector<int64_t> back(order_.size());
  for (size_t axis = 0; axis < order_.size(); ++axis)
    back[order_[axis]] = static_cast<int64_t>(axis);
  at::Tensor x = reverse(ours, reversed_).permute(back);
  for (const int64_t axis : dropped_) x = x.unsqueeze(axis);
  return x.contiguous();
}

std::vector<int64_t> Layout::their_shape(const std::vector<int64_t>& our_shape) const {
  if (text_.empty()) return our_shape;
  std::vector<int64_t> shape(order_.size());
  for (size_t axis = 0; axis < order_.size(); ++axis) shape[order_[axis]] = our_shape.at(axis);
  for (const int64_t axis : dropped_) shape.insert(shape.begin() + axis, 1);
  return shape;
}

}  // namespace cohesin
