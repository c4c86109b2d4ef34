// Tables of numbers. A row is parsed in one pass over its bytes, without cutting it into fields.
#include <algorithm>
#include <cfloat>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <limits>

#include "cohesin/base/error.h"
#include "cohesin/io/delimited.h"
#include "cohesin/omics/barcode.h"
#include "cohesin/omics/feature_names.h"

namespace cohesin {

namespace {

constexpr double kMissing = std::numeric_limits<double>::quiet_NaN();

class TableParser {
 public:
  TableParser(const std::filesystem::path& path, const TableOptions& options, TableNotes& notes)
      : records_(path), options_(options), notes_(notes) {}

  Table parse();

 private:
  bool by_samples() const { return options_.orientation == Orientation::kSamplesByFeatures; }
  void read_header(std::string_view first_row);
  void read_row(std::string_view line);
  void parse_plain_row(std::string_view line);
  void parse_quoted_row(std::string_view line);
  void cut_row(std::string_view line);
  double parse_field(std::string_view field, size_t column) const;
  void store_row();
  void reserve_row();
  // "sample S2, feature TP53 (line 3)", for the row being read.
  std::string place(size_t column) const;
  template <typename... Args>
  [[noreturn]] void fail_at(size_t column, fmt::format_string<Args...> text, Args&&... args) const {
    records_.text().fail("column {} (sample '{}', feature '{}'): {}", column + 2,
                         by_samples() ? row_names_.back() : columns_[column],
                         by_samples() ? columns_[column] : row_names_.back(),
                         fmt::format(text, std::forward<Args>(args)...));
  }

