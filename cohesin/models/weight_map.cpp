#include "cohesin/models/weight_map.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <optional>
#include <regex>
#include <set>
#include <sstream>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

const std::regex kPlaceholder(R"(\{(i|omic)\})");

// A row's name as a regular expression; `wildcards` gets {i}, {omic} in their order.
std::regex name_pattern(const std::string& name, std::vector<std::string>& wildcards) {
  std::string pattern;
  auto from = name.cbegin();
  for (std::sregex_iterator hit(name.begin(), name.end(), kPlaceholder), end; hit != end; ++hit) {
    pattern +=
        std::regex_replace(std::string(from, (*hit)[0].first), std::regex(R"([.])"), R"(\.)");
    pattern += hit->str() == "{i}" ? "([0-9]+)" : "([^./]+)";
    wildcards.push_back(hit->str());
    from = (*hit)[0].second;
  }
  pattern += std::regex_replace(std::string(from, name.cend()), std::regex(R"([.])"), R"(\.)");
  return std::regex(pattern);
}

std::string fill(std::string name, const std::vector<std::string>& wildcards,
                 const std::smatch& values) {
  for (size_t i = 0; i < wildcards.size(); ++i) {
    for (size_t at; (at = name.find(wildcards[i])) != std::string::npos;) {
      name.replace(at, wildcards[i].size(), values[i + 1].str());
    }
  }
  return name;
}

// Collects what is wrong with a set of weights and throws it as one Error.
class Complaints {
 public:
  void missing(const std::string& text) { missing_.push_back(text); }
  void unexpected(const std::string& text) { unexpected_.push_back(text); }
  void misshapen(const std::string& text) { misshapen_.push_back(text); }
  void throw_if_any(const std::string& where) const {
    if (missing_.empty() && unexpected_.empty() && misshapen_.empty()) return;
    throw Error("{}: the tensors do not fit the model's config{}{}{}", where,
                list("missing", missing_), list("unexpected", unexpected_),
                list("wrong shape", misshapen_));
  }

 private:
  static std::string list(const char* what, const std::vector<std::string>& names) {
    if (names.empty()) return "";
    std::string text = fmt::format("\n  {} {}:", names.size(), what);
    for (const auto& name : names) text += "\n    " + name;
    return text;
  }
  std::vector<std::string> missing_, unexpected_, misshapen_;
};

}  // namespace

void add_weights_and_biases(WeightMap& map,
                            const std::vector<std::pair<std::string, std::string>>& layers) {
  for (const auto& [ours, theirs] : layers) {
    map.push_back({ours + ".weight", theirs + ".weight"});
    map.push_back({ours + ".bias", theirs + ".bias"});
  }
}

WeightBindings bind_weights(const WeightMap& map, const std::vector<std::string>& ours,
                            std::vector<std::string>* uncovered) {
  struct Row {
    std::vector<std::string> wildcards;
    std::regex pattern;
  };
  std::vector<Row> rows;
  for (const auto& row : map) {
    Row compiled;
    compiled.pattern = name_pattern(row.ours, compiled.wildcards);
    rows.push_back(std::move(compiled));
  }
  WeightBindings bindings;
  std::vector<std::string> without_row;
  for (const auto& name : ours) {
    std::smatch values;
    size_t i = 0;
    while (i < rows.size() && !std::regex_match(name, values, rows[i].pattern)) ++i;
    if (i == rows.size()) {
      without_row.push_back(name);
    } else {
      bindings.push_back({name, fill(map[i].theirs, rows[i].wildcards, values), map[i].layout});
    }
  }
  if (uncovered != nullptr) {
    *uncovered = std::move(without_row);
  } else if (!without_row.empty()) {
    throw Error("no foreign names are known for these parameters:\n    {}",
                fmt::join(without_row, "\n    "));
  }
  return bindings;
}

WeightBindings bind_by_name_map(const std::string& text, const std::string& where,
                                const std::vector<std::string>& theirs) {
  struct Row {
    std::regex pattern;
    std::string ours;
    Layout layout;
  };
  std::vector<Row> rows;
  std::istringstream lines(text);
  int64_t number = 0;
  for (std::string line; std::getline(lines, line);) {
    ++number;
    if (!line.empty() && line.back() == '\r') line.pop_back();
    if (line.empty() || line[0] == '#') continue;
    std::istringstream fields(line);
    std::string pattern, ours, layout;
    std::getline(fields, pattern, '\t');
    std::getline(fields, ours, '\t');
    std::getline(fields, layout);
    if (ours.empty()) {
      throw Error("{}:{}: expected REGEX<TAB>OUR NAME[<TAB>LAYOUT], got '{}'", where, number, line);
    }
    try {
      rows.push_back({std::regex(pattern), ours, Layout(layout)});
    } catch (const std::regex_error&) {
      throw Error("{}:{}: '{}' is no regular expression", where, number, pattern);
    } catch (const Error& error) {
      throw Error("{}:{}: {}", where, number, error.what());
    }
  }
  WeightBindings bindings;
  std::map<std::string, std::string> source;
  for (const auto& name : theirs) {
    const auto row = std::find_if(rows.begin(), rows.end(), [&name](const Row& candidate) {
      return std::regex_match(name, candidate.pattern);
    });
    if (row == rows.end()) continue;
    std::smatch match;  // of the whole name: regex_replace would go on after it
    std::regex_match(name, match, row->pattern);
    const std::string ours = match.format(row->ours);
    if (const auto [at, is_new] = source.emplace(ours, name); !is_new) {
      throw Error("{}: '{}' and '{}' both become '{}'", where, at->second, name, ours);
    }
    bindings.push_back({ours, name, row->layout});
  }
  return bindings;
}

