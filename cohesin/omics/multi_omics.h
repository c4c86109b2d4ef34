#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/omics/frame.h"
#include "cohesin/omics/table.h"
#include "cohesin/omics/unit.h"

namespace cohesin {

// One omic of a cohort: its own samples (a subset of the cohort's) and its own features.
struct Modality {
  std::string name;  // "rnaseq", "methylation", ...
  Unit unit = Unit::kOther;
  Table table;                          // features = gene_id
  std::vector<std::string> gene_names;  // one a feature; empty text where unknown
  std::vector<int64_t> row_of;          // [cohort samples]: row in `table`, or -1 = not measured
};

// A sequence a sample: protein, DNA or RNA in letters.
struct SequenceModality {
  std::string name;                  // "sequence"
  std::vector<std::string> letters;  // [cohort samples]; empty = the sample has none
};

// A cohort: samples x modalities with presence. `obs.index` is the union of samples, in order.
struct MultiOmics {
  Frame obs;  // columns patient, cohort, labels, time_days, event
  std::vector<Modality> modalities;
  std::vector<SequenceModality> sequences = {};

  size_t num_samples() const { return obs.index.size(); }
  const Modality* find(const std::string& name) const;  // nullptr if absent
  const Modality& at(const std::string& name) const;    // throws Error with the known names
  // The sequences of this name; throws Error where the cohort has none.
  const SequenceModality& sequences_at(const std::string& name) const;
};

// Sets `row_of` of every modality from obs.index and the modality's sample names.
void index_samples(MultiOmics& cohort);

// The rows `samples` (indices into obs.index), in that order, of everything.
MultiOmics select_samples(const MultiOmics& cohort, const std::vector<int64_t>& samples);

}  // namespace cohesin
