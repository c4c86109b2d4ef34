#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cohesin/io/text_reader.h"

namespace cohesin {

// One alternative allele of a VCF row.
struct VcfVariant {
  std::string chrom;
  int64_t position = 0;  // as in the file, 1-based
  std::string id;        // '.' = none
  std::string ref, alt;  // upper case, letters A C G T N
  int64_t allele = 0;    // 1-based number among the row's alternatives
  int64_t line = 0;
};

// VCF 4, plain, gzip or bgzip, one allele at a time; only CHROM to ALT are read. Alleles that name
// no letters are passed over and counted: '.', '*', '<DEL>' and other symbols, breakends. Errors
// name file and line: no VCF (with what it seems to be instead), a header that lacks columns, rows
// that are too short, positions and alleles that are none, an allele equal to REF, no row at all.
class VcfReader {
 public:
  explicit VcfReader(const std::filesystem::path& path);

  // The next allele; false at the end.
  bool next(VcfVariant& variant);

  // Alleles passed over so far: why, and how many.
  const std::map<std::string, int64_t>& skipped() const { return skipped_; }
  const TextReader& text() const { return text_; }

 private:
  void read_header();
  bool read_row();
  // Whether the allele has letters; else it is counted.
  bool has_letters(std::string_view allele);
  std::string letters(std::string_view allele, std::string_view column) const;

  TextReader text_;
  std::map<std::string, int64_t> skipped_;
  VcfVariant row_;                 // without alleles
  std::vector<std::string> alts_;  // of the row
  size_t next_alt_ = 0;
  int64_t num_rows_ = 0;
};

}  // namespace cohesin
