#include "cohesin/base/json_text.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <set>
#include <vector>

#include "cohesin/base/error.h"

namespace cohesin {

using Json = nlohmann::ordered_json;

std::string join_path(const std::string& parent, const std::string& name) {
  return parent.empty() ? name : parent + "." + name;
}

Json parse_json(std::string_view text, const std::string& where) {
  if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
    throw Error("{}: empty, expected a JSON object", where);
  constexpr int kDeepest = 200;  // writing and freeing are recursive
  std::vector<std::set<std::string>> keys;
  const auto refuse_twins = [&](int depth, Json::parse_event_t event, Json& parsed) {
    if (depth > kDeepest) throw Error("{}: nested more than {} levels deep", where, kDeepest);
    if (event == Json::parse_event_t::object_start) {
      keys.emplace_back();
    } else if (event == Json::parse_event_t::object_end) {
      keys.pop_back();
    } else if (event == Json::parse_event_t::key) {
      const auto key = parsed.get<std::string>();
      if (!keys.back().insert(key).second)
        throw Error("{}: the key '{}' stands twice in one object; keep one of them", where, key);
    }
    return true;
  };
  try {
    return Json::parse(text, refuse_twins, true, true);
  } catch (const Json::exception& error) {
    std::string reason = error.what();  // "[json.exception.parse_error.101] parse error at line..."
    reason.erase(0, std::min(reason.find("] ") + 2, reason.size()));
    throw Error("{}: not valid JSON: {}", where, reason);
  }
}

namespace {

// Like dump(2), with doubles in the shortest form that reads back the same, and plain lists on one
// line.
void print(const Json& json, const std::string& indent, const std::string& place,
           std::string& out) {
  if (json.is_object() && !json.empty()) {
    const std::string deeper = indent + "  ";
    const char* separator = "{\n";
    for (const auto& item : json.items()) {
      out += separator + deeper + Json(item.key()).dump() + ": ";
      print(item.value(), deeper, join_path(place, item.key()), out);
      separator = ",\n";
    }
    out += "\n" + indent + "}";
  } else if (json.is_array()) {
    const char* separator = "";
    out += "[";
    for (const auto& item : json) {
      out += separator;
      print(item, indent, place, out);
      separator = ", ";
    }
    out += "]";
  } else if (json.is_number_float()) {
    const auto number = json.get<double>();
    if (!std::isfinite(number)) throw Error("{}: {} cannot be written in JSON", place, number);
    const std::string digits = fmt::format("{}", number);
    out += digits + (digits.find_first_of(".e") == std::string::npos ? ".0" : "");
  } else {
    out += json.dump();
  }
}

}  // namespace

std::string json_text(const Json& json) {
  std::string out;
  try {
    print(json, "", "", out);
  } catch (const Json::exception&) {
    throw Error("text that is not UTF-8 cannot be written in JSON: {}", short_json_text(json));
  }
  return out;
}

std::string short_json_text(const Json& json) {
  std::string text = json.dump(-1, ' ', false, Json::error_handler_t::replace);
  constexpr size_t kLongest = 60;
  if (text.size() <= kLongest) return text;
  size_t end = kLongest;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;  // whole UTF-8 letters
  return text.substr(0, end) + "...";
}

}  // namespace cohesin
