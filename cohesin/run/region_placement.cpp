#include "cohesin/run/region_placement.h"

#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"

namespace cohesin {
namespace {

class Placement {
 public:
  Placement(const Genome& genome, const RegionPlacementRules& rules)
      : genome_(genome), rules_(rules) {}
  std::optional<PlacedRegion> place(const BedRegion& region);
  // Throws Error where none is left.
  void report(size_t num_regions, size_t num_placed) const;

 private:
  const Genome& genome_;
  const RegionPlacementRules& rules_;
  std::string first_outside_;
  size_t num_outside_ = 0, num_dropped_ = 0, num_padded_ = 0;
};

std::optional<PlacedRegion> Placement::place(const BedRegion& region) {
  const Genome::Stretch* sequence = genome_.find(region.chrom, region.start, region.end);
  if (sequence == nullptr) {
    std::string text =
        fmt::format("{}: lies in no sequence of {}", where_is(region, rules_.bed), rules_.genome);
    const auto other = genome_.other_name(region.chrom);
    if (other) text += fmt::format("; did you mean '{}'?", *other);
    if (other || rules_.out_of_range == "error") throw Error("{}", text);
    if (num_outside_++ == 0) first_outside_ = text;
    return std::nullopt;
  }
  PlacedRegion placed{&region, sequence, rules_.windows_of(region, *sequence)};
  const int64_t begin = placed.windows.front().start;
  const int64_t end = placed.windows.back().start + rules_.window;
  if (begin >= sequence->begin && end <= sequence->end()) return placed;
  if (rules_.out_of_range == "error")
    throw Error(
        "{}: its window {}-{} goes beyond the sequence, {}-{}; pass --out-of-range pad or drop, "
        "or give more sequence",
        where_is(region, rules_.bed), begin, end, sequence->begin, sequence->end());
  if (rules_.out_of_range == "drop") {
    ++num_dropped_;
    return std::nullopt;
  }
  ++num_padded_;
  return placed;
}

void Placement::report(size_t num_regions, size_t num_placed) const {
  if (num_placed == 0 && num_outside_ > 0)
    throw Error("no region is left, {} of {} lie in no sequence: {}", num_outside_, num_regions,
                first_outside_);
  if (num_placed == 0)
    throw Error(
        "no region is left: the windows of all {} go beyond their sequences; pass "
        "--out-of-range pad",
        num_regions);
  if (num_outside_ > 0)
    log_warning("{} of {} regions are left out, the first: {}", num_outside_, num_regions,
                first_outside_);
  if (num_dropped_ > 0)
    log_warning("{} of {} regions are left out, for their windows go beyond the sequence",
                num_dropped_, num_regions);
  if (num_padded_ > 0)
    log_info("{} of {} regions have windows that go beyond the sequence; padded", num_padded_,
             num_regions);
}

}  // namespace

std::vector<PlacedRegion> place_regions(const std::vector<BedRegion>& regions, const Genome& genome,
                                        const RegionPlacementRules& rules) {
  Placement placement(genome, rules);
  std::vector<PlacedRegion> all;
  for (const BedRegion& region : regions)
    if (auto placed = placement.place(region)) all.push_back(std::move(*placed));
  placement.report(regions.size(), all.size());
  return all;
}

std::string where_is(const BedRegion& region, const std::string& bed) {
  return fmt::format("{}:{}: {}:{}-{}", bed, region.line, region.chrom, region.start, region.end);
}

}  // namespace cohesin
