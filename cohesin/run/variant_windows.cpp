#include "cohesin/run/variant_windows.h"

#include <algorithm>

#include "cohesin/base/error.h"
#include "cohesin/run/track_windows.h"

namespace cohesin {
namespace {

// Letters that both alleles have at the left end, when those at the right end are gone; one letter
// of each is left.
struct SharedEnds {
  size_t left = 0, right = 0;
};

SharedEnds shared_ends(const std::string& a, const std::string& b) {
  SharedEnds shared;
  const size_t most = std::min(a.size(), b.size()) - 1;
  while (shared.right < most && a[a.size() - 1 - shared.right] == b[b.size() - 1 - shared.right])
    ++shared.right;
  while (shared.left + shared.right < most && a[shared.left] == b[shared.left]) ++shared.left;
  return shared;
}

}  // namespace

VariantWindows variant_windows(const Genome::Stretch& stretch, const VcfVariant& variant,
                               int64_t width) {
  const int64_t before = width / 2, first = variant.position - 1;
  const auto longest = static_cast<int64_t>(std::max(variant.ref.size(), variant.alt.size()));
  if (before + longest > width)
    throw Error(
        "an allele of {} letters reaches beyond the window of {} bases, whose middle it begins "
        "at; pass a larger --window",
        longest, width);
  const SharedEnds shared = shared_ends(variant.ref, variant.alt);
  const std::string left = stretch.slice(first - before, first);
  const auto make = [&](const std::string& allele) {
    const auto length = static_cast<int64_t>(allele.size());
    const int64_t after = first + static_cast<int64_t>(variant.ref.size());
    AlleleWindow window;
    window.letters = left + allele + stretch.slice(after, after + width - before - length);
    window.begin = before + static_cast<int64_t>(shared.left);
    window.end = before + length - static_cast<int64_t>(shared.right);
    return window;
  };
  return {make(variant.ref), make(variant.alt)};
}

std::vector<int8_t> allele_indices(const Genome::Stretch& stretch, const VcfVariant& variant,
                                   const std::string& allele, int64_t width, int64_t before) {
  const int64_t first = variant.position - 1;
  const auto length = static_cast<int64_t>(allele.size());
  if (before + length > width)
    throw Error(
        "an allele of {} letters reaches beyond the window of {} bases, whose base {} it begins "
        "at; pass a larger --window",
        length, width, before);
  std::vector<int8_t> indices = window_indices(stretch, first - before, before);
  const auto add = [&indices](const std::vector<int8_t>& more) {
    indices.insert(indices.end(), more.begin(), more.end());
  };
  add(window_indices({0, allele}, 0, length));
  const int64_t after = first + static_cast<int64_t>(variant.ref.size());
  add(window_indices(stretch, after, width - before - length));
  return indices;
}

AlleleTokens tokenize_allele(const AlleleWindow& window, const SequenceTokenizer& tokenizer,
                             int64_t max_tokens) {
  SequenceChanges none;
  AlleleTokens allele;
  allele.tokens = tokenizer.tokenize({"", "", window.letters}, none);
  std::vector<int64_t>& starts = allele.tokens.starts;
  // A token reaches to the next one's start, the last one to the end of the window.
  const auto place = [&starts](int64_t letter) {
    const int64_t own = starts.front() == SequenceTokens::kAdded ? 1 : 0;
    return std::upper_bound(starts.begin() + own, starts.end(), letter) - starts.begin() - 1;
  };
  allele.begin = place(window.begin);
  allele.end = place(window.end - 1) + 1;
  const auto count = static_cast<int64_t>(starts.size());
  if (count <= max_tokens) return allele;
  const int64_t own = starts.front() == SequenceTokens::kAdded ? 1 : 0;
  const int64_t kept = max_tokens - own;
  if (allele.end - allele.begin > kept)
    throw Error("an allele of {} tokens; the model takes {}", allele.end - allele.begin, kept);
  const int64_t from = std::clamp((allele.begin + allele.end - kept) / 2, own, count - kept);
  const auto cut = [&](auto& list) {
    list.erase(list.begin() + own, list.begin() + from);
    list.resize(static_cast<size_t>(max_tokens));
  };
  cut(starts);
  cut(allele.tokens.ids);
  allele.begin -= from - own;
  allele.end -= from - own;
  return allele;
}

}  // namespace cohesin
