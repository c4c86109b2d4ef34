#pragma once

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <string>
#include <vector>

namespace cohesin::bench {

inline double seconds_of(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

// Runs both in turn, `rounds` times after one unmeasured round, and prints the medians and how many
// times faster `ours` is.
inline void print_ratio(const std::string& what, const std::function<void()>& ours,
                        const std::function<void()>& baseline, int rounds = 5) {
  std::vector<double> mine, theirs;
  for (int i = 0; i <= rounds; ++i) {
    const double a = seconds_of(ours), b = seconds_of(baseline);
    if (i == 0) continue;
    mine.push_back(a);
    theirs.push_back(b);
  }
  std::sort(mine.begin(), mine.end());
  std::sort(theirs.begin(), theirs.end());
  const double m = mine[mine.size() / 2], t = theirs[theirs.size() / 2];
  std::printf("%-64s %9.1f ms %9.1f ms %6.2fx\n", what.c_str(), m * 1e3, t * 1e3, t / m);
  std::fflush(stdout);
}

inline void print_header(const std::string& title) {
  std::printf("%-64s %12s %12s %7s\n", title.c_str(), "ours", "baseline", "ratio");
}

}  // namespace cohesin::bench