  RecordReader records_;
  const TableOptions& options_;
  TableNotes& notes_;
  std::string corner_;
  std::vector<std::string> columns_, row_names_;
  std::vector<double> row_;
  std::vector<float> values_;
  std::vector<std::string_view> fields_;
};

// A quoted name may hold the separator, but no line end.
void TableParser::cut_row(std::string_view line) {
  const int64_t line_number = records_.text().line_number();
  records_.parse(line, fields_);
  if (records_.text().line_number() != line_number)
    records_.text().fail("a quoted field goes on from the line before");
}

void TableParser::read_header(std::string_view first_row) {
  cut_row(first_row);
  columns_ = records_.header();
  if (fields_.size() != columns_.size() + 1) {  // not R's: the first cell stands over the names
    corner_ = columns_.front();
    columns_.erase(columns_.begin());
  }
  if (columns_.empty())
    throw Error("{}: has names and no columns of values", records_.text().path().string());
  bool all_numbers = true, any_fraction = false;
  for (size_t c = 0; c < columns_.size(); ++c) {
    if (columns_[c].empty())
      throw Error("{}:1: column {} has no name", records_.text().path().string(), c + 2);
    double number = 0;
    const char* end = columns_[c].data() + columns_[c].size();
    const auto parsed = std::from_chars(columns_[c].data(), end, number);
    all_numbers = all_numbers && parsed.ec == std::errc() && parsed.ptr == end;
    any_fraction = any_fraction || columns_[c].find('.') != std::string::npos;
  }
  if (all_numbers && any_fraction)
    throw Error("{}:1: the first line holds numbers; a header with names is needed",
                records_.text().path().string());
}

double TableParser::parse_field(std::string_view field, size_t column) const {
  field = trim(field);
  if (means_missing(field)) return kMissing;
  if (field.front() == '+') field.remove_prefix(1);
  double value = 0;
  const char* end = field.data() + field.size();
  const auto parsed = std::from_chars(field.data(), end, value);
  if (parsed.ec == std::errc::result_out_of_range && parsed.ptr == end)
    value = std::strtod(std::string(field).c_str(), nullptr);  // 1e-400 is 0, 1e400 is inf
  else if (parsed.ec != std::errc() || parsed.ptr != end)
    fail_at(column, "expected a number or NA, got '{}'", field.substr(0, 40));
  if (!std::isfinite(value)) fail_at(column, "expected a finite number, got '{}'", field);
  return value;
}

void TableParser::parse_plain_row(std::string_view line) {
  const char separator = records_.separator();
  const char* at = line.data();
  const char* const end = at + line.size();
  const char* const name_end = std::find(at, end, separator);
  row_names_.emplace_back(trim(std::string_view(at, static_cast<size_t>(name_end - at))));
  at = name_end;  // always at a separator or the end
  size_t column = 0;
  for (; at != end; ++column) {
    ++at;
    if (column == columns_.size()) break;
    double value = 0;
    const auto parsed = std::from_chars(at, end, value);
    if (parsed.ec == std::errc() && std::isfinite(value) &&
        (parsed.ptr == end || *parsed.ptr == separator)) {
      at = parsed.ptr;
    } else {
      const char* const field_end = std::find(at, end, separator);
      value = parse_field(std::string_view(at, static_cast<size_t>(field_end - at)), column);
      at = field_end;
    }
    row_[column] = value;
  }
  if (column < columns_.size() || at != end)
    records_.text().fail("expected {} fields as in the header, got {}", columns_.size() + 1,
                         std::count(line.begin(), line.end(), separator) + 1);
}

void TableParser::parse_quoted_row(std::string_view line) {
  cut_row(line);
  if (fields_.size() != columns_.size() + 1)
    records_.text().fail("expected {} fields as in the header, got {}", columns_.size() + 1,
                         fields_.size());
  row_names_.emplace_back(trim(fields_[0]));
  for (size_t c = 0; c < columns_.size(); ++c) row_[c] = parse_field(fields_[c + 1], c);
}

void TableParser::read_row(std::string_view line) {
  if (line.find('"') == std::string_view::npos) {
    parse_plain_row(line);
  } else {
    parse_quoted_row(line);
  }
  if (row_names_.back().empty()) records_.text().fail("the row has no name");
  store_row();
}

std::string TableParser::place(size_t column) const {
  return fmt::format(
      "sample {}, feature {} (line {})", by_samples() ? row_names_.back() : columns_[column],
      by_samples() ? columns_[column] : row_names_.back(), records_.text().line_number());
}

// A doubling vector would need three times the table; the part of the file that is read tells how
// many rows will come.
void TableParser::reserve_row() {
  if (values_.capacity() - values_.size() >= row_.size()) return;
  const double rows = static_cast<double>(row_names_.size());
  const double expected = rows / std::max(records_.text().fraction_read(), 1e-6) * 1.02 + 16;
  const double least = rows * 1.25 + 16, most = rows * 64 + 1024;
  values_.reserve(static_cast<size_t>(std::clamp(expected, least, most)) * row_.size());
}

void TableParser::store_row() {
  double least = 0, greatest = 0;
  for (size_t c = 0; c < row_.size(); ++c) {
    const double value = row_[c];
    if (std::isnan(value)) {
      if (notes_.num_missing++ == 0) notes_.first_missing = place(c);
      continue;
    }
    least = std::min(least, value);
    greatest = std::max(greatest, value);
  }
  if (unit_violation(options_.unit, least) != nullptr ||
      unit_violation(options_.unit, greatest) != nullptr || greatest > FLT_MAX ||
      least < -FLT_MAX) {
    for (size_t c = 0; c < row_.size(); ++c) {
      if (const char* reason = unit_violation(options_.unit, row_[c]); reason != nullptr)
        fail_at(c, "{} does not fit the unit: {}; {}", row_[c], reason,
                unit_advice(options_.unit, options_.modality));
      if (std::abs(row_[c]) > FLT_MAX) fail_at(c, "{} is beyond the range of a float", row_[c]);
    }
  }
  reserve_row();
  using Kind = FileUnit::Kind;
  if (options_.unit.kind == Kind::kLog2Tpm || options_.unit.kind == Kind::kMValue) {
    for (size_t c = 0; c < row_.size(); ++c) {
      const int64_t before = notes_.num_clipped;
      values_.push_back(
          static_cast<float>(convert_value(options_.unit, row_[c], notes_.num_clipped)));
      if (before == 0 && notes_.num_clipped == 1) notes_.first_clipped = place(c);
    }
  } else {
    const size_t start = values_.size();
    values_.resize(start + row_.size());
    std::transform(row_.begin(), row_.end(), values_.begin() + static_cast<std::ptrdiff_t>(start),
                   [](double value) { return static_cast<float>(value); });
  }
}

// [rows, columns] -> [columns, rows], in blocks that stay in the cache.
std::vector<float> transposed(const std::vector<float>& values, size_t rows, size_t columns) {
  constexpr size_t kBlock = 64;
  std::vector<float> flipped(values.size());
  for (size_t r0 = 0; r0 < rows; r0 += kBlock)
    for (size_t c0 = 0; c0 < columns; c0 += kBlock)
      for (size_t r = r0; r < std::min(r0 + kBlock, rows); ++r)
        for (size_t c = c0; c < std::min(c0 + kBlock, columns); ++c)
          flipped[c * rows + r] = values[r * columns + c];
  return flipped;
}

Table TableParser::parse() {
  std::string_view line;
  if (!records_.next_line(line))
    throw Error("{}: has a header and no rows", records_.text().path().string());
  read_header(line);
  row_.resize(columns_.size());
  do read_row(line);
  while (records_.next_line(line));
  check_orientation(records_.text().path().string(), options_, row_names_, columns_, corner_);
  if (by_samples()) return {std::move(row_names_), std::move(columns_), std::move(values_)};
  auto flipped = transposed(values_, row_names_.size(), columns_.size());
  return {std::move(columns_), std::move(row_names_), std::move(flipped)};
}

struct NameKinds {
  size_t num_names = 0, genes = 0, barcodes = 0;
  bool mostly_genes() const { return genes * 2 >= num_names; }
  bool mostly_barcodes() const { return barcodes * 2 >= num_names; }
};

NameKinds kinds_of(const std::vector<std::string>& names) {
  NameKinds kinds;
  kinds.num_names = names.size();
  for (const auto& name : names) {
    if (looks_like_gene(name)) ++kinds.genes;
    if (is_tcga_barcode(name)) ++kinds.barcodes;
  }
  return kinds;
}

// First cells of tables with genes in rows: GDC, UCSC Xena, cBioPortal, GEO.
bool names_genes(std::string_view corner) {
  std::string lower;
  for (const char c : corner)
    lower += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  for (const char* known : {"ensembl_id", "ensembl_gene_id", "gene", "genes", "gene_id",
                            "gene_name", "gene_symbol", "geneid", "hugo_symbol", "symbol", "probe",
                            "probe_id", "probeid", "composite element ref", "id_ref"})
    if (lower == known) return true;
  return false;
}

}  // namespace

void check_orientation(const std::string& where, const TableOptions& options,
                       const std::vector<std::string>& row_names,
                       const std::vector<std::string>& column_names, std::string_view corner) {
  const NameKinds rows = kinds_of(row_names), columns = kinds_of(column_names);
  // a whole table of symbols has few common ones: three in the rows and none above are enough
  const bool genes_in_rows =
      rows.mostly_genes() || names_genes(corner) || (rows.genes >= 3 && columns.genes == 0);
  const bool genes_in_columns = columns.mostly_genes() || (columns.genes >= 3 && rows.genes == 0);
  const bool by_samples = options.orientation == Orientation::kSamplesByFeatures;
  const bool looks_by_samples = (genes_in_columns || rows.mostly_barcodes()) &&
                                !rows.mostly_genes() && !columns.mostly_barcodes();
  const bool looks_by_features = (genes_in_rows || columns.mostly_barcodes()) &&
                                 !columns.mostly_genes() && !rows.mostly_barcodes();
  if (by_samples ? !looks_by_features : !looks_by_samples) return;
  throw Error(
      "{}: the rows look like {} (first: '{}') and the columns like {} (first: '{}'); pass "
      "--orientation {}={}",
      where, by_samples ? "features" : "samples", row_names.front(),
      by_samples ? "samples" : "features", column_names.front(), options.modality,
      by_samples ? "features-by-samples" : "samples-by-features");
}

Table read_table(const std::filesystem::path& path, const TableOptions& options,
                 TableNotes* notes) {
  TableNotes own;
  return TableParser(path, options, notes == nullptr ? own : *notes).parse();
}

}  // namespace cohesin
