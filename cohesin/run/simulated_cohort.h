#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cohesin {

struct SimulateOmicsOptions {
  int64_t num_samples = 300, num_genes = 200, num_classes = 3;
  double missing_fraction = 0.2;         // of the samples lack one of the two omics
  double effect = 1.0;                   // shift of a class's marker genes, in noise sds
  std::optional<int64_t> coupled_genes;  // switch genes, see below; default 40 % of the genes
  double coupling = 0.95;                // chance that a coupled gene obeys its methylation
  double batch_effect = 0.3;             // sd over genes of a batch's shift, in noise sds
  int64_t num_batches = 3;
  uint64_t seed = 0;
};

struct SimulatedMarker {
  int64_t gene;
  double shift;  // log2(TPM + 1) or logit(beta)
};

// What sets one class apart.
struct SimulatedClass {
  std::string name;
  std::vector<SimulatedMarker> rnaseq_markers, methylation_markers;
  std::vector<int64_t> silenced_genes;  // switch genes whose expression obeys their methylation
};

// A cohort and the truth behind it. Indices are positions in `genes`, `samples`, `classes`.
struct SimulatedCohort {
  std::vector<std::string> genes, samples, patients;
  std::vector<SimulatedClass> classes;
  std::vector<int64_t> always_silenced_genes;   // expression obeys methylation in every class
  std::vector<SimulatedMarker> survival_genes;  // shift = log hazard per sd of expression
  std::vector<double> class_log_hazard;         // [classes]
  double baseline_days = 0;                     // mean survival at log hazard 0

  std::vector<int64_t> class_of, batch_of, fold_of;          // [samples]
  std::vector<double> time_days;                             // [samples], whole days, >= 1
  std::vector<bool> event;                                   // [samples]
  std::vector<int64_t> without_rnaseq, without_methylation;  // samples, ascending
  std::vector<double> tpm, beta;  // [samples, genes], also of hidden rows
};

// Draws a cohort. A switch gene is methylated or not, expressed or not, in each sample. In a class
// that silences it, methylation decides about expression; elsewhere the two are independent, *with
// the same frequencies*: neither omic alone, nor any weighted sum of the two, tells the classes
// apart, only the joint state of both omics at one gene does. The first class silences no switch
// gene, the last all, those between a share in even steps. Beside these each class has marker genes
// of the plain kind, in both omics. The options alone decide every number.
// Throws Error if the options cannot be met.
SimulatedCohort simulate_cohort(const SimulateOmicsOptions& options);

}  // namespace cohesin
