// RNA-seq values to tokens: ValueTokenizer against the same rule written plainly, value by value.
#include <algorithm>
#include <cmath>
#include <vector>

#include "bench/ratio.h"
#include "cohesin/base/philox.h"
#include "cohesin/encode/value_tokenizer.h"

int main() {
  using namespace cohesin;
  constexpr size_t kSamples = 200, kGenes = 17116;
  std::vector<float> values(kSamples * kGenes);
  RandomStream random(1, "bench");
  for (float& value : values)
    value = random.uniform() < 0.2 ? 0.0F : static_cast<float>(std::exp(8 * random.uniform()) - 1);
  TokenizerConfig config;
  config.transform = "log10";
  config.normalization_factor = 5.547176906585117;
  config.unit = "tpm";
  const ValueTokenizer tokenizer(config);
  std::vector<int64_t> ids(values.size());

  bench::print_header("encode, 200 samples x 17,116 genes, one thread");
  bench::print_ratio(
      "TPM to 64 linear bins",
      [&] {
        TokenCounts counts;
        for (size_t s = 0; s < kSamples; ++s)
          tokenizer.tokens(values.data() + s * kGenes, kGenes, ids.data() + s * kGenes, counts);
      },
      [&] {
        const std::vector<double> edges = linear_edges(64, 0, 1);
        for (size_t i = 0; i < values.size(); ++i) {
          const double x = std::log10(1 + static_cast<double>(values[i])) / 5.547176906585117;
          ids[i] = x == 0 ? 0 : std::upper_bound(edges.begin(), edges.end(), x) - edges.begin();
        }
      });
}
