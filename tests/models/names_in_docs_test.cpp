// The tables of tensor names in docs/ are those of the weight maps. With COHESIN_UPDATE_DOCS set
// the test writes them.
#include <gtest/gtest.h>

#include <cstdlib>

#include "cohesin/base/file.h"
#include "cohesin/models/model_registry.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

const std::string kEnd = "<!-- end of names -->";

// "<!-- names: MODEL KIND -->" begins a table.
std::string with_tables(const std::string& page, const ModelEntry& entry, int& num_tables) {
  std::string text = page;
  for (const auto& [kind, map] : entry.weight_names) {
    const std::string begin = "<!-- names: " + entry.name + " " + kind + " -->\n";
    const size_t at = text.find(begin);
    if (at == std::string::npos) continue;
    ++num_tables;
    const size_t from = at + begin.size(), to = text.find(kEnd, from);
    if (to == std::string::npos) throw Error("no '{}' after '{}'", kEnd, begin);
    text.replace(from, to - from, describe_weights(map));
  }
  return text;
}

TEST(NamesInDocs, EveryTableIsThatOfItsWeightMap) {
  const std::filesystem::path docs = testing::golden("../../docs");
  for (const auto& entry : model_registry()) {
    int num_tables = 0;
    for (const auto& file : std::filesystem::directory_iterator(docs)) {
      if (file.path().extension() != ".md") continue;
      const std::string page = read_text(file.path());
      const std::string right = with_tables(page, entry, num_tables);
      if (page != right && std::getenv("COHESIN_UPDATE_DOCS") != nullptr) {
        write_text(file.path(), right);
        continue;
      }
      EXPECT_EQ(page, right) << file.path() << ": run this test with COHESIN_UPDATE_DOCS=1";
    }
    EXPECT_EQ(num_tables, entry.name == "omics_heads" ? 0 : int(entry.weight_names.size()))
        << "docs/ must show the names of " << entry.name;
  }
}

}  // namespace
}  // namespace cohesin
