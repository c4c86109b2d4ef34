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
  const auto linear = [&](const std::string& modality, size_t num_components) {
    LinearBaseline::Settings settings;
    settings.name = name;
    settings.modality = modality;
    settings.num_components = num_components;
    return state == nullptr ? std::make_unique<LinearBaseline>(settings)
                            : std::make_unique<LinearBaseline>(settings, *state);
  };
  const auto cox = [&](const std::string& modality, size_t num_components) {
    LinearBaseline::Settings settings;
    settings.name = name;
    settings.modality = modality;
    settings.num_components = num_components;
    settings.survival = true;
    settings.inverse_penalties = {0.3, 1, 3, 10, 30, 100};
    return state == nullptr ? std::make_unique<LinearBaseline>(settings)
                            : std::make_unique<LinearBaseline>(settings, *state);
  };
  if (name == "majority")
    return state == nullptr ? std::make_unique<MajorityBaseline>()
                            : std::make_unique<MajorityBaseline>(*state);
  if (name == "logistic") return linear("", 0);
  if (name == "pca_logistic") return linear("", kNumComponents);
  if (name == "cox") return cox("", 0);
  if (name == "pca_cox") return cox("", kNumCoxComponents);
  const std::string one_cox = "cox:";
  if (name.size() > one_cox.size() && name.starts_with(one_cox))
    return cox(name.substr(one_cox.size()), 0);
  const std::string one = "logistic:";
  if (name.size() > one.size() && name.starts_with(one)) return linear(name.substr(one.size()), 0);
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

std::unique_ptr<Baseline> make_baseline(const std::string& name) { return make(name, nullptr); }

std::unique_ptr<Baseline> restore_baseline(const BaselineState& state) {
  return make(state.name, &state);
}

}  // namespace cohesin
