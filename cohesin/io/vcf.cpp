#include "cohesin/io/vcf.h"

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr std::string_view kColumns = "#CHROM\tPOS\tID\tREF\tALT";
constexpr size_t kNumColumns = 5;

std::string_view start_of(std::string_view line) { return line.substr(0, 40); }

std::string what_it_seems(std::string_view line) {
  if (line.starts_with("BCF")) return "; this is BCF: write it as VCF first (bcftools view)";
  if (line.starts_with(">")) return "; this looks like FASTA";
  if (line.starts_with("#CHROM") || line.starts_with("##"))
    return "; put the line ##fileformat=VCFv4.2 before it";
  return "";
}

}  // namespace

VcfReader::VcfReader(const std::filesystem::path& path) : text_(path) { read_header(); }

void VcfReader::read_header() {
  std::string_view line;
  if (!text_.next_line(line)) throw Error("{}: is empty", text_.path().string());
  if (!line.starts_with("##fileformat=VCF"))
    text_.fail("is no VCF file: expected '##fileformat=VCF...' in the first line, got '{}'{}",
               start_of(line), what_it_seems(line));
  while (text_.next_line(line)) {
    if (line.starts_with("##")) continue;
    if (line.starts_with(kColumns) &&
        (line.size() == kColumns.size() || line[kColumns.size()] == '\t'))
      return;
    if (line.starts_with("#CHROM"))
      text_.fail("expected the columns '#CHROM POS ID REF ALT' with tabs between them, got '{}'",
                 start_of(line));
    text_.fail("expected the line '#CHROM POS ID REF ALT ...' before the rows, got '{}'",
               start_of(line));
  }
  throw Error("{}: ends within its header", text_.path().string());
}

bool VcfReader::has_letters(std::string_view allele) {
  std::string why;
  if (allele == "." || allele == "<*>" || allele == "<NON_REF>")
    why = "no alternative allele";
  else if (allele == "*")
    why = "'*': removed by a deletion that begins before it";
  else if (allele.starts_with('<'))
    why = "symbolic alleles such as <DEL>";
  else if (allele.find_first_of("[]") != std::string_view::npos || allele.starts_with('.') ||
           allele.ends_with('.'))
    why = "breakends";
  else
    return true;
  ++skipped_[why];
  return false;
}

std::string VcfReader::letters(std::string_view allele, std::string_view column) const {
  std::string upper(allele);
  for (char& letter : upper) {
    if (letter >= 'a' && letter <= 'z') letter = static_cast<char>(letter - 'a' + 'A');
    if (std::string_view("ACGTN").find(letter) == std::string_view::npos)
      text_.fail("{} is '{}'; expected letters A, C, G, T or N", column, start_of(allele));
  }
  if (upper.empty()) text_.fail("{} is empty", column);
  return upper;
}

bool VcfReader::read_row() {
  std::string_view line;
  do {
    if (!text_.next_line(line)) return false;
  } while (line.empty());
  ++num_rows_;
  const std::vector<std::string_view> fields = split(line, '\t');
  if (fields.size() < kNumColumns)
    text_.fail("{} fields between tabs, expected at least {} (CHROM POS ID REF ALT)", fields.size(),
               kNumColumns);
  row_.chrom = fields[0];
  if (row_.chrom.empty()) text_.fail("CHROM is empty");
  row_.position = text_.parse_int(fields[1], "POS");
  row_.id = fields[2];
  row_.ref = letters(fields[3], "REF");
  row_.line = text_.line_number();
  alts_.clear();
  next_alt_ = 0;
  for (const auto allele : split(fields[4], ',')) alts_.emplace_back(allele);
  return true;
}

bool VcfReader::next(VcfVariant& variant) {
  while (true) {
    if (next_alt_ == alts_.size()) {
      if (read_row()) continue;
      if (num_rows_ == 0) throw Error("{}: has a header and no rows", text_.path().string());
      return false;
    }
    const std::string& allele = alts_[next_alt_++];
    if (!has_letters(allele)) continue;
    if (row_.position < 1) text_.fail("POS is {}; expected 1 or more", row_.position);
    variant = row_;
    variant.alt = letters(allele, "ALT");
    variant.allele = static_cast<int64_t>(next_alt_);
    if (variant.alt == variant.ref) text_.fail("ALT is '{}', the same as REF", variant.alt);
    return true;
  }
}

}  // namespace cohesin
