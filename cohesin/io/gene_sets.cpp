#include "cohesin/io/gene_sets.h"

#include <unordered_map>
#include <unordered_set>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {

std::vector<GeneSet> read_gene_sets(const std::filesystem::path& path) {
  std::vector<GeneSet> sets;
  std::unordered_map<std::string, int64_t> line_of;
  TextReader reader(path);
  std::string line;
  while (reader.next_line(line)) {
    if (trim(line).empty()) continue;
    const auto fields = split(line, '\t');
    if (fields.size() < 3)
      reader.fail(
          "expected a set's name, its description and genes, separated by tabs, got {} field{}",
          fields.size(), fields.size() == 1 ? "" : "s");
    GeneSet set{std::string(trim(fields[0])), std::string(trim(fields[1])), {}};
    if (set.name.empty()) reader.fail("the set has no name");
    const auto [found, is_new] = line_of.emplace(set.name, reader.line_number());
    if (!is_new) reader.fail("the set '{}' stands in line {} already", set.name, found->second);
    std::unordered_set<std::string> seen;
    for (size_t k = 2; k < fields.size(); ++k)
      if (std::string gene(trim(fields[k])); !gene.empty() && seen.insert(gene).second)
        set.genes.push_back(std::move(gene));
    if (set.genes.empty()) reader.fail("the set '{}' has no gene", set.name);
    sets.push_back(std::move(set));
  }
  if (sets.empty()) throw Error("{}: holds no gene set", path.string());
  return sets;
}

}  // namespace cohesin
