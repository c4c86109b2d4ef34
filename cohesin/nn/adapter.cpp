#include "cohesin/nn/adapter.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"
#include "cohesin/nn/adapted_layer.h"

namespace cohesin {
namespace {

const std::string kInputScale = ".input_scale";
const std::string kOutputScale = ".output_scale";
const std::string kLoraA = ".lora_a";
const std::string kLoraB = ".lora_b";

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

// -1 = all. Throws Error on other text.
int64_t last_layers(const std::string& text, const std::string& where) {
  if (text == "all") return -1;
  const std::string prefix = "last:";
  int64_t count = 0;
  if (text.rfind(prefix, 0) == 0) {
    const char* end = text.data() + text.size();
    const auto [stop, failure] = std::from_chars(text.data() + prefix.size(), end, count);
    if (failure == std::errc() && stop == end && count >= 1) return count;
  }
  throw Error("{}: adapter.layers is '{}'; it must be all or last:K with K of 1 or more", where,
              text);
}

void check_targets(const std::vector<std::string>& targets, const std::string& where) {
  const std::vector<std::string>& known = AdaptedLayer::linear_names();
  for (const auto& target : targets) {
    if (std::count(targets.begin(), targets.end(), target) > 1)
      throw Error("{}: adapter.targets: '{}' stands twice", where, target);
    if (std::find(known.begin(), known.end(), target) != known.end()) continue;
    const std::string nearest = nearest_name(target, known);
    throw Error("{}: adapter.targets: there is no '{}'{}; a layer has {}", where, target,
                nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest),
                fmt::join(known, ", "));
  }
}

void add_factors(AdaptedLayer& layer, const std::string& target) {
  Linear& linear = layer.linear(target);
  if (target == "ffn_down") {
    linear.add_input_scale({linear.weight.size(1)});
  } else if (target == "query" || target == "key" || target == "value") {
    linear.add_output_scale({layer.num_heads(), linear.weight.size(0) / layer.num_heads()});
  } else {
    linear.add_output_scale({linear.weight.size(0)});
  }
}

// Uniform within 1 / sqrt(inputs), as the common implementations draw it.
void draw_lora_a(at::Tensor a_RI, RandomStream random) {
  const at::Tensor values = at::zeros(a_RI.sizes(), at::kFloat);
  const double limit = 1.0 / std::sqrt(static_cast<double>(a_RI.size(1)));
  float* first = values.mutable_data_ptr<float>();
  std::generate(first, first + values.numel(),
                [&] { return static_cast<float>((2.0 * random.uniform() - 1.0) * limit); });
  const torch::NoGradGuard no_grad;
  a_RI.copy_(values);
}

// The layers of each transformer, by its path, in order.
std::map<std::string, std::vector<AdaptedLayer*>> find_transformers(torch::nn::Module& module) {
  std::map<std::string, std::vector<AdaptedLayer*>> found;
  for (const auto& item : module.named_modules("", /*include_self=*/false)) {
    auto* layer = dynamic_cast<AdaptedLayer*>(item.value().get());
    if (layer == nullptr) continue;
    const size_t dot = item.key().rfind('.');
    found[dot == std::string::npos ? "" : item.key().substr(0, dot)].push_back(layer);
  }
  return found;
}

}  // namespace

const std::vector<std::string>& AdaptedLayer::linear_names() {
  static const std::vector<std::string> names = {"query",  "key",    "value",
                                                 "output", "ffn_up", "ffn_down"};
  return names;
}

void AdapterConfig::visit(Fields& field) {
  field("name", name, "none, ia3 or lora; the model is then frozen, adapter and head are trained");
  field("targets", targets,
        "of query, key, value, output, ffn_up, ffn_down; default ia3: key, value, ffn_down; "
        "lora: query, value");
  field("layers", layers, "all, or last:K transformer layers");
  field("rank", rank, "lora: rank of the update");
  field("alpha", alpha, "lora: the update counts alpha / rank");
  field("dropout", dropout, "lora: on the update's input, in training");
}

