#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

// A row of attributions.tsv.
struct GeneAttribution {
  std::string modality, gene, gene_name;  // gene_name: empty where unknown
  std::string of_class;                   // of survival: "risk"
  // Over folds, each the mean over its samples that have the gene. Of a class: its attribution in
  // the samples of the class. Of the risk: positive where a higher value means a higher risk.
  double mean = 0;
  double lower = 0, upper = 0;  // 95 % interval of the mean over folds; NaN below two folds
  double mean_absolute = 0;     // of the single samples' attributions
  int64_t rank = 0;             // within the class, by |mean|, from 1
  int64_t folds = 0, samples = 0;
};

// One fold's mean of a gene.
struct FoldAttribution {
  double mean = 0, mean_absolute = 0;
  int64_t samples = 0;
};

// Fills mean, interval (Student's t) and counts from `folds`, one at least.
void summarize_folds(GeneAttribution& gene, const std::vector<FoldAttribution>& folds);

// Sorts by class (in the order of their first rows) and |mean|, and numbers them.
void rank_genes(std::vector<GeneAttribution>& genes);

std::string attributions_text(const std::vector<GeneAttribution>& genes);
// Throws Error naming file and line.
std::vector<GeneAttribution> read_attributions(const std::filesystem::path& path);

}  // namespace cohesin
