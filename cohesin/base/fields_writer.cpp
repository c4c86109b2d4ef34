#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/fields.h"
#include "cohesin/base/fields_of_any_type.h"
#include "cohesin/base/json_text.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

template <typename T>
Json to_json(const T& value) {
  return Json(value);
}
Json to_json(const std::optional<int64_t>& value) { return value ? Json(*value) : Json(); }

class JsonWriter : public FieldsOfAnyType<JsonWriter> {
 public:
  template <typename T>
  void value(const char* name, const T& value, const char* /*help*/) {
    object_[name] = to_json(value);
  }
  const Json& object() const { return object_; }

 private:
  void section(const char* name, const Visit& visit, const char* /*help*/) override {
    JsonWriter inner;
    visit(inner);
    object_[name] = inner.object();
  }
  void sections(const char* name, const std::vector<std::string>& present_keys,
                const std::function<void(const std::string&, Fields&)>& visit,
                const char* /*help*/) override {
    Json values = Json::object();
    for (const std::string& key : present_keys) {
      JsonWriter inner;
      visit(key, inner);
      values[key] = inner.object();
    }
    object_[name] = std::move(values);
  }

  Json object_ = Json::object();
};

struct Row {
  std::string path, value, help;
};

class RowCollector : public FieldsOfAnyType<RowCollector> {
 public:
  RowCollector(std::string path, std::vector<Row>& rows) : path_(std::move(path)), rows_(rows) {}

  template <typename T>
  void value(const char* name, const T& value, const char* help) {
    rows_.push_back({join_path(path_, name), short_json_text(to_json(value)), help});
  }

 private:
  void section(const char* name, const Visit& visit, const char* help) override {
    const std::string path = join_path(path_, name);
    if (*help != '\0') rows_.push_back({path, "", help});
    RowCollector inner(path, rows_);
    visit(inner);
  }
  void sections(const char* name, const std::vector<std::string>& present_keys,
                const std::function<void(const std::string&, Fields&)>& visit,
                const char* help) override {
    const std::string path = join_path(path_, name);
    if (*help != '\0') rows_.push_back({path, "", help});
    for (const std::string& key :
         present_keys.empty() ? std::vector<std::string>{"NAME"} : present_keys) {
      RowCollector inner(join_path(path, key), rows_);
      visit(key, inner);
    }
  }

  std::string path_;
  std::vector<Row>& rows_;
};

}  // namespace

std::string write_json(const Visit& visit) {
  JsonWriter writer;
  visit(writer);
  return json_text(writer.object()) + "\n";
}

std::string describe_fields(const Visit& visit) {
  std::vector<Row> rows;
  RowCollector collector("", rows);
  visit(collector);
  size_t path_width = 0;
  size_t value_width = 0;
  for (const Row& row : rows) {
    path_width = std::max(path_width, row.path.size());
    value_width = std::max(value_width, row.value.size());
  }
  std::string out;
  for (const Row& row : rows) {
    std::string line =
        fmt::format("{:{}}  {:{}}  {}", row.path, path_width, row.value, value_width, row.help);
    line.erase(line.find_last_not_of(' ') + 1);
    out += line + "\n";
  }
  return out;
}

}  // namespace cohesin
