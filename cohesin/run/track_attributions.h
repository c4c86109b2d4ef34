#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "cohesin/run/track_model.h"
#include "cohesin/run/track_windows.h"

namespace cohesin {

// The number that is explained: the sum of these tracks over these bins of a window's prediction,
// the mean of both strands or the forward one's.
struct TrackScore {
  std::vector<int64_t> tracks;
  BinRange bins;
  bool both_strands = true;
};

// What bases are compared with: the mean of the four letters (0.25 each), or none of them (N).
enum class LetterBaseline { uniform, zeros };

// Numbers of some bases of a window. Bases without a letter (N, or beyond the sequence) have zeros.
struct BaseAttributions {
  at::Tensor bases_L4;  // double
  // Integrated gradients: the score with the bases at their baseline.
  double baseline = std::numeric_limits<double>::quiet_NaN();
};

// Asks what single bases of one window, given as indices (A 0, C 1, G 2, T 3, N 4, -1 beyond the
// sequence), do to the score. All else of the window stays as it is.
class WindowExplainer {
 public:
  WindowExplainer(const TrackModel& model, const TrackScore& score,
                  const std::vector<int8_t>& window);

  double prediction() const { return prediction_; }

  // For the bases [begin,end) the score with each letter in the base's place minus prediction(); 0
  // for its own. One pass through the transformer for each changed base.
  BaseAttributions mutate(int64_t begin, int64_t end) const;
  // Hypothetical attributions: what each letter would contribute in the base's place, so that the
  // number at the base's own letter is its attribution. The gradient, from which with the uniform
  // baseline the mean of the four letters is taken away (Majdandzic et al. 2023,
  // doi:10.1186/s13059-023-02956-3).
  BaseAttributions gradient(int64_t begin, int64_t end, LetterBaseline baseline) const;
  // The same with the mean of gradients between baseline and window (Sundararajan et al. 2017),
  // where only the bases [begin,end) go to the baseline: their attributions add up to prediction()
  // minus the score at baseline, but for the error of `steps` nodes of Gauss-Legendre quadrature.
  BaseAttributions integrated(int64_t begin, int64_t end, LetterBaseline baseline,
                              int64_t steps) const;

 private:
  struct Strand {
    bool turned = false;
    at::Tensor letters_L4, tower_LD;
    double score = 0;
  };
  // [B], with gradient where the mode has it.
  at::Tensor score(const at::Tensor& towers_BLD, bool turned) const;
  // The strand's own coordinates, and back.
  int64_t place(const Strand& strand, int64_t begin, int64_t end) const;
  at::Tensor mutate_strand(const Strand& strand, int64_t begin, int64_t end) const;
  at::Tensor gradient_of(const Strand& strand, const at::Tensor& letters_L4,
                         const at::Tensor& tower_LD, int64_t begin, int64_t end) const;

  const TrackModel& model_;
  TrackScore score_;
  at::Tensor tracks_;
  std::vector<Strand> strands_;
  int64_t length_ = 0;
  double prediction_ = 0;
};

}  // namespace cohesin
