#include "cohesin/omics/multi_omics.h"

#include <cmath>
#include <unordered_map>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {

const Modality* MultiOmics::find(const std::string& name) const {
  for (const auto& modality : modalities)
    if (modality.name == name) return &modality;
  return nullptr;
}

const Modality& MultiOmics::at(const std::string& name) const {
  if (const Modality* modality = find(name)) return *modality;
  std::string list;
  for (const auto& modality : modalities) list += (list.empty() ? "" : ", ") + modality.name;
  throw Error("the cohort has no modality '{}'; it has: {}", name, list);
}

const SequenceModality& MultiOmics::sequences_at(const std::string& name) const {
  for (const auto& modality : sequences)
    if (modality.name == name) return modality;
  throw Error("the data hold no sequences; a table with a column '{}' or FASTA is needed", name);
}

void index_samples(MultiOmics& cohort) {
  for (auto& modality : cohort.modalities) {
    std::unordered_map<std::string, int64_t> row;
    for (size_t i = 0; i < modality.table.samples.size(); ++i)
      row.emplace(modality.table.samples[i], static_cast<int64_t>(i));
    modality.row_of.assign(cohort.num_samples(), -1);
    for (size_t i = 0; i < cohort.num_samples(); ++i)
      if (const auto found = row.find(cohort.obs.index[i]); found != row.end())
        modality.row_of[i] = found->second;
  }
}

MultiOmics select_samples(const MultiOmics& cohort, const std::vector<int64_t>& samples) {
  MultiOmics chosen;
  for (const int64_t sample : samples)
    chosen.obs.index.push_back(cohort.obs.index.at(static_cast<size_t>(sample)));
  for (const auto& column : cohort.obs.columns) {
    const auto pick = [&samples](const auto& values) {
      std::decay_t<decltype(values)> kept;
      for (const int64_t sample : samples) kept.push_back(values.at(static_cast<size_t>(sample)));
      return kept;
    };
    chosen.obs.columns.push_back(column.is_text() ? Column{column.name, pick(column.text())}
                                                  : Column{column.name, pick(column.numbers())});
  }
  for (const auto& modality : cohort.modalities) {
    Modality part{modality.name, modality.unit, {}, modality.gene_names, {}};
    part.table.features = modality.table.features;
    for (const int64_t sample : samples) {
      const int64_t row = modality.row_of.at(static_cast<size_t>(sample));
      if (row < 0) continue;
      part.table.samples.push_back(modality.table.samples[static_cast<size_t>(row)]);
      if (modality.table.values.empty()) continue;  // an outline
      const float* values = modality.table.row(static_cast<size_t>(row));
      part.table.values.insert(part.table.values.end(), values,
                               values + modality.table.num_features());
    }
    chosen.modalities.push_back(std::move(part));
  }
  for (const auto& modality : cohort.sequences) {
    SequenceModality part{modality.name, {}};
    for (const int64_t sample : samples)
      part.letters.push_back(modality.letters.at(static_cast<size_t>(sample)));
    chosen.sequences.push_back(std::move(part));
  }
  index_samples(chosen);
  return chosen;
}

}  // namespace cohesin
