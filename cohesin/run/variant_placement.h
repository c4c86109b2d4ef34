#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "cohesin/io/genome.h"
#include "cohesin/io/vcf.h"

namespace cohesin {

// What became of variants that are not in the output, or not as they stood in the file.
class VariantCounts {
 public:
  void add(const std::string& what, const VcfVariant& variant);
  // A warning for each kind, with the number and the first example.
  void report(const std::string& where) const;

 private:
  struct Count {
    int64_t number = 0;
    std::string first;
  };
  std::map<std::string, Count> counts_;
};

struct VariantPlacementRules {
  std::string out_of_range = "pad";    // windows beyond the sequence: pad, drop or error
  std::string ref_mismatch = "error";  // REF is not what the genome has: error or skip
  std::string padding = "N";           // what pad fills with, as the counts tell it
};

// Throws Error for words that are none.
void check_rules(const VariantPlacementRules& rules);

// The stretch that holds REF; null, and counted, where the variant is left out: outside the
// sequences, REF another than the genome's, or a window beyond the stretch that is to be dropped.
// The windows of reference and alternative, which have the same length, lie between the bases
// first - before and first + after of the reference, `first` that of REF. Throws Error without the
// place in the file.
const Genome::Stretch* place_variant(const VcfVariant& variant, const Genome& genome,
                                     int64_t before, int64_t after,
                                     const VariantPlacementRules& rules, VariantCounts& counts);

}  // namespace cohesin
