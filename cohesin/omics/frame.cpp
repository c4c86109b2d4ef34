#include "cohesin/omics/frame.h"

#include <cassert>
#include <cmath>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/fields.h"

namespace cohesin {

const Column* Frame::find(const std::string& name) const {
  for (const auto& column : columns)
    if (column.name == name) return &column;
  return nullptr;
}

const Column& Frame::at(const std::string& name, const std::string& where) const {
  if (const Column* column = find(name)) return *column;
  std::vector<std::string> names;
  std::string list;
  for (const auto& column : columns) {
    names.push_back(column.name);
    list += (list.empty() ? "" : ", ") + column.name;
  }
  const std::string nearest = nearest_name(name, names);
  throw Error("{}: no column '{}'{}; columns: {}", where, name,
              nearest.empty() ? "" : fmt::format(" (did you mean '{}'?)", nearest),
              list.empty() ? "none" : list);
}

void Frame::set(Column column) {
  assert((column.is_text() ? column.text().size() : column.numbers().size()) == num_rows());
  for (auto& present : columns) {
    if (present.name == column.name) {
      present = std::move(column);
      return;
    }
  }
  columns.push_back(std::move(column));
}

std::vector<std::string> column_as_text(const Column& column) {
  if (column.is_text()) return column.text();
  std::vector<std::string> text;
  for (const double number : column.numbers())
    text.push_back(std::isnan(number) ? "" : fmt::format("{}", number));
  return text;
}

}  // namespace cohesin
