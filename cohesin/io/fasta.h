#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "cohesin/base/sha256.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/omics/sequence.h"

namespace cohesin {

struct FastaOptions {
  bool allow_empty = false;  // records without letters; else an Error
  bool digest = false;       // keep a digest of what was read (it costs more time than the reading)
};

// FASTA, one record at a time; memory holds the longest record. Plain, gzip or bgzip; "-" is
// standard input. Letters are kept as they stand (case, '*', gaps), lines joined; blank lines and
// white space at the ends of lines are ignored. Errors name file and line: no FASTA (with what it
// seems to be instead), a header without name, a record without letters, '>' inside a line, NUL
// bytes, truncated or damaged gzip, no record at all.
class FastaReader {
 public:
  explicit FastaReader(const std::filesystem::path& path, FastaOptions options = {});

  // The next record, into memory that is used again; false at the end.
  bool next(Sequence& record);

  // Passes over `count` records without keeping them. Throws Error if there are fewer.
  void skip(int64_t count);

  int64_t num_records() const { return num_records_; }  // read or skipped so far
  int64_t header_line() const { return header_line_; }  // of the last record, 1-based
  double fraction_read() const { return reader_.fraction_read(); }

  // SHA-256 of the lines of all records read or skipped so far, each with one "\n", blank ones left
  // out: however the file is compressed. Needs FastaOptions::digest.
  std::string digest() const;

 private:
  // Passes over one record; letters go to `letters` unless it is null. False at the end.
  bool pass(std::string* letters);
  void find_first_header();
  void take_header(std::string_view line);
  void add_to_digest(std::string_view line);

  FastaOptions options_;
  TextReader reader_;
  Sha256 sum_;
  std::string header_;       // of the next record, with '>'
  bool has_header_ = false;  // false at the end
  int64_t next_header_line_ = 0, header_line_ = 0, num_records_ = 0;
};

}  // namespace cohesin
