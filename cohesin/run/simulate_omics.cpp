#include "cohesin/run/simulate_omics.h"

#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/text_writer.h"

namespace cohesin {

namespace {

using Json = nlohmann::ordered_json;

void write_table(const std::filesystem::path& path, const SimulatedCohort& cohort,
                 const std::vector<double>& values, const std::vector<int64_t>& without) {
  TextWriter writer(path);
  std::string line = "sample";
  for (const auto& gene : cohort.genes) line += '\t' + gene;
  writer.write(line + '\n');
  for (size_t i = 0; i < cohort.samples.size(); ++i) {
    if (std::binary_search(without.begin(), without.end(), static_cast<int64_t>(i))) continue;
    line = cohort.samples[i];
    for (size_t g = 0; g < cohort.genes.size(); ++g)
      fmt::format_to(std::back_inserter(line), "\t{:.6g}", values[i * cohort.genes.size() + g]);
    writer.write(line + '\n');
  }
  writer.commit();
}

void write_labels(const std::filesystem::path& path, const SimulatedCohort& cohort) {
  TextWriter writer(path);
  writer.write("sample\tpatient\tclass\ttime_days\tevent\tbatch\n");
  for (size_t i = 0; i < cohort.samples.size(); ++i)
    writer.write(fmt::format("{}\t{}\t{}\t{}\t{}\tbatch_{}\n", cohort.samples[i],
                             cohort.patients[i],
                             cohort.classes[static_cast<size_t>(cohort.class_of[i])].name,
                             cohort.time_days[i], cohort.event[i] ? 1 : 0, cohort.batch_of[i] + 1));
  writer.commit();
}

void write_folds(const std::filesystem::path& path, const SimulatedCohort& cohort) {
  TextWriter writer(path);
  writer.write("sample\tfold\n");
  for (size_t i = 0; i < cohort.samples.size(); ++i)
    writer.write(fmt::format("{}\t{}\n", cohort.samples[i], cohort.fold_of[i]));
  writer.commit();
}

Json names(const std::vector<std::string>& all, const std::vector<int64_t>& chosen) {
  Json list = Json::array();
  for (const int64_t i : chosen) list.push_back(all[static_cast<size_t>(i)]);
  return list;
}

Json marker_shifts(const SimulatedCohort& cohort, const std::vector<SimulatedMarker>& markers) {
  Json shifts = Json::object();
  for (const auto& marker : markers)
    shifts[cohort.genes[static_cast<size_t>(marker.gene)]] = marker.shift;
  return shifts;
}

std::string truth_text(const SimulateOmicsOptions& options, const SimulatedCohort& cohort) {
  Json truth;
  truth["settings"] = {{"samples", options.num_samples},
                       {"genes", options.num_genes},
                       {"classes", options.num_classes},
                       {"missing_fraction", options.missing_fraction},
                       {"effect", options.effect},
                       {"coupled_genes", cohort.classes.back().silenced_genes.size()},
                       {"coupling", options.coupling},
                       {"batch_effect", options.batch_effect},
                       {"seed", options.seed}};
  for (const auto& one : cohort.classes)
    truth["classes"][one.name] = {
        {"silenced", names(cohort.genes, one.silenced_genes)},
        {"rnaseq_markers_log2_shift", marker_shifts(cohort, one.rnaseq_markers)},
        {"methylation_markers_logit_shift", marker_shifts(cohort, one.methylation_markers)}};
  truth["silenced_in_every_class"] = names(cohort.genes, cohort.always_silenced_genes);
  truth["survival"] = {{"baseline_days", cohort.baseline_days},
                       {"log_hazard_per_sd", marker_shifts(cohort, cohort.survival_genes)}};
  for (size_t k = 0; k < cohort.classes.size(); ++k)
    truth["survival"]["class_log_hazard"][cohort.classes[k].name] = cohort.class_log_hazard[k];
  truth["without_rnaseq"] = names(cohort.samples, cohort.without_rnaseq);
  truth["without_methylation"] = names(cohort.samples, cohort.without_methylation);
  return truth.dump(1) + '\n';
}

}  // namespace

std::string simulate_omics(const SimulateOmicsOptions& options, const std::filesystem::path& folder,
                           bool force) {
  require_absent_or_force(folder, force);
  const SimulatedCohort cohort = simulate_cohort(options);
  make_folder(folder);
  write_table(folder / "rnaseq.tsv.gz", cohort, cohort.tpm, cohort.without_rnaseq);
  write_table(folder / "methylation.tsv.gz", cohort, cohort.beta, cohort.without_methylation);
  write_labels(folder / "labels.tsv", cohort);
  write_folds(folder / "folds.tsv", cohort);
  write_text(folder / "truth.json", truth_text(options, cohort));
  return fmt::format(
      "{}: {} samples of {} classes, {} genes; {} samples lack rnaseq, {} lack methylation",
      folder.string(), cohort.samples.size(), cohort.classes.size(), cohort.genes.size(),
      cohort.without_rnaseq.size(), cohort.without_methylation.size());
}

}  // namespace cohesin
