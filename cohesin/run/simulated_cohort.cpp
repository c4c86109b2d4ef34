#include "cohesin/run/simulated_cohort.h"

#include <algorithm>
#include <cmath>

#include "cohesin/base/error.h"
#include "cohesin/base/philox.h"

namespace cohesin {

namespace {

constexpr double kRnaNoise = 0.8;          // sd of log2(TPM + 1)
constexpr double kMethylationNoise = 0.6;  // sd of logit(beta)
constexpr double kExpressedShift = 2.0;    // log2(TPM + 1) of a switch gene: on and off, +-
constexpr double kMethylatedShift = 1.5;   // logit(beta) of a switch gene, +-
constexpr int64_t kNumFolds = 5;
constexpr int64_t kSamplesPerRepeat = 20;  // every 20th sample is a second one of its patient
constexpr double kBaselineDays = 1500;
constexpr double kMeanCensoringDays = 2500;

struct Gene {
  double log2_tpm, logit_beta;  // at rest
  bool is_switch = false;
  double methylated_share = 0.5;  // switch genes: how often methylated (and how often silent)
  std::vector<bool> obeys_in;     // [classes]: methylation decides about expression
  std::vector<double> batch_log2, batch_logit;
};

// How many genes play each part.
struct Parts {
  int64_t coupled, markers, always_silenced, survival;
};

Parts share_genes(const SimulateOmicsOptions& options) {
  const int64_t genes = options.num_genes, classes = options.num_classes;
  Parts parts{};
  parts.coupled = options.coupled_genes.value_or(std::max<int64_t>(1, genes * 2 / 5));
  parts.markers = std::max<int64_t>(1, genes / 20 / classes);
  parts.always_silenced = genes / 10;
  const int64_t others = parts.coupled + parts.always_silenced + 2 * parts.markers * classes;
  parts.survival = std::min<int64_t>(5, genes - others);
  if (parts.survival < 1)
    throw Error("--genes {} are too few for {} classes and {} coupled genes: needs {} or more",
                genes, classes, parts.coupled, others + 1);
  return parts;
}

int64_t num_patients(int64_t samples) { return samples - samples / kSamplesPerRepeat; }

void check(const SimulateOmicsOptions& options) {
  if (options.num_classes < 2) throw Error("--classes is {}; needs 2 or more", options.num_classes);
  if (num_patients(options.num_samples) < kNumFolds * options.num_classes)
    throw Error("--samples {} are too few: {} folds need {} patients of each of the {} classes",
                options.num_samples, kNumFolds, kNumFolds, options.num_classes);
  const auto check_share = [](const char* flag, double value, double largest) {
    if (!(value >= 0 && value <= largest))
      throw Error("{} is {}; needs a number from 0 to {}", flag, value, largest);
  };
  check_share("--missing-fraction", options.missing_fraction, 0.9);
  check_share("--coupling", options.coupling, 1);
  check_share("--effect", options.effect, 10);
  check_share("--batch-effect", options.batch_effect, 10);
  if (options.coupled_genes && *options.coupled_genes < 0)
    throw Error("--coupled-genes is {}; needs 0 or more", *options.coupled_genes);
}

std::vector<std::string> numbered(const char* prefix, int64_t n) {
  const size_t width = std::max<size_t>(4, std::to_string(n).size());
  std::vector<std::string> names;
  for (int64_t i = 1; i <= n; ++i) names.push_back(fmt::format("{}{:0{}}", prefix, i, width));
  return names;
}

// The switch genes (the first `coupled` of them) that class k silences, ascending.
std::vector<int64_t> draw_silenced(const SimulateOmicsOptions& options,
                                   const std::vector<int64_t>& order, int64_t coupled, int64_t k) {
  const auto shuffled = RandomStream(options.seed, "simulate.silenced", static_cast<uint64_t>(k))
                            .permutation(coupled);
  const int64_t steps = options.num_classes - 1;
  std::vector<int64_t> silenced;
  for (int64_t i = 0; i < (coupled * k + steps / 2) / steps; ++i)
    silenced.push_back(order[static_cast<size_t>(shuffled[static_cast<size_t>(i)])]);
  std::sort(silenced.begin(), silenced.end());
  return silenced;
}

// Gives the genes, in random order, their parts: switch genes, always silenced ones, markers of the
// classes, survival genes; the rest is noise.
void cast_parts(const SimulateOmicsOptions& options, SimulatedCohort& cohort,
                std::vector<Gene>& genes) {
  const Parts parts = share_genes(options);
  const auto order = RandomStream(options.seed, "simulate.parts").permutation(options.num_genes);
  const auto gene_at = [&genes](int64_t g) -> Gene& { return genes[static_cast<size_t>(g)]; };
  RandomStream random(options.seed, "simulate.shifts");
  const auto sign = [&random] { return random.uniform() < 0.5 ? -1.0 : 1.0; };

  auto next = order.begin() + parts.coupled;
  std::for_each(order.begin(), next, [&](int64_t g) { gene_at(g).is_switch = true; });
  for (int64_t i = 0; i < parts.always_silenced; ++i) {
    gene_at(*next).is_switch = true;
    gene_at(*next).obeys_in.flip();
    cohort.always_silenced_genes.push_back(*next++);
  }
  std::sort(cohort.always_silenced_genes.begin(), cohort.always_silenced_genes.end());
  for (int64_t k = 0; k < options.num_classes; ++k) {
    SimulatedClass one{fmt::format("subtype_{}", k + 1), {}, {}, {}};
    one.silenced_genes = draw_silenced(options, order, parts.coupled, k);
    for (const int64_t g : one.silenced_genes) gene_at(g).obeys_in[static_cast<size_t>(k)] = true;
    for (int64_t i = 0; i < parts.markers; ++i) {
      one.rnaseq_markers.push_back({*next++, sign() * options.effect * kRnaNoise});
      one.methylation_markers.push_back({*next++, sign() * options.effect * kMethylationNoise});
    }
    cohort.classes.push_back(std::move(one));
    cohort.class_log_hazard.push_back(0.5 * random.normal());
  }
  for (int64_t i = 0; i < parts.survival; ++i)
    cohort.survival_genes.push_back({*next++, sign() * (0.3 + 0.4 * random.uniform())});
}

std::vector<Gene> draw_genes(const SimulateOmicsOptions& options) {
  std::vector<Gene> genes;
  for (int64_t g = 0; g < options.num_genes; ++g) {
    RandomStream random(options.seed, "simulate.gene", static_cast<uint64_t>(g));
    Gene gene;
    gene.obeys_in.assign(static_cast<size_t>(options.num_classes), false);
    gene.log2_tpm = 1 + 7 * random.uniform();
    gene.logit_beta = -2 + 4 * random.uniform();
    gene.methylated_share = 0.35 + 0.3 * random.uniform();
    for (int64_t b = 0; b < options.num_batches; ++b) {
      gene.batch_log2.push_back(options.batch_effect * kRnaNoise * random.normal());
      gene.batch_logit.push_back(options.batch_effect * kMethylationNoise * random.normal());
    }
    genes.push_back(std::move(gene));
  }
  return genes;
}

// Patients, their classes and folds (each fold has its share of each class); samples, their batches
// and which omic they lack.
void draw_samples(const SimulateOmicsOptions& options, SimulatedCohort& cohort) {
  const int64_t patients = num_patients(options.num_samples);
  const auto names = numbered("P", patients);
  const auto order = RandomStream(options.seed, "simulate.classes").permutation(patients);
  std::vector<int64_t> rank(order.size());
  for (size_t i = 0; i < order.size(); ++i)
    rank[static_cast<size_t>(order[i])] = static_cast<int64_t>(i);
  cohort.samples = numbered("S", options.num_samples);
  for (int64_t i = 0; i < options.num_samples; ++i) {
    const auto patient = static_cast<size_t>(i - (i + 1) / kSamplesPerRepeat);
    cohort.patients.push_back(names[patient]);
    cohort.class_of.push_back(rank[patient] % options.num_classes);
    cohort.fold_of.push_back(rank[patient] / options.num_classes % kNumFolds);
    RandomStream random(options.seed, "simulate.batch", static_cast<uint64_t>(i));
    cohort.batch_of.push_back(
        static_cast<int64_t>(random.below(static_cast<uint64_t>(options.num_batches))));
  }
  auto lacking = RandomStream(options.seed, "simulate.missing").permutation(options.num_samples);
  lacking.resize(static_cast<size_t>(
      std::llround(options.missing_fraction * static_cast<double>(options.num_samples))));
  for (size_t i = 0; i < lacking.size(); ++i)
    (i % 2 == 0 ? cohort.without_methylation : cohort.without_rnaseq).push_back(lacking[i]);
  std::sort(cohort.without_methylation.begin(), cohort.without_methylation.end());
  std::sort(cohort.without_rnaseq.begin(), cohort.without_rnaseq.end());
}

struct SampleValues {
  std::vector<double> log2_tpm, logit_beta;  // [genes]
};

SampleValues draw_sample(const SimulateOmicsOptions& options, const SimulatedCohort& cohort,
                         const std::vector<Gene>& genes, size_t sample) {
  RandomStream random(options.seed, "simulate.sample", sample);
  const auto k = static_cast<size_t>(cohort.class_of[sample]);
  const auto batch = static_cast<size_t>(cohort.batch_of[sample]);
  SampleValues values;
  for (const Gene& gene : genes) {
    double log2_tpm = gene.log2_tpm + gene.batch_log2[batch] + kRnaNoise * random.normal();
    double logit = gene.logit_beta + gene.batch_logit[batch] + kMethylationNoise * random.normal();
    if (gene.is_switch) {
      const bool is_methylated = random.uniform() < gene.methylated_share;
      const bool is_free_silent = random.uniform() < gene.methylated_share;
      const bool obeys = random.uniform() < options.coupling && gene.obeys_in[k];
      const bool is_silent = obeys ? is_methylated : is_free_silent;
      log2_tpm += is_silent ? -kExpressedShift : kExpressedShift;
      logit += is_methylated ? kMethylatedShift : -kMethylatedShift;
    }
    values.log2_tpm.push_back(log2_tpm);
    values.logit_beta.push_back(logit);
  }
  for (const auto& marker : cohort.classes[k].rnaseq_markers)
    values.log2_tpm[static_cast<size_t>(marker.gene)] += marker.shift;
  for (const auto& marker : cohort.classes[k].methylation_markers)
    values.logit_beta[static_cast<size_t>(marker.gene)] += marker.shift;
  return values;
}

// Exponential survival, proportional hazards; exponential censoring. A patient's second sample is
// from the same course: it takes the first one's time.
void draw_survival(const SimulateOmicsOptions& options, const std::vector<Gene>& genes,
                   const SampleValues& values, size_t sample, SimulatedCohort& cohort) {
  if (sample > 0 && cohort.patients[sample] == cohort.patients[sample - 1]) {
    cohort.time_days.push_back(cohort.time_days.back());
    cohort.event.push_back(cohort.event.back());
    return;
  }
  double log_hazard = cohort.class_log_hazard[static_cast<size_t>(cohort.class_of[sample])];
  for (const auto& [gene, beta] : cohort.survival_genes) {
    const auto g = static_cast<size_t>(gene);
    log_hazard += beta * (values.log2_tpm[g] - genes[g].log2_tpm) / kRnaNoise;
  }
  RandomStream random(options.seed, "simulate.survival", sample);
  const double died = -std::log1p(-random.uniform()) * kBaselineDays * std::exp(-log_hazard);
  const double censored = -std::log1p(-random.uniform()) * kMeanCensoringDays;
  cohort.time_days.push_back(std::max(1.0, std::round(std::min(died, censored))));
  cohort.event.push_back(died <= censored);
}

}  // namespace

SimulatedCohort simulate_cohort(const SimulateOmicsOptions& options) {
  check(options);
  SimulatedCohort cohort;
  cohort.genes = numbered("GENE", options.num_genes);
  cohort.baseline_days = kBaselineDays;
  auto genes = draw_genes(options);
  cast_parts(options, cohort, genes);
  draw_samples(options, cohort);
  for (size_t i = 0; i < cohort.samples.size(); ++i) {
    const SampleValues values = draw_sample(options, cohort, genes, i);
    for (const double log2_tpm : values.log2_tpm)
      cohort.tpm.push_back(std::max(0.0, std::exp2(log2_tpm) - 1));
    for (const double logit : values.logit_beta) cohort.beta.push_back(1 / (1 + std::exp(-logit)));
    draw_survival(options, genes, values, i, cohort);
  }
  return cohort;
}

}  // namespace cohesin
