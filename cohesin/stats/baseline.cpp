#include "cohesin/stats/baseline.h"

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"
#include "cohesin/stats/linear_baseline.h"
#include "cohesin/stats/majority_baseline.h"

namespace cohesin {
namespace {

constexpr size_t kNumComponents = 50, kNumCoxComponents = 30;

// What the name asks for; the state only if one is given.
std::unique_ptr<Baseline> make(const std::string& name, const BaselineState* state) {
  const bool survival = is_survival_baseline(name);
  const auto linear = [&](const std::string& modality, size_t num_components) {
    LinearBaseline::Settings settings;
    settings.name = name;
    settings.modality = modality;
    settings.num_components = num_components;
    settings.survival = survival;
    if (survival) settings.inverse_penalties = {0.3, 1, 3, 10, 30, 100};
    return state == nullptr ? std::make_unique<LinearBaseline>(settings)
                            : std::make_unique<LinearBaseline>(settings, *state);
  };
  if (name == "majority")
    return state == nullptr ? std::make_unique<MajorityBaseline>()
                            : std::make_unique<MajorityBaseline>(*state);
  if (name == "logistic" || name == "cox") return linear("", 0);
  if (name == "pca_logistic") return linear("", kNumComponents);
  if (name == "pca_cox") return linear("", kNumCoxComponents);
  for (const std::string prefix : {"logistic:", "cox:"})
    if (name.size() > prefix.size() && name.starts_with(prefix))
      return linear(name.substr(prefix.size()), 0);
  std::vector<std::string> names;
  for (const auto& [member, help] : baseline_registry()) names.push_back(member);
  const std::string nearest = nearest_name(name, names);
  throw Error("no baseline is called '{}'{}", name,
              nearest.empty() ? "" : "; the nearest is '" + nearest + "'");
}

}  // namespace

const std::vector<std::pair<std::string, std::string>>& baseline_registry() {
  static const std::vector<std::pair<std::string, std::string>> kRegistry = {
      {"majority", "the class shares of the training samples"},
      {"logistic", "ridge logistic regression; a missing modality is filled by ridge regression"},
      {"logistic:NAME", "ridge logistic regression on the modality NAME alone"},
      {"pca_logistic", "ridge logistic regression on 50 principal components"},
      {"cox", "ridge Cox regression; a missing modality is filled by ridge regression"},
      {"cox:NAME", "ridge Cox regression on the modality NAME alone"},
      {"pca_cox", "ridge Cox regression on 30 principal components"},
  };
  return kRegistry;
}

bool is_survival_baseline(const std::string& name) {
  return name == "cox" || name == "pca_cox" || name.starts_with("cox:");
}

std::unique_ptr<Baseline> make_baseline(const std::string& name) { return make(name, nullptr); }

std::unique_ptr<Baseline> restore_baseline(const BaselineState& state) {
  return make(state.name, &state);
}

}  // namespace cohesin
