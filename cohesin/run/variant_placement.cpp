#include "cohesin/run/variant_placement.h"

#include <algorithm>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"

namespace cohesin {
namespace {

bool has_its_reference(const VcfVariant& variant, const Genome::Stretch& stretch,
                       const VariantPlacementRules& rules, VariantCounts& counts) {
  const int64_t first = variant.position - 1;
  const std::string found = stretch.slice(first, first + static_cast<int64_t>(variant.ref.size()));
  if (found == variant.ref) return true;
  if (rules.ref_mismatch == "error")
    throw Error(
        "{}:{}: REF is {}, the genome has {}; is it another assembly? (--ref-mismatch skip leaves "
        "such variants out)",
        variant.chrom, variant.position, variant.ref, found);
  counts.add("left out: REF is not what the genome has", variant);
  return false;
}

bool has_a_window(const VcfVariant& variant, const Genome::Stretch& stretch, int64_t before,
                  int64_t after, const VariantPlacementRules& rules, VariantCounts& counts) {
  const auto ref_length = static_cast<int64_t>(variant.ref.size());
  const auto alt_length = static_cast<int64_t>(variant.alt.size());
  const int64_t from = variant.position - 1 - before;
  // A deletion brings in letters from beyond the reference's window.
  const int64_t to = variant.position - 1 + after + std::max<int64_t>(0, ref_length - alt_length);
  if (stretch.begin <= from && to <= stretch.end()) return true;
  if (rules.out_of_range == "error")
    throw Error("{}:{}: the window {} to {} reaches beyond the sequence {} to {}", variant.chrom,
                variant.position, from, to, stretch.begin, stretch.end());
  const bool is_dropped = rules.out_of_range == "drop";
  counts.add(is_dropped
                 ? "left out: the window reaches beyond the sequence"
                 : "with a window that reaches beyond the sequence, filled with " + rules.padding,
             variant);
  return !is_dropped;
}

}  // namespace

void VariantCounts::add(const std::string& what, const VcfVariant& variant) {
  Count& count = counts_[what];
  if (count.number++ == 0)
    count.first = fmt::format("line {}, {}:{}", variant.line, variant.chrom, variant.position);
}

void VariantCounts::report(const std::string& where) const {
  for (const auto& [what, count] : counts_)
    log_warning("{}: {} {} {} (first: {})", where, count.number,
                count.number == 1 ? "variant" : "variants", what, count.first);
}

void check_rules(const VariantPlacementRules& rules) {
  const auto& range = rules.out_of_range;
  if (range != "pad" && range != "drop" && range != "error")
    throw Error("--out-of-range {}: expected pad, drop or error", range);
  if (rules.ref_mismatch != "error" && rules.ref_mismatch != "skip")
    throw Error("--ref-mismatch {}: expected error or skip", rules.ref_mismatch);
}

const Genome::Stretch* place_variant(const VcfVariant& variant, const Genome& genome,
                                     int64_t before, int64_t after,
                                     const VariantPlacementRules& rules, VariantCounts& counts) {
  const int64_t first = variant.position - 1;
  const auto* stretch =
      genome.find(variant.chrom, first, first + static_cast<int64_t>(variant.ref.size()));
  if (stretch == nullptr) {
    const auto other = genome.other_name(variant.chrom);
    counts.add(other ? fmt::format("left out: outside the sequences (the genome has '{}')", *other)
                     : "left out: outside the sequences",
               variant);
    return nullptr;
  }
  const bool fits = has_its_reference(variant, *stretch, rules, counts) &&
                    has_a_window(variant, *stretch, before, after, rules, counts);
  return fits ? stretch : nullptr;
}

}  // namespace cohesin
