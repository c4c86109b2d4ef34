#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

namespace cohesin {

// Philox4x32 (Salmon et al. 2011, doi:10.1145/2063384.2063405): four random words that depend on
// nothing but counter and key.
std::array<uint32_t, 4> philox4x32(std::array<uint32_t, 4> counter, std::array<uint32_t, 2> key,
                                   int rounds = 10);

// A stable 64-bit hash of text (FNV-1a), for counters made of names.
uint64_t stable_hash(std::string_view text);

// A stream of random numbers addressed by (seed, purpose, index): the same address gives the same
// numbers in every run, order, thread or process. Cheap to make: one a sample, one an epoch.
class RandomStream {
 public:
  RandomStream(uint64_t seed, std::string_view purpose, uint64_t index = 0);

  uint32_t next_word();
  uint64_t next_word64();
  double uniform();                             // [0, 1), 53 bits
  double normal();                              // mean 0, sd 1 (Box-Muller)
  uint64_t below(uint64_t bound);               // unbiased, [0, bound); bound > 0
  std::vector<int64_t> permutation(int64_t n);  // of 0..n-1

 private:
  std::array<uint32_t, 2> key_;
  uint64_t index_;
  uint64_t block_ = 0;
  std::array<uint32_t, 4> words_{};
  int used_ = 4;
};

}  // namespace cohesin
