#pragma once

#include <string>
#include <variant>
#include <vector>

namespace cohesin {

// A named column of a data frame: text (empty = missing) or numbers (NaN = missing).
struct Column {
  std::string name;
  std::variant<std::vector<std::string>, std::vector<double>> values;

  bool is_text() const { return values.index() == 0; }
  const std::vector<std::string>& text() const { return std::get<0>(values); }
  std::vector<std::string>& text() { return std::get<0>(values); }
  const std::vector<double>& numbers() const { return std::get<1>(values); }
  std::vector<double>& numbers() { return std::get<1>(values); }
};

// Rows with names and columns, as a labels file or the obs of an AnnData file.
struct Frame {
  std::vector<std::string> index;
  std::vector<Column> columns;

  size_t num_rows() const { return index.size(); }
  const Column* find(const std::string& name) const;  // nullptr if absent
  // Throws Error naming `where` and the nearest column.
  const Column& at(const std::string& name, const std::string& where) const;
  // Adds or replaces; the length must be num_rows().
  void set(Column column);
};

// The column as text, numbers printed shortest ("1", "0.5"); missing stays empty.
std::vector<std::string> column_as_text(const Column& column);

}  // namespace cohesin
