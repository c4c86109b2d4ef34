#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

namespace cohesin {

struct GenomeVariantsOptions {
  std::filesystem::path checkpoint;  // run folder, checkpoint or Hugging Face folder
  std::filesystem::path genome;      // FASTA: chromosomes, or slices of them
  std::filesystem::path vcf;
  std::filesystem::path out;           // .tsv, or .vcf with effects in INFO; .gz too
  int64_t window = 0;                  // bases that the model sees; 0: those of its training
  std::string out_of_range = "pad";    // windows beyond the sequence: pad (with N), drop or error
  std::string ref_mismatch = "error";  // REF is not what the genome has: error or skip
  int64_t max_tokens = 4096;           // of a batch
  bool force = false;
};

// Scores of variants by a language model of DNA, one row for each alternative allele and target:
//   log_likelihood_ratio  `reference` is the sum over the tokens that hold a letter of the allele
//                         of log p(token), each token hidden by itself in the window with the
//                         reference allele, `alternative` the same with the other allele; `effect`
//                         is the difference
//   embedding_distance    `effect` is 1 - cosine of the two windows' mean last hidden states
//   embedding_l2          `effect` is their Euclidean distance
// Forward strand only. Variants outside the sequences are left out and counted. Throws Error naming
// the line of the VCF.
void score_genome_variants(const GenomeVariantsOptions& options);

}  // namespace cohesin