NamedTensors import_weights(const WeightBindings& bindings, const NamedTensors& theirs,
                            const TensorShapes& our_shapes, const std::string& where) {
  Complaints complaints;
  NamedTensors ours;
  std::map<std::string, std::string> their_names;
  for (const auto& binding : bindings) their_names[binding.ours] = binding.theirs;
  for (const auto& [name, shape] : our_shapes) {
    const auto theirs_name = their_names.find(name);
    if (theirs_name == their_names.end()) complaints.missing(name + " (no name is mapped to it)");
  }
  std::set<std::string> expected;
  for (const auto& binding : bindings) {
    expected.insert(binding.theirs);
    const auto found = theirs.find(binding.theirs);
    const auto shape = our_shapes.find(binding.ours);
    if (shape == our_shapes.end()) {
      complaints.unexpected(fmt::format("{} (mapped to '{}', which the model does not have)",
                                        binding.theirs, binding.ours));
    } else if (found == theirs.end()) {
      complaints.missing(binding.theirs);
    } else {
      const std::vector<int64_t> needed = binding.layout.their_shape(shape->second);
      if (found->second.sizes() != needed) {
        complaints.misshapen(fmt::format("{}: found {}, needed {}", binding.theirs,
                                         shape_text(found->second), shape_text(needed)));
      } else {
        const bool is_integer = at::isIntegralType(found->second.scalar_type(), true);
        ours[binding.ours] =
            binding.layout.to_ours(is_integer ? found->second : found->second.to(at::kFloat));
      }
    }
  }
  for (const auto& [name, tensor] : theirs) {
    if (expected.count(name) == 0) complaints.unexpected(name);
  }
  complaints.throw_if_any(where);
  return ours;
}

NamedTensors export_weights(const WeightBindings& bindings, const NamedTensors& ours) {
  NamedTensors theirs;
  for (const auto& binding : bindings) {
    if (const auto found = ours.find(binding.ours); found != ours.end()) {
      theirs[binding.theirs] = binding.layout.to_theirs(found->second);
    }
  }
  return theirs;
}

std::string describe_weights(const WeightMap& map) {
  std::string text = "| here | theirs | stored as |\n| --- | --- | --- |\n";
  for (const auto& row : map) {
    text += fmt::format("| `{}` | `{}` | {} |\n", row.ours, row.theirs,
                        row.layout.text().empty() ? "here" : "`" + row.layout.text() + "`");
  }
  return text;
}

NamedTensors module_weights(const torch::nn::Module& module) {
  NamedTensors weights;
  for (const auto& item : module.named_parameters()) weights[item.key()] = item.value().detach();
  for (const auto& item : module.named_buffers()) weights[item.key()] = item.value();
  return weights;
}

TensorShapes shapes_of(const NamedTensors& tensors) {
  TensorShapes shapes;
  for (const auto& [name, tensor] : tensors) shapes[name] = tensor.sizes().vec();
  return shapes;
}

void load_tensors(const NamedTensors& own, const NamedTensors& weights, const std::string& where) {
  Complaints complaints;
  for (const auto& [name, tensor] : own) {
    const auto found = weights.find(name);
    if (found == weights.end()) {
      complaints.missing(name);
    } else if (found->second.sizes() != tensor.sizes()) {
      complaints.misshapen(fmt::format("{}: found {}, needed {}", name, shape_text(found->second),
                                       shape_text(tensor)));
    }
  }
  for (const auto& [name, tensor] : weights) {
    if (own.count(name) == 0) complaints.unexpected(name);
  }
  complaints.throw_if_any(where);
  const torch::NoGradGuard no_grad;
  for (const auto& [name, tensor] : own) tensor.copy_(weights.at(name));
}

void load_module_weights(torch::nn::Module& module, const NamedTensors& weights,
                         const std::string& where) {
  load_tensors(module_weights(module), weights, where);
}

}  // namespace cohesin
