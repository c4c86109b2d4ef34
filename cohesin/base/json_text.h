#pragma once

#include <nlohmann/json_fwd.hpp>
#include <string>
#include <string_view>

namespace cohesin {

// JSON text to a value; // and /* */ comments are allowed. A key that stands twice in one object is
// an Error, since one of the two would be lost. `where` names the source in errors.
nlohmann::ordered_json parse_json(std::string_view text, const std::string& where);

// Two-space indent, lists on one line, doubles in the shortest form that reads back the same.
// Throws Error for what JSON cannot hold: infinities, NaN, text that is not UTF-8.
std::string json_text(const nlohmann::ordered_json& json);

// On one line and cut where it is long, for errors.
std::string short_json_text(const nlohmann::ordered_json& json);

// "train" and "epochs" -> "train.epochs".
std::string join_path(const std::string& parent, const std::string& name);

}  // namespace cohesin
