#include "cohesin/io/split_file.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {

namespace {

constexpr const char* kSplits[] = {"train", "valid", "test"};

// train before valid before test; numbers by value, before names.
std::pair<double, std::string> order_of(const std::string& part) {
  for (int i = 0; i < 3; ++i)
    if (part == kSplits[i]) return {-3 + i, ""};
  double number = 0;
  const auto parsed = std::from_chars(part.data(), part.data() + part.size(), number);
  if (parsed.ec == std::errc() && parsed.ptr == part.data() + part.size()) return {number, part};
  return {1e300, part};
}

}  // namespace

std::vector<std::string> SampleSplit::part_names() const {
  std::vector<std::string> names = parts;
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  std::sort(names.begin(), names.end(),
            [](const std::string& a, const std::string& b) { return order_of(a) < order_of(b); });
  return names;
}

SampleSplit read_split(const std::filesystem::path& path) {
  TextReader reader(path);
  std::string line;
  if (!reader.next_line(line)) throw Error("{}: is empty", path.string());
  SampleSplit split_of;
  if (line == "sample\tfold") {
    split_of.column = "fold";
  } else if (line == "sample\tsplit") {
    split_of.column = "split";
  } else {
    reader.fail("expected the header 'sample<TAB>fold' or 'sample<TAB>split', got '{}'", line);
  }
  std::unordered_set<std::string> seen;
  while (reader.next_line(line)) {
    const auto fields = split(line, '\t');
    if (fields.size() != 2) reader.fail("expected 2 fields, got {}", fields.size());
    if (fields[0].empty() || fields[1].empty()) reader.fail("a field is empty");
    split_of.samples.emplace_back(fields[0]);
    split_of.parts.emplace_back(fields[1]);
    if (!seen.insert(split_of.samples.back()).second)
      reader.fail("sample '{}' occurs twice", fields[0]);
    if (split_of.column == "split" &&
        std::find(std::begin(kSplits), std::end(kSplits), fields[1]) == std::end(kSplits))
      reader.fail("expected train, valid or test, got '{}'", fields[1]);
  }
  if (split_of.samples.empty()) throw Error("{}: has a header and no rows", path.string());
  return split_of;
}

std::string split_tsv(const SampleSplit& split_of) {
  std::string text = "sample\t" + split_of.column + "\n";
  for (size_t i = 0; i < split_of.samples.size(); ++i)
    text += split_of.samples[i] + "\t" + split_of.parts[i] + "\n";
  return text;
}

}  // namespace cohesin
