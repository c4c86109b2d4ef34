#include "cohesin/models/initialise.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"
#include "cohesin/models/model.h"

namespace cohesin {
namespace {

double fan_in(const at::Tensor& parameter, bool transposed) {
  if (parameter.dim() == 1) return static_cast<double>(parameter.size(0));
  const int64_t outputs = parameter.size(transposed ? 1 : 0);
  return static_cast<double>(parameter.numel() / std::max<int64_t>(outputs, 1));
}

float truncated_normal(RandomStream& random) {
  for (;;) {
    const double x = random.normal();
    if (std::abs(x) <= 2.0) return static_cast<float>(x);
  }
}

at::Tensor draw(const at::Tensor& parameter, Initialisation distribution, RandomStream random) {
  at::Tensor values = at::zeros(parameter.sizes(), at::kFloat);
  float* first = values.mutable_data_ptr<float>();
  float* last = first + values.numel();
  switch (distribution) {
    case Initialisation::zeros:
      return values;
    case Initialisation::ones:
      return values.fill_(1.0);
    case Initialisation::twice_identity:
      return values.fill_diagonal_(2.0);
    case Initialisation::table:
      std::generate(first, last, [&] { return truncated_normal(random); });
      return values;
    case Initialisation::small:
      std::generate(first, last, [&] { return 0.02F * truncated_normal(random); });
      return values;
    case Initialisation::he_uniform: {
      const double limit = std::sqrt(6.0 / fan_in(parameter, false));
      std::generate(first, last,
                    [&] { return static_cast<float>((2.0 * random.uniform() - 1.0) * limit); });
      return values;
    }
    default: {
      const bool transposed = distribution == Initialisation::fan_in_transposed;
      const auto sigma = static_cast<float>(1.0 / std::sqrt(fan_in(parameter, transposed)));
      std::generate(first, last, [&] { return sigma * truncated_normal(random); });
      return values;
    }
  }
}

}  // namespace

void initialise(torch::nn::Module& module, const InitialisationRows& rows, uint64_t seed) {
  std::vector<std::regex> patterns;
  for (const auto& row : rows) patterns.emplace_back(row.name);
  const torch::NoGradGuard no_grad;
  for (auto& item : module.named_parameters()) {
    size_t row = 0;
    while (row < rows.size() && !std::regex_match(item.key(), patterns[row])) ++row;
    if (row == rows.size()) throw Error("no initialisation is known for '{}'", item.key());
    item.value().copy_(
        draw(item.value(), rows[row].distribution, RandomStream(seed, "initialise " + item.key())));
  }
}

void initialise(Model& model, uint64_t seed) { initialise(model, model.initialisation(), seed); }

}  // namespace cohesin
