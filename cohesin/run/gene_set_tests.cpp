#include "cohesin/run/gene_set_tests.h"

#include <algorithm>
#include <cmath>
#include <iterator>
#include <unordered_map>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/omics/gene_id.h"
#include "cohesin/stats/enrichment.h"

namespace cohesin {

namespace {

std::string first_of(const std::vector<std::string>& names) {
  std::string text;
  for (size_t i = 0; i < std::min<size_t>(3, names.size()); ++i)
    text += (i == 0 ? "" : ", ") + names[i];
  return text;
}

// All genes of the sets, each once, and which of the ranked genes each is, or -1.
class KnownGenes {
 public:
  KnownGenes(const std::vector<GeneSet>& sets, const std::vector<const GeneAttribution*>& ranked) {
    std::vector<std::string> names;
    for (const auto& set : sets)
      for (const auto& gene : set.genes)
        if (number_.emplace(gene, names.size()).second) names.push_back(gene);
    std::vector<std::string> ids, gene_names;
    for (const auto* gene : ranked) {
      ids.push_back(gene->gene);
      gene_names.push_back(gene->gene_name);
    }
    index_ = GeneMatcher(gene_keys(ids, gene_names)).match(gene_keys(names, {}));
    num_known_ = std::count_if(index_.begin(), index_.end(), [](int64_t i) { return i >= 0; });
  }
  int64_t num_known() const { return num_known_; }
  int64_t num_unknown() const { return std::ssize(index_) - num_known_; }
  std::vector<int64_t> members(const GeneSet& set) const {
    std::vector<int64_t> members;
    for (const auto& gene : set.genes)
      if (const int64_t i = index_[number_.at(gene)]; i >= 0) members.push_back(i);
    return members;
  }

 private:
  std::unordered_map<std::string, size_t> number_;
  std::vector<int64_t> index_;
  int64_t num_known_ = 0;
};

void adjust(std::vector<GeneSetTest>& tests) {
  std::vector<double> plain, preranked;
  for (const auto& test : tests) {
    plain.push_back(test.p_value);
    preranked.push_back(test.preranked_p_value);
  }
  plain = adjust_p_values(plain);
  preranked = adjust_p_values(preranked);
  for (size_t i = 0; i < tests.size(); ++i) {
    tests[i].adjusted = plain[i];
    tests[i].preranked_adjusted = preranked[i];
  }
}

// `ranked`: the genes of one class and modality, strongest first.
std::vector<GeneSetTest> test_ranking(const std::vector<const GeneAttribution*>& ranked,
                                      const std::vector<GeneSet>& sets, const KnownGenes& known,
                                      const GeneSetTestOptions& options) {
  std::vector<double> scores;
  for (const auto* gene : ranked) scores.push_back(std::abs(gene->mean));
  PrerankedTest preranked(scores, options.permutations, options.seed);
  const auto universe = static_cast<int64_t>(ranked.size());
  const int64_t drawn = std::min(options.top, universe);
  std::vector<GeneSetTest> tests;
  for (const auto& set : sets) {
    const std::vector<int64_t> members = known.members(set);
    const auto count = static_cast<int64_t>(members.size());
    if (count < options.smallest_set || count > options.largest_set || count >= universe) continue;
    GeneSetTest test{ranked.front()->of_class, ranked.front()->modality, set.name, count};
    test.overlap =
        std::count_if(members.begin(), members.end(), [drawn](int64_t i) { return i < drawn; });
    test.expected =
        static_cast<double>(count) * static_cast<double>(drawn) / static_cast<double>(universe);
    test.p_value = hypergeometric_tail(test.overlap, universe, count, drawn);
    const PrerankedResult result = preranked.test(members);
    test.score = result.score;
    test.normalized = result.normalized;
    test.preranked_p_value = result.p_value;
    for (const int64_t i : result.leading) {
      const auto* gene = ranked[static_cast<size_t>(i)];
      test.leading.push_back(gene->gene_name.empty() ? gene->gene : gene->gene_name);
    }
    tests.push_back(std::move(test));
  }
  adjust(tests);
  std::stable_sort(tests.begin(), tests.end(), [](const GeneSetTest& a, const GeneSetTest& b) {
    return a.preranked_p_value != b.preranked_p_value ? a.preranked_p_value < b.preranked_p_value
                                                      : a.normalized > b.normalized;
  });
  return tests;
}

}  // namespace

std::vector<GeneSetTest> test_gene_sets(const std::vector<GeneAttribution>& genes,
                                        const std::vector<GeneSet>& sets, const std::string& where,
                                        const GeneSetTestOptions& options) {
  std::vector<std::pair<std::string, std::vector<const GeneAttribution*>>> rankings;
  for (const auto& gene : genes) {
    const std::string key = gene.of_class + "\t" + gene.modality;
    auto found = std::find_if(rankings.begin(), rankings.end(),
                              [&key](const auto& ranking) { return ranking.first == key; });
    if (found == rankings.end()) found = rankings.insert(rankings.end(), {key, {}});
    found->second.push_back(&gene);
  }
  std::vector<GeneSetTest> tests;
  for (const auto& [key, ranked] : rankings) {
    const KnownGenes known(sets, ranked);
    if (known.num_known() == 0) {
      std::vector<std::string> ids;
      for (const auto* gene : ranked) ids.push_back(gene->gene);
      throw Error(
          "{}: none of the {} genes of its {} sets is known to the model; it has {} genes such as "
          "{}, the sets such as {}; both need Ensembl ids or gene symbols",
          where, known.num_unknown(), sets.size(), ranked.size(), first_of(ids),
          first_of(sets.front().genes));
    }
    const auto found = test_ranking(ranked, sets, known, options);
    if (&ranked == &rankings.front().second) {
      log_info("{}: {} sets, {} tested; {} of their genes are not the model's, {} are", where,
               sets.size(), found.size(), known.num_unknown(), known.num_known());
      if (2 * options.top > std::ssize(ranked))
        log_warning(
            "the top {} of {} genes are most of them, so over-representation says little; choose "
            "a smaller --top",
            std::min<int64_t>(options.top, std::ssize(ranked)), ranked.size());
    }
    tests.insert(tests.end(), found.begin(), found.end());
  }
  if (tests.empty())
    throw Error("{}: no set has {} to {} of the model's genes; change --set-sizes", where,
                options.smallest_set, options.largest_set);
  return tests;
}

std::string gene_set_tests_text(const std::vector<GeneSetTest>& tests) {
  std::string text =
      "class\tmodality\tset\tgenes\toverlap\texpected\tp\tp_adjusted\tscore\tnormalized_score\t"
      "preranked_p\tpreranked_p_adjusted\tleading_genes\n";
  for (const auto& t : tests) {
    std::string leading;
    for (const auto& gene : t.leading) leading += (leading.empty() ? "" : ",") + gene;
    fmt::format_to(std::back_inserter(text), "{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\t{}\n",
                   t.of_class, t.modality, t.set, t.genes, t.overlap, t.expected, t.p_value,
                   t.adjusted, t.score, t.normalized, t.preranked_p_value, t.preranked_adjusted,
                   leading);
  }
  return text;
}

}  // namespace cohesin
