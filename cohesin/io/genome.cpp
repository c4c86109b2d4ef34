#include "cohesin/io/genome.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <iterator>
#include <set>
#include <string_view>
#include <tuple>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/io/fasta.h"

namespace cohesin {
namespace {

// What each letter becomes; 0 = no base.
std::array<char, 256> make_bases() {
  std::array<char, 256> bases{};
  const auto set = [&bases](std::string_view letters, char becomes) {
    for (const char letter : letters) {
      const auto upper = static_cast<unsigned char>(letter);
      bases[upper] = becomes;
      bases[static_cast<unsigned char>(std::tolower(upper))] = becomes;
    }
  };
  for (const char base : {'A', 'C', 'G', 'T'}) set({&base, 1}, base);
  set("U", 'T');
  set("NRYKMSWBDHVX", 'N');
  return bases;
}

}  // namespace

void to_bases(std::string& letters) {
  static const std::array<char, 256> kBases = make_bases();
  for (size_t i = 0; i < letters.size(); ++i) {
    const char base = kBases[static_cast<unsigned char>(letters[i])];
    if (base == 0)
      throw Error("letter {} is '{}', which is no base; a genome is needed", i + 1, letters[i]);
    letters[i] = base;
  }
}

std::string Genome::Stretch::slice(int64_t from, int64_t to) const {
  const int64_t first = std::clamp(from, begin, end()), last = std::clamp(to, first, end());
  std::string text(static_cast<size_t>(std::max<int64_t>(0, std::min(first, to) - from)), 'N');
  text.append(letters, static_cast<size_t>(first - begin), static_cast<size_t>(last - first));
  text.resize(static_cast<size_t>(to - from), 'N');
  return text;
}

Genome::Genome(const std::filesystem::path& fasta) {
  FastaReader reader(fasta);
  std::set<std::tuple<std::string, int64_t, int64_t>> seen;
  for (Sequence record; reader.next(record);) {
    try {
      to_bases(record.letters);
      const auto slice = parse_slice_name(record.id, static_cast<int64_t>(record.letters.size()));
      const int64_t begin = slice ? slice->start : 0;
      const auto length = static_cast<int64_t>(record.letters.size());
      const std::string& name = slice ? slice->chrom : record.id;
      if (!seen.emplace(name, begin, length).second) throw Error("a second record of this name");
      Chrom& chrom = chroms_[name];
      chrom.stretches.push_back({begin, std::move(record.letters)});
      chrom.longest = std::max(chrom.longest, length);
    } catch (const Error& error) {
      throw Error("{}:{}: '{}': {}", fasta.string(), reader.header_line(), record.id, error.what());
    }
  }
  for (auto& [name, chrom] : chroms_)
    std::sort(chrom.stretches.begin(), chrom.stretches.end(),
              [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
}

const Genome::Stretch* Genome::find(const std::string& chrom, int64_t begin, int64_t end) const {
  const auto found = chroms_.find(chrom);
  if (found == chroms_.end()) return nullptr;
  const auto& [stretches, longest] = found->second;
  const Stretch* best = nullptr;
  const auto margin = [&](const Stretch& stretch) {
    return std::min(begin - stretch.begin, stretch.end() - end);
  };
  auto at =
      std::upper_bound(stretches.begin(), stretches.end(), begin,
                       [](int64_t place, const Stretch& stretch) { return place < stretch.begin; });
  while (at != stretches.begin() && std::prev(at)->begin + longest >= end) {
    --at;
    if (margin(*at) >= 0 && (best == nullptr || margin(*at) > margin(*best))) best = &*at;
  }
  return best;
}

std::optional<std::string> Genome::other_name(const std::string& chrom) const {
  const std::string other = chrom.starts_with("chr") ? chrom.substr(3) : "chr" + chrom;
  if (chroms_.count(other) != 0) return other;
  if ((chrom == "MT" || chrom == "chrMT") && chroms_.count("chrM") != 0) return "chrM";
  if (chrom == "chrM" && chroms_.count("MT") != 0) return "MT";
  return std::nullopt;
}

int64_t Genome::num_letters() const {
  int64_t sum = 0;
  for (const auto& [name, chrom] : chroms_)
    for (const Stretch& stretch : chrom.stretches)
      sum += static_cast<int64_t>(stretch.letters.size());
  return sum;
}

}  // namespace cohesin
