#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cohesin {

struct VcfInfo {
  std::string id, description;
};
// By line of the file and number of the allele, 1-based: a value for each key.
using VcfAlleleValues = std::map<std::pair<int64_t, int64_t>, std::vector<double>>;

// Throws Error if the file has no column INFO, or one of these keys already.
void check_vcf_info(const std::filesystem::path& in, const std::vector<VcfInfo>& keys);

// Copies a VCF file with a key of INFO for each value (one number an allele, '.' where there is
// none); rows without values stay as they are. bgzip if `out` ends in ".vcf.gz".
void add_vcf_info(const std::filesystem::path& in, const std::filesystem::path& out,
                  const std::vector<VcfInfo>& keys, const VcfAlleleValues& values);

}  // namespace cohesin
