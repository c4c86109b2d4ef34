#include "cohesin/run/track_attributions.h"

#include <ATen/ATen.h>
#include <torch/csrc/autograd/autograd.h>

#include <algorithm>

#include "cohesin/base/interrupt.h"
#include "cohesin/tasks/attribution.h"

namespace cohesin {
namespace {

// Rows of bases that have a letter, [L,1].
at::Tensor has_letter(const at::Tensor& letters_L4) {
  return letters_L4.amax(1, /*keepdim=*/true).eq(1);
}

// The bases and their letters as the other strand has them: A, C, G, T stand in the order of their
// complements.
at::Tensor turn(const at::Tensor& bases_L4) { return bases_L4.flip({0, 1}); }

at::Tensor centre(const at::Tensor& bases_L4, LetterBaseline baseline) {
  if (baseline == LetterBaseline::zeros) return bases_L4;
  return bases_L4 - bases_L4.mean(1, /*keepdim=*/true);
}

}  // namespace

WindowExplainer::WindowExplainer(const TrackModel& model, const TrackScore& score,
                                 const std::vector<int8_t>& window)
    : model_(model),
      score_(score),
      tracks_(at::tensor(score.tracks, at::kLong)),
      length_(static_cast<int64_t>(window.size())) {
  const at::NoGradGuard no_grad;
  for (const bool turned : {false, true}) {
    if (turned && !score.both_strands) continue;
    Strand strand;
    strand.turned = turned;
    strand.letters_L4 = model.one_hot(turned ? reverse_complement(window) : window);
    strand.tower_LD = model.tower(strand.letters_L4);
    strand.score = this->score(strand.tower_LD.unsqueeze(0), turned)[0].item<double>();
    prediction_ += strand.score;
    strands_.push_back(std::move(strand));
  }
  prediction_ /= static_cast<double>(strands_.size());
}

at::Tensor WindowExplainer::score(const at::Tensor& towers_BLD, bool turned) const {
  at::Tensor tracks_BLT = model_.tracks_of_towers(towers_BLD);
  if (turned) tracks_BLT = model_.turn_back(tracks_BLT);
  return tracks_BLT.narrow(1, score_.bins.first, score_.bins.count)
      .index_select(2, tracks_)
      .to(at::kDouble)
      .sum({1, 2});
}

int64_t WindowExplainer::place(const Strand& strand, int64_t begin, int64_t end) const {
  return strand.turned ? length_ - end : begin;
}

BaseAttributions WindowExplainer::mutate(int64_t begin, int64_t end) const {
  const at::NoGradGuard no_grad;
  BaseAttributions found{at::zeros({end - begin, 4}, at::kDouble)};
  for (const Strand& strand : strands_) {
    const int64_t first = place(strand, begin, end);
    const at::Tensor effects = mutate_strand(strand, first, first + end - begin);
    found.bases_L4 += strand.turned ? turn(effects) : effects;
  }
  found.bases_L4 /= static_cast<double>(strands_.size());
  return found;
}

at::Tensor WindowExplainer::mutate_strand(const Strand& strand, int64_t begin, int64_t end) const {
  // Positions of the transformer that go through it together.
  constexpr int64_t kMostPositions = 4096;
  const int64_t at_once = std::max<int64_t>(1, kMostPositions / strand.tower_LD.size(0));
  at::Tensor effects_L4 = at::zeros({end - begin, 4}, at::kDouble);
  std::vector<at::Tensor> towers;
  std::vector<double*> places;  // where their scores go
  const auto ask = [&](size_t count) {
    const at::Tensor some_BLD = at::stack(towers);
    for (int64_t at = 0; at < static_cast<int64_t>(count); at += at_once) {
      stop_here_if_requested();
      const int64_t number = std::min(at_once, static_cast<int64_t>(count) - at);
      const at::Tensor scores = score(some_BLD.narrow(0, at, number), strand.turned);
      for (int64_t i = 0; i < number; ++i)
        *places[static_cast<size_t>(at + i)] = scores[i].item<double>() - strand.score;
    }
    towers.clear();
    places.clear();
  };
  const at::Tensor own_L = strand.letters_L4.narrow(0, begin, end - begin).argmax(1);
  const at::Tensor known_L = has_letter(strand.letters_L4.narrow(0, begin, end - begin));
  for (int64_t base = begin; base < end; ++base) {
    if (!known_L[base - begin].item<bool>()) continue;
    const int64_t own = own_L[base - begin].item<int64_t>();
    const TowerPiece piece = tower_piece(model_.config(), length_, base, base + 1);
    at::Tensor letters_BP4 = strand.letters_L4.narrow(0, piece.from, piece.to - piece.from)
                                 .unsqueeze(0)
                                 .repeat({3, 1, 1});
    letters_BP4.select(1, base - piece.from).zero_();
    for (int64_t i = 0; i < 3; ++i) {
      const int64_t letter = (own + 1 + i) % 4;
      letters_BP4[i][base - piece.from][letter] = 1;
      places.push_back(effects_L4.mutable_data_ptr<double>() + (base - begin) * 4 + letter);
    }
    for (const at::Tensor& tower :
         model_.towers_with_piece(strand.tower_LD, letters_BP4, piece).unbind(0))
      towers.push_back(tower);
    if (static_cast<int64_t>(towers.size()) >= at_once) ask(towers.size());
  }
  if (!towers.empty()) ask(towers.size());
  return effects_L4;
}

at::Tensor WindowExplainer::gradient_of(const Strand& strand, const at::Tensor& letters_L4,
                                        const at::Tensor& tower_LD, int64_t begin,
                                        int64_t end) const {
  const at::AutoGradMode with_gradient(true);
  const auto gradient = [](const at::Tensor& of, const at::Tensor& to) {
    return torch::autograd::grad({of}, {to})[0];
  };
  const at::Tensor tower = tower_LD.detach().requires_grad_(true);
  const at::Tensor of_tower_LD = gradient(score(tower.unsqueeze(0), strand.turned)[0], tower);
  // Stem and tower in pieces, each run again: the whole would hold all that lies between.
  constexpr int64_t kPiece = 8192;
  std::vector<at::Tensor> parts;
  for (int64_t at = begin; at < end; at += kPiece) {
    stop_here_if_requested();
    const int64_t to = std::min(end, at + kPiece);
    const TowerPiece piece = tower_piece(model_.config(), length_, at, to);
    const at::Tensor letters_P4 =
        letters_L4.narrow(0, piece.from, piece.to - piece.from).clone().requires_grad_(true);
    const at::Tensor part = model_.tower_of_piece(letters_P4.unsqueeze(0), piece)[0];
    const at::Tensor product = (part * of_tower_LD.narrow(0, piece.first, piece.count)).sum();
    parts.push_back(gradient(product, letters_P4).narrow(0, at - piece.from, to - at));
  }
  return at::cat(parts).to(at::kDouble);
}

BaseAttributions WindowExplainer::gradient(int64_t begin, int64_t end,
                                           LetterBaseline baseline) const {
  BaseAttributions found{at::zeros({end - begin, 4}, at::kDouble)};
  for (const Strand& strand : strands_) {
    const int64_t first = place(strand, begin, end), last = first + end - begin;
    const at::Tensor known = has_letter(strand.letters_L4.slice(0, first, last));
    const at::Tensor slope = gradient_of(strand, strand.letters_L4, strand.tower_LD, first, last);
    const at::Tensor bases = centre(slope, baseline) * known;
    found.bases_L4 += strand.turned ? turn(bases) : bases;
  }
  found.bases_L4 /= static_cast<double>(strands_.size());
  return found;
}

BaseAttributions WindowExplainer::integrated(int64_t begin, int64_t end, LetterBaseline baseline,
                                             int64_t steps) const {
  const at::NoGradGuard no_grad;
  const Quadrature quadrature = gauss_legendre(steps);
  BaseAttributions found{at::zeros({end - begin, 4}, at::kDouble), 0};
  for (const Strand& strand : strands_) {
    const int64_t first = place(strand, begin, end), last = first + end - begin;
    const at::Tensor own_L4 = strand.letters_L4.slice(0, first, last);
    const at::Tensor known = has_letter(own_L4);
    const double value = baseline == LetterBaseline::uniform ? 0.25 : 0.0;
    const at::Tensor start_L4 = at::where(known, value, own_L4);
    // The window with these bases at this share of the way, and its tower.
    const auto on_the_way = [&](double share) {
      at::Tensor letters_L4 = strand.letters_L4.clone();
      letters_L4.slice(0, first, last).copy_(at::lerp(start_L4, own_L4, share));
      return letters_L4;
    };
    const auto tower_of = [&](const at::Tensor& letters_L4) {
      return model_.tower_after_change(strand.tower_LD, letters_L4, first, last);
    };
    found.baseline += score(tower_of(on_the_way(0)).unsqueeze(0), strand.turned)[0].item<double>();
    at::Tensor slope = at::zeros({last - first, 4}, at::kDouble);
    for (size_t i = 0; i < quadrature.nodes.size(); ++i) {
      const at::Tensor letters_L4 = on_the_way(quadrature.nodes[i]);
      slope += quadrature.weights[i] *
               gradient_of(strand, letters_L4, tower_of(letters_L4), first, last);
    }
    const at::Tensor bases = centre(slope, baseline) * known;
    found.bases_L4 += strand.turned ? turn(bases) : bases;
  }
  found.bases_L4 /= static_cast<double>(strands_.size());
  found.baseline /= static_cast<double>(strands_.size());
  return found;
}

}  // namespace cohesin
