#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "cohesin/io/text_reader.h"
#include "cohesin/omics/convert_unit.h"
#include "cohesin/omics/frame.h"
#include "cohesin/omics/table.h"

namespace cohesin {

// Records of a CSV or TSV file, plain or gzip. Fields may be quoted as in RFC 4180: the separator,
// line ends and "" stand inside quotes. The separator is the one that the file name promises
// (.csv, .tsv, .tab, either with .gz) if the header has it, else the commonest of tab, comma and
// semicolon in the header.
class RecordReader {
 public:
  // Throws Error if the file is empty or no separator is found in its first line; with
  // `allow_one_column` such a table has one column.
  explicit RecordReader(const std::filesystem::path& path, bool allow_one_column = false);

  const std::vector<std::string>& header() const { return header_; }
  char separator() const { return separator_; }
  const TextReader& text() const { return text_; }

  // The next record; false at the end of the file. Empty lines may only end the file. The views
  // live until the next call.
  bool next(std::vector<std::string_view>& fields);
  // The same in two steps, for rows whose fields need not be cut first.
  bool next_line(std::string_view& line);
  void parse(std::string_view line, std::vector<std::string_view>& fields);

 private:
  TextReader text_;
  char separator_ = ',';
  std::string record_;  // a record with quotes, unescaped in place
  std::vector<std::string> header_;
};

// Whether a field means "not measured": empty, NA, N/A, NaN, NULL, in any case.
bool means_missing(std::string_view field);

enum class Orientation { kSamplesByFeatures, kFeaturesBySamples };
// samples-by-features or features-by-samples; throws Error.
Orientation parse_orientation(const std::string& text);

struct TableOptions {
  std::string modality = "NAME";  // as messages call it
  Orientation orientation = Orientation::kSamplesByFeatures;
  FileUnit unit;  // values are checked and converted one by one; counts and fpkm stay
};

struct TableNotes {
  int64_t num_missing = 0;
  std::string first_missing;  // "sample S2, feature TP53 (line 3)"
  int64_t num_clipped = 0;    // see convert_value
  std::string first_clipped;
};

// A table of numbers with names in the first column and the first line. The header's first cell may
// be anything, empty (pandas), or absent (R). Names are taken as they are and may repeat. Missing
// values become NaN. Throws Error naming line, column, sample and feature for text, inf and values
// that the unit forbids; for ragged rows, a header without rows, a name that is empty; and when the
// names show that the table lies the other way round than `orientation` says.
Table read_table(const std::filesystem::path& path, const TableOptions& options = {},
                 TableNotes* notes = nullptr);

// Throws Error naming --orientation when the rows of a table are named as its columns should be.
// `corner` is the header's first cell. `where` is the file.
void check_orientation(const std::string& where, const TableOptions& options,
                       const std::vector<std::string>& row_names,
                       const std::vector<std::string>& column_names, std::string_view corner);

// A column of fields: numbers if every field that is not missing is a finite number written as
// people write them (007 is text), else text.
Column typed_column(const std::string& name, std::vector<std::string> fields);

// A table of anything (labels, clinical data): index and columns. The index is the column
// `index_column`, the first one if that is empty; it may hold repeated names, no empty ones.
// Columns as typed_column has them. One without name is called unnamed_K, K its 0-based position.
Frame read_frame(const std::filesystem::path& path, const std::string& index_column = "");

}  // namespace cohesin
