#include "cohesin/train/trainable.h"

#include <fmt/format.h>

namespace cohesin {
namespace {

// 1234567 -> "1,234,567"
std::string grouped(int64_t number) {
  if (number < 1000) return fmt::format("{}", number);
  return fmt::format("{},{:03}", grouped(number / 1000), number % 1000);
}

}  // namespace

std::string TrainedShare::text() const {
  const double percent = 100.0 * static_cast<double>(trained) / static_cast<double>(all);
  return fmt::format("{} of {} parameters ({:.2f} %)", grouped(trained), grouped(all), percent);
}

TrainedShare trained_share(const torch::nn::Module& module) {
  TrainedShare share;
  for (const at::Tensor& parameter : module.parameters()) {
    share.all += parameter.numel();
    if (parameter.requires_grad()) share.trained += parameter.numel();
  }
  return share;
}

bool Trainable::decays(const std::string& parameter_name, const at::Tensor& parameter) const {
  return parameter.dim() >= 2 && parameter_name.find("embedding") == std::string::npos;
}

bool Trainable::is_head(const std::string& parameter_name) const {
  return parameter_name.rfind("head.", 0) == 0 || parameter_name == "head";
}

}  // namespace cohesin
