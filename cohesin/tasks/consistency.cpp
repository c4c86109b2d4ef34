#include "cohesin/tasks/consistency.h"

#include <ATen/ATen.h>

#include "cohesin/base/error.h"

namespace cohesin {

namespace {

at::Tensor unit_rows(const at::Tensor& x_BD) {
  return x_BD / x_BD.norm(2, {1}, /*keepdim=*/true).clamp_min(1e-8);
}

}  // namespace

const std::vector<std::string>& consistency_names() {
  static const std::vector<std::string> names = {"infonce", "cosine"};
  return names;
}

at::Tensor consistency_loss(const std::string& name, const at::Tensor& all_BD,
                            const at::Tensor& one_BD, double temperature) {
  const at::Tensor all = unit_rows(all_BD), one = unit_rows(one_BD);
  if (name == "infonce")
    return at::cross_entropy_loss(all.matmul(one.t()) / temperature,
                                  at::arange(all.size(0), at::kLong));
  if (name == "cosine") return 1 - (all * one).sum(1).mean();
  throw Error("no consistency loss '{}'", name);
}

}  // namespace cohesin
