#include "cohesin/io/vcf_info.h"

#include <algorithm>
#include <string_view>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/io/text_writer.h"

namespace cohesin {
namespace {

constexpr size_t kAlt = 4, kInfo = 7;

// "key=0.1,.;other=..." of a row, empty if it has no value.
std::string info_of_row(std::string_view alts, int64_t line, const std::vector<VcfInfo>& keys,
                        const VcfAlleleValues& values) {
  const auto first = values.lower_bound({line, 0});
  if (first == values.end() || first->first.first != line) return "";
  const auto num_alleles = static_cast<int64_t>(std::count(alts.begin(), alts.end(), ',')) + 1;
  std::string info;
  for (size_t key = 0; key < keys.size(); ++key) {
    info += fmt::format("{}{}=", key == 0 ? "" : ";", keys[key].id);
    for (int64_t allele = 1; allele <= num_alleles; ++allele) {
      const auto found = values.find({line, allele});
      info += allele == 1 ? "" : ",";
      info += found == values.end() ? "." : fmt::format("{:.7g}", found->second[key]);
    }
  }
  return info;
}

void append_row(std::string_view line, const std::string& info, std::string& text) {
  const std::vector<std::string_view> fields = split(line, '\t');
  for (size_t i = 0; i < std::max(fields.size(), kInfo + 1); ++i) {
    const std::string_view field = i < fields.size() ? fields[i] : ".";
    text += i == 0 ? "" : "\t";
    if (i != kInfo) {
      text += field;
    } else if (field == "." || field.empty()) {
      text += info;
    } else {
      text += fmt::format("{};{}", field, info);
    }
  }
  text += '\n';
}

}  // namespace

void check_vcf_info(const std::filesystem::path& in, const std::vector<VcfInfo>& keys) {
  TextReader reader(in);
  for (std::string line; reader.next_line(line);) {
    for (const auto& key : keys)
      if (line.starts_with(fmt::format("##INFO=<ID={},", key.id)))
        reader.fail("has the INFO key '{}' already; write a .tsv, or take it out first", key.id);
    if (line.starts_with("##")) continue;
    const auto columns = split(line, '\t');
    if (columns.size() <= kInfo || columns[kInfo] != "INFO")
      reader.fail("has no column INFO, which the effects would go to; write a .tsv");
    return;
  }
}

void add_vcf_info(const std::filesystem::path& in, const std::filesystem::path& out,
                  const std::vector<VcfInfo>& keys, const VcfAlleleValues& values) {
  TextReader reader(in);
  TextWriter writer(out);
  std::string text;
  for (std::string line; reader.next_line(line);) {
    if (line.starts_with("#CHROM")) {
      for (const auto& key : keys)
        text += fmt::format("##INFO=<ID={},Number=A,Type=Float,Description=\"{}\">\n", key.id,
                            key.description);
    }
    std::string info;
    if (!line.empty() && line[0] != '#')
      info = info_of_row(split(line, '\t').at(kAlt), reader.line_number(), keys, values);
    if (info.empty()) {
      text += line + '\n';
    } else {
      append_row(line, info, text);
    }
    writer.write(text);
    text.clear();
  }
  writer.commit();
}

}  // namespace cohesin
