#pragma once

#include "cohesin/omics/multi_omics.h"

namespace cohesin {

inline constexpr const char* kComposition = "composition";

// Adds the modality `composition`: what plain methods see of the cohort's first sequences. For DNA
// and RNA (A, C, G, T or U alone, but for N) the share of each word of one to four bases, else of
// each residue and each pair of residues. Words with other letters count for nothing; U is T.
void add_composition(MultiOmics& cohort);

}  // namespace cohesin
