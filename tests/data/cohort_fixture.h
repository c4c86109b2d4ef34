#pragma once

#include <fmt/format.h>

#include <cmath>
#include <memory>
#include <string>
#include <vector>

#include "cohesin/base/philox.h"
#include "cohesin/encode/omics_encoder.h"
#include "cohesin/omics/multi_omics.h"

namespace cohesin::testing {

// A small cohort with made-up values: omics `rnaseq` (TPM) and `methylation` (beta) over the genes
// g0.., two classes in column `class` that shift the first genes; the first class dies earlier,
// every fifth sample is censored, the follow-up of s3 is not known. Sample s1 lacks methylation.
inline std::shared_ptr<const MultiOmics> make_cohort(int64_t num_samples, int64_t num_genes) {
  auto cohort = std::make_shared<MultiOmics>();
  Column labels{"class", std::vector<std::string>{}},
      patients{"patient", std::vector<std::string>{}};
  for (int64_t s = 0; s < num_samples; ++s) {
    cohort->obs.index.push_back(fmt::format("s{}", s));
    labels.text().push_back(s % 2 == 0 ? "a" : "b");
    patients.text().push_back(fmt::format("p{}", s));
  }
  cohort->obs.columns = {patients, labels};
  std::vector<double> time_days, event;
  for (int64_t s = 0; s < num_samples; ++s) {
    time_days.push_back(s == 3 ? std::nan("") : static_cast<double>((s % 2 == 0 ? 100 : 900) + s));
    event.push_back(s == 3 ? std::nan("") : s % 5 == 0 ? 0.0 : 1.0);
  }
  cohort->obs.set({"time_days", time_days});
  cohort->obs.set({"event", event});
  for (const std::string name : {"rnaseq", "methylation"}) {
    Modality modality;
    modality.name = name;
    modality.unit = name == "rnaseq" ? Unit::kTpm : Unit::kBeta;
    for (int64_t g = 0; g < num_genes; ++g)
      modality.table.features.push_back(fmt::format("g{}", g));
    modality.gene_names.assign(static_cast<size_t>(num_genes), "");
    for (int64_t s = 0; s < num_samples; ++s) {
      if (name == "methylation" && s == 1) continue;
      modality.table.samples.push_back(cohort->obs.index[static_cast<size_t>(s)]);
      RandomStream random(1, name, static_cast<uint64_t>(s));
      for (int64_t g = 0; g < num_genes; ++g) {
        const double shift = s % 2 == 0 && g < num_genes / 4 ? 2.0 : 0.0;
        const double z = random.normal() + shift;
        modality.table.values.push_back(
            static_cast<float>(name == "rnaseq" ? std::exp(z) : 1 / (1 + std::exp(-z))));
      }
    }
    cohort->modalities.push_back(modality);
  }
  index_samples(*cohort);
  return cohort;
}

inline std::vector<int64_t> all_samples(const MultiOmics& cohort) {
  std::vector<int64_t> samples;
  for (size_t i = 0; i < cohort.num_samples(); ++i) samples.push_back(static_cast<int64_t>(i));
  return samples;
}

inline std::shared_ptr<const OmicsEncoder> fit_encoder(const MultiOmics& cohort,
                                                       const std::string& edges,
                                                       const std::vector<int64_t>& samples) {
  std::map<std::string, TokenizerConfig> configs;
  for (const auto& modality : cohort.modalities) {
    configs[modality.name].bins = 8;
    configs[modality.name].edges = edges;
  }
  return std::make_shared<const OmicsEncoder>(OmicsEncoder::fit(cohort, samples, configs));
}

}  // namespace cohesin::testing