void AdapterConfig::resolve(const std::string& where) {
  if (name == "none") return;
  if (name != "ia3" && name != "lora") {
    const std::string nearest = nearest_name(name, {"none", "ia3", "lora"});
    throw Error("{}: adapter.name: expected none, ia3 or lora, got '{}'{}", where, name,
                nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest));
  }
  if (targets.empty())
    targets = name == "ia3" ? std::vector<std::string>{"key", "value", "ffn_down"}
                            : std::vector<std::string>{"query", "value"};
  check_targets(targets, where);
  last_layers(layers, where);
  if (rank < 1) throw Error("{}: adapter.rank is {}; it must be 1 or more", where, rank);
  if (!(alpha > 0) || !std::isfinite(alpha))
    throw Error("{}: adapter.alpha is {}; it must be more than 0", where, alpha);
  if (!(dropout >= 0 && dropout < 1))
    throw Error("{}: adapter.dropout: expected a fraction in [0, 1), got {}", where, dropout);
}

void attach_adapter(torch::nn::Module& module, const AdapterConfig& config, uint64_t seed) {
  for (at::Tensor& parameter : module.parameters()) parameter.requires_grad_(false);
  const auto transformers = find_transformers(module);
  if (transformers.empty())
    throw Error("adapter '{}': the model has no transformer layer", config.name);
  for (const auto& [path, layers] : transformers) {
    const auto num_layers = static_cast<int64_t>(layers.size());
    const int64_t last = last_layers(config.layers, "recipe");
    if (last > num_layers)
      throw Error("adapter.layers is {}, but the model's {} has {} layers", config.layers,
                  path.empty() ? "transformer" : path, num_layers);
    for (int64_t i = last < 0 ? 0 : num_layers - last; i < num_layers; ++i) {
      AdaptedLayer& layer = *layers[static_cast<size_t>(i)];
      for (const auto& target : config.targets) {
        if (config.name == "ia3") {
          add_factors(layer, target);
          continue;
        }
        const LowRank low_rank{config.rank, config.alpha / static_cast<double>(config.rank),
                               config.dropout};
        const std::string name = fmt::format("adapter {}.{}.{}", path, i, target);
        draw_lora_a(layer.linear(target).add_low_rank(low_rank), RandomStream(seed, name));
      }
    }
  }
}

bool is_adapter_scale(const std::string& name) {
  return ends_with(name, kInputScale) || ends_with(name, kOutputScale);
}

bool is_adapter_parameter(const std::string& name) {
  return is_adapter_scale(name) || ends_with(name, kLoraA) || ends_with(name, kLoraB);
}

void merge_adapter(NamedTensors& weights, const AdapterConfig& config) {
  NamedTensors merged;  // in double until all is folded in
  const auto wide = [&](const std::string& name) -> at::Tensor& {
    at::Tensor& tensor = merged[name];
    if (!tensor.defined()) tensor = weights.at(name).to(at::kDouble);
    return tensor;
  };
  const double factor = config.alpha / static_cast<double>(config.rank);
  std::vector<std::string> folded;
  for (const auto& [name, tensor] : weights) {
    if (!is_adapter_parameter(name)) continue;
    folded.push_back(name);
    const std::string linear = name.substr(0, name.rfind('.'));
    const at::Tensor value = tensor.to(at::kDouble);
    at::Tensor& weight = wide(linear + ".weight");
    if (ends_with(name, kInputScale)) {
      weight = weight * value.flatten();
    } else if (ends_with(name, kOutputScale)) {
      weight = weight * value.flatten().unsqueeze(1);
      if (weights.count(linear + ".bias") != 0)
        wide(linear + ".bias") = wide(linear + ".bias") * value.flatten();
    } else if (ends_with(name, kLoraA)) {
      const at::Tensor b = weights.at(linear + kLoraB).to(at::kDouble);
      weight = weight + b.matmul(value) * factor;
    }
  }
  for (const auto& name : folded) weights.erase(name);
  for (const auto& [name, tensor] : merged) weights[name] = tensor.to(weights.at(name));
}

}  // namespace cohesin
