#include <ATen/ATen.h>

#include <cmath>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/models/encoders/enformer.h"

namespace cohesin {
namespace {

const std::string kHeads = "_heads.";

// "human" of "_heads.human.0.weight"; empty for other names.
std::string head_of(const std::string& name) {
  if (name.rfind(kHeads, 0) != 0) return "";
  return name.substr(kHeads.size(), name.find('.', kHeads.size()) - kHeads.size());
}

// The plain name of a tensor that a file lists under its place in the trunk; empty for others.
std::string plain_name(const std::string& name) {
  static const std::map<std::string, std::string> places = {{"_trunk.1.", "stem."},
                                                            {"_trunk.2.", "conv_tower."},
                                                            {"_trunk.4.", "transformer."},
                                                            {"_trunk.6.", "final_pointwise."}};
  for (const auto& [place, plain] : places) {
    if (name.rfind(place, 0) == 0) return plain + name.substr(place.size());
  }
  return "";
}

bool heads_are_published(const EnformerConfig& config) {
  return config.output_heads == EnformerConfig().output_heads;
}

void check_rate(const char* key, double rate) {
  if (!(rate >= 0.0 && rate < 1.0)) throw Error("{}: expected 0 <= rate < 1, got {}", key, rate);
}

}  // namespace

void EnformerConfig::visit(Fields& field) {
  field("dim", dim, "width of the transformer");
  field("depth", depth, "layers of the transformer");
  field("heads", heads, "of its attention");
  field("output_heads", output_heads, "tracks that each head predicts; {} for none");
  field("target_length", target_length, "positions that stay after the crop; -1 for all");
  field("attn_dim_key", attn_dim_key, "width of a query and key");
  field("dropout_rate", dropout_rate);
  field("attn_dropout", attn_dropout);
  field("pos_dropout", pos_dropout);
  field("use_convnext", use_convnext, "not supported");
  field("num_downsamples", num_downsamples, "halvings of the length, the stem's among them");
  field("dim_divisible_by", dim_divisible_by, "of the tower's channels");
  field("use_tf_gamma", use_tf_gamma, "as gamma \"table\"");
  field("gamma", gamma,
        "position features: table (the published weights), feature_axis, position_axis; default as "
        "use_tf_gamma says: table or feature_axis");
}

void EnformerConfig::resolve() {
  if (use_convnext) {
    throw Error(
        "use_convnext: true is another network (ConvNeXt blocks instead of batch norm), which is "
        "not supported; no published Enformer has it");
  }
  check_at_least("dim", dim, 2);
  check_at_least("depth", depth, 0);
  check_at_least("heads", heads, 1);
  check_at_least("attn_dim_key", attn_dim_key, 1);
  check_at_least("dim_divisible_by", dim_divisible_by, 1);
  check_at_least("num_downsamples", num_downsamples, 3);
  if (num_downsamples > 30) throw Error("num_downsamples: at most 30, got {}", num_downsamples);
  if (target_length != -1 && target_length < 1)
    throw Error("target_length: expected 1 or more, or -1 for no crop, got {}", target_length);
  check_rate("dropout_rate", dropout_rate);
  check_rate("attn_dropout", attn_dropout);
  check_rate("pos_dropout", pos_dropout);
  for (const auto& [name, tracks] : output_heads) {
    if (name.empty() || name.find_first_of("./") != std::string::npos || name == "embeddings" ||
        name == "position_features" || name == "loss") {
      throw Error("output_heads: '{}' cannot be the name of a head", name);
    }
    check_at_least(("output_heads." + name).c_str(), tracks, 1);
  }
  if (const auto widths = tower_widths(); widths.back() != dim || widths[1] < 1) {
    throw Error(
        "dim {} and dim_divisible_by {} make a tower of {} channels; it must begin above 0 and end "
        "at dim",
        dim, dim_divisible_by, fmt::join(widths, ", "));
  }
  if (gamma.empty()) gamma = use_tf_gamma ? "table" : "feature_axis";
  const GammaFeatures kind = parse_gamma(gamma);
  if (use_tf_gamma && kind != GammaFeatures::table)
    throw Error("gamma is '{}', but use_tf_gamma true means 'table': change one of them", gamma);
  if (dim / heads < 6 || dim / heads % 6 != 0) {
    throw Error("dim / heads is {}; it is the number of distance features, a multiple of 6",
                dim / heads);
  }
  if (kind == GammaFeatures::table && dim / heads != 6 * kGammaTableFeatures) {
    throw Error("gamma: the table has {} features, so dim / heads must be {}, not {}",
                kGammaTableFeatures, 6 * kGammaTableFeatures, dim / heads);
  }
}

bool EnformerConfig::describes(const std::map<std::string, std::string>& keys) const {
  const auto type = keys.find("model_type");
  return type != keys.end() && type->second == "\"enformer\"";
}

std::vector<ForeignNote> EnformerConfig::tidy_foreign(NamedTensors& foreign,
                                                      const std::string& where) const {
  std::vector<ForeignNote> notes;
  NamedTensors tidy;
  for (const auto& [name, tensor] : foreign) {
    const std::string plain = plain_name(name), head = head_of(name);
    const auto twin = plain.empty() ? foreign.end() : foreign.find(plain);
    if (twin != foreign.end()) {
      if (!at::equal(twin->second, tensor)) {
        throw Error("{}: '{}' and '{}' are two names of one tensor, but their numbers differ",
                    where, name, plain);
      }
      notes.push_back({name, "a second name of a tensor of the trunk"});
    } else if (!head.empty() && output_heads.count(head) == 0 && !heads_are_published(*this)) {
      notes.push_back({name, "a head that the config's output_heads does not have"});
    } else {
      tidy[plain.empty() ? name : plain] = tensor;
    }
  }
  foreign = std::move(tidy);
  return notes;
}

void EnformerConfig::infer(const TensorShapes& foreign) {
  const EnformerConfig published;
  std::map<std::string, int64_t> in_file;
  for (const auto& [name, shape] : foreign) {
    const std::string head = head_of(name);
    if (!head.empty() && name.ends_with(".0.weight") && shape.size() == 2) in_file[head] = shape[0];
  }
  if (heads_are_published(*this)) output_heads = in_file;
  if (gamma.empty() && !use_tf_gamma && dim == published.dim && depth == published.depth &&
      in_file == published.output_heads) {
    log_warning(
        "these look like the published Enformer weights, which need \"use_tf_gamma\": true in the "
        "config; the config does not have it, and without it predictions are off by up to a "
        "seventh. If they were trained without the table, \"gamma\": \"feature_axis\" says so");
  }
}

std::vector<int64_t> EnformerConfig::tower_widths() const {
  const int64_t stem = dim / 2, num_steps = num_downsamples - 1;
  const auto start = static_cast<double>(stem), divisor = static_cast<double>(dim_divisible_by);
  const double base =
      std::exp(std::log(static_cast<double>(dim) / start) / static_cast<double>(num_steps - 1));
  std::vector<int64_t> widths{stem};
  for (int64_t i = 0; i < num_steps; ++i) {
    // nearbyint: halves go to even numbers, as in Python.
    const double blocks = std::nearbyint(start * std::pow(base, i) / divisor);
    widths.push_back(static_cast<int64_t>(blocks) * dim_divisible_by);
  }
  return widths;
}

int64_t EnformerConfig::positions_of(int64_t length) const {
  for (int64_t i = 0; i < num_downsamples; ++i) length = (length + 1) / 2;
  return length;
}

}  // namespace cohesin
