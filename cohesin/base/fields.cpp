#include "cohesin/base/fields.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/fields_of_any_type.h"
#include "cohesin/base/json_text.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

// ---- JSON -> one value; `place` is "recipe.json: train.epochs" ----

[[noreturn]] void fail_type(const std::string& place, const char* expected, const Json& found) {
  throw Error("{}: expected {}, got {}", place, expected, short_json_text(found));
}

void read_value(const Json& json, const std::string& place, bool& value) {
  if (!json.is_boolean()) fail_type(place, "true or false", json);
  value = json.get<bool>();
}

void read_value(const Json& json, const std::string& place, int64_t& value) {
  if (json.is_number_unsigned()) {
    const auto number = json.get<uint64_t>();
    if (number > static_cast<uint64_t>(INT64_MAX)) fail_type(place, "an integer below 2^63", json);
    value = static_cast<int64_t>(number);
  } else if (json.is_number_integer()) {
    value = json.get<int64_t>();
  } else {  // 1e3 and 2.0 are integers too
    const double number = json.is_number_float() ? json.get<double>() : 0.5;
    if (number != std::floor(number) || std::abs(number) > 0x1.0p53)
      fail_type(place, "an integer", json);
    value = static_cast<int64_t>(number);
  }
}

void read_value(const Json& json, const std::string& place, double& value) {
  if (!json.is_number()) fail_type(place, "a number", json);
  value = json.get<double>();
}

void read_value(const Json& json, const std::string& place, std::string& value) {
  if (!json.is_string()) fail_type(place, "text in quotes", json);
  value = json.get<std::string>();
}

void read_value(const Json& json, const std::string& place, std::optional<int64_t>& value) {
  if (json.is_null()) {
    value.reset();
  } else {
    int64_t number = 0;
    read_value(json, place, number);
    value = number;
  }
}

template <typename T>
void read_value(const Json& json, const std::string& place, std::vector<T>& value) {
  if (!json.is_array()) fail_type(place, "a list in [ ]", json);
  std::vector<T> items(json.size());
  for (size_t i = 0; i < items.size(); ++i)
    read_value(json[i], fmt::format("{}[{}]", place, i), items[i]);
  value = std::move(items);
}

template <typename T>
void read_value(const Json& json, const std::string& place, std::map<std::string, T>& value) {
  if (json.is_null() || json == 0) {  // so do some authors say "none"
    value.clear();
    return;
  }
  if (!json.is_object()) fail_type(place, "an object in { }", json);
  std::map<std::string, T> items;
  for (const auto& item : json.items())
    read_value(item.value(), join_path(place, item.key()), items[item.key()]);
  value = std::move(items);
}

// What all levels of one reading share.
struct Source {
  std::string where;
  std::map<std::string, std::string>* unknown_keys = nullptr;
  // From the command line: the text as typed, which a text field takes without quotes.
  const std::string* typed = nullptr;
};

class JsonReader : public FieldsOfAnyType<JsonReader> {
 public:
  JsonReader(const Json& object, std::string path, const Source& source)
      : object_(object), path_(std::move(path)), source_(source) {
    if (!object.is_object()) fail_type(place(path_), "an object in { }", object);
  }

  template <typename T>
  void value(const char* name, T& value, const char* /*help*/) {
    const Json* json = find(name);
    if (json == nullptr) return;
    // Foreign configs write null for what they leave open; where a type gives it a meaning, it has.
    constexpr bool kIsPlain = std::is_arithmetic_v<T> || std::is_same_v<T, std::string>;
    if (kIsPlain && json->is_null() && source_.unknown_keys != nullptr) return;
    if constexpr (std::is_same_v<T, std::string>) {
      if (source_.typed != nullptr && !json->is_string()) {
        value = *source_.typed;
        return;
      }
    }
    read_value(*json, place(join_path(path_, name)), value);
  }

  // Call after the visit: whatever was not visited is unknown.
  void finish() const {
    for (const auto& item : object_.items()) {
      if (std::find(known_.begin(), known_.end(), item.key()) != known_.end()) continue;
      const std::string path = join_path(path_, item.key());
      if (source_.unknown_keys != nullptr) {
        (*source_.unknown_keys)[path] =
            item.value().dump(-1, ' ', false, Json::error_handler_t::replace);
        continue;
      }
      const std::string nearest = nearest_name(item.key(), known_);
      if (!nearest.empty())
        throw Error("{}: unknown key; did you mean '{}'?", place(path), nearest);
      throw Error("{}: unknown key; known here: {}", place(path), fmt::join(known_, ", "));
    }
  }

 private:
  void section(const char* name, const Visit& visit, const char* /*help*/) override {
    if (const Json* json = find(name)) read_object(*json, join_path(path_, name), visit);
  }
  void sections(const char* name, const std::vector<std::string>& /*present_keys*/,
                const std::function<void(const std::string&, Fields&)>& visit,
                const char* /*help*/) override {
    const Json* json = find(name);
    if (json == nullptr) return;
    const std::string path = join_path(path_, name);
    if (!json->is_object()) fail_type(place(path), "an object in { }", *json);
    for (const auto& item : json->items()) {
      const std::string& key = item.key();
      read_object(item.value(), join_path(path, key),
                  [&visit, &key](Fields& fields) { visit(key, fields); });
    }
  }

  void read_object(const Json& json, const std::string& path, const Visit& visit) const {
    JsonReader inner(json, path, source_);
    visit(inner);
    inner.finish();
  }
  const Json* find(const char* name) {
    known_.emplace_back(name);
    const auto found = object_.find(name);
    return found == object_.end() ? nullptr : &*found;
  }
  std::string place(const std::string& path) const {
    return path.empty() ? source_.where : source_.where + ": " + path;
  }

  const Json& object_;
  std::string path_;
  const Source& source_;
  std::vector<std::string> known_;
};

void read_object(const Visit& visit, const Json& json, const Source& source) {
  JsonReader reader(json, "", source);
  visit(reader);
  reader.finish();
}

size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), size_t{0});
  for (size_t i = 0; i < a.size(); ++i) {
    size_t diagonal = std::exchange(row[0], i + 1);
    for (size_t j = 0; j < b.size(); ++j) {
      const size_t replaced = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
    }
  }
  return row.back();
}

}  // namespace

void read_json(const Visit& visit, std::string_view text, const std::string& where,
               std::map<std::string, std::string>* unknown_keys) {
  const Source source{where, unknown_keys, nullptr};
  read_object(visit, parse_json(text, where), source);
}

void set_field(const Visit& visit, const std::string& assignment) {
  const size_t equals = assignment.find('=');
  if (equals == std::string::npos || equals == 0)
    throw Error("--set: expected section.key=value, got '{}'", assignment);
  const std::string typed = assignment.substr(equals + 1);
  Json value = Json::parse(typed, nullptr, false);
  if (value.is_discarded()) value = typed;
  std::string path = assignment.substr(0, equals);
  for (size_t dot = path.rfind('.');; dot = path.rfind('.')) {
    const std::string name = dot == std::string::npos ? path : path.substr(dot + 1);
    value = Json{{name, std::move(value)}};
    if (dot == std::string::npos) break;
    path.resize(dot);
  }
  const Source source{"--set", nullptr, &typed};
  read_object(visit, value, source);
}

std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates) {
  std::string nearest;
  size_t smallest = name.size() / 2 + 1;
  for (const std::string& candidate : candidates) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < smallest) {
      smallest = distance;
      nearest = candidate;
    }
  }
  return nearest;
}

}  // namespace cohesin
