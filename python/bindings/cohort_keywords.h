#pragma once

#include "cohesin/run/cohort_input.h"
#include "python/bindings/keyword_reader.h"

namespace cohesin::python {

// The keyword arguments that say which tables make a cohort: the flags of `prepare omics`, lists
// for those that may repeat.
inline void take_cohort(KeywordReader& reader, CohortInput& input) {
  reader.take("modality", input.modalities)
      .take("unit", input.units)
      .take("orientation", input.orientations)
      .take("cohort", input.cohorts)
      .take("genes", input.genes)
      .take("missing_genes", input.missing_genes)
      .take("aliases", input.aliases)
      .take("gene_lengths", input.gene_lengths)
      .take("missing_values", input.missing_values)
      .take("duplicates", input.duplicates)
      .take("complete_cases", input.complete_cases)
      .take("labels", input.labels)
      .take("label_id", input.label_id)
      .take("label_by", input.label_by)
      .take("class_names", input.class_names)
      .take("time", input.time)
      .take("event", input.event)
      .take("invalid_times", input.invalid_times)
      .take("patient", input.patient)
      .take("sample_sheet", input.sample_sheet)
      .take("sample_type", input.sample_type)
      .take("probe_map", input.probe_map)
      .take("masked_probes", input.masked_probes)
      .take("without_chromosomes", input.without_chromosomes);
}

}  // namespace cohesin::python
