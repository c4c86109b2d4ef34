#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>

namespace cohesin {

struct ProteinVariantsOptions {
  std::filesystem::path checkpoint;  // run folder, checkpoint or Hugging Face folder
  std::filesystem::path protein;     // FASTA
  std::filesystem::path mutations;   // CSV or TSV with a column of names such as A23V:G24S
  std::filesystem::path out;         // the same table with columns reference, alternative, effect
  int64_t offset = 1;                // the number that the first residue has in these names
  std::string method = "masked";     // masked, wild-type or pll
  std::string column;                // of the names; empty: mutant, mutation, mutations or variant
  std::string compare;               // column of measured effects
  int64_t window = 0;                // residues that the model sees; 0: those of its training
  int64_t max_tokens = 4096;         // of a batch
  bool force = false;
};

// How far effects go with measured ones.
struct EffectAgreement {
  double spearman = 0;
  int64_t count = 0;
};

// Scores of substitutions by a protein language model (Meier et al. 2021,
// doi:10.1101/2021.07.09.450648). `reference` and `alternative` are log probabilities, `effect` is
// alternative - reference:
//   masked     sums over the changed positions, each hidden by itself in the protein as it is
//   wild-type  the same with nothing hidden
//   pll        sums over all positions of the protein with and without the change, each hidden in
//              its turn
// A protein longer than the window is seen through one around the position that is asked about.
// Stops have no score and stay empty. Throws Error naming line, mutation and what the protein has
// there.
std::optional<EffectAgreement> score_protein_variants(const ProteinVariantsOptions& options);

}  // namespace cohesin
