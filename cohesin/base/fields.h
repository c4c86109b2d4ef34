#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cohesin {

// The visitor of config structs. A config has one `void visit(Fields& field)` that names each
// member once; reading, writing and documentation are three visitors of that one list.
class Fields {
 public:
  virtual ~Fields() = default;

  // `help` is one line for people; it may be left out where the name says it all.
  template <typename T>
  void operator()(const char* name, T& value, const char* help = "") {
    if constexpr (requires { value.visit(*this); }) {
      section(
          name, [&value](Fields& inner) { value.visit(inner); }, help);
    } else {
      visit_value(name, value, help);
    }
  }
  // A map of visited structs (one tokenizer a modality). Reading adds keys that are not there yet.
  template <typename T>
  requires requires(T& value, Fields& fields) { value.visit(fields); }
  void operator()(const char* name, std::map<std::string, T>& values, const char* help = "") {
    std::vector<std::string> keys;
    for (const auto& [key, value] : values) keys.push_back(key);
    sections(
        name, keys, [&values](const std::string& key, Fields& inner) { values[key].visit(inner); },
        help);
  }

 protected:
  virtual void visit_value(const char* name, bool& value, const char* help) = 0;
  virtual void visit_value(const char* name, int64_t& value, const char* help) = 0;
  virtual void visit_value(const char* name, double& value, const char* help) = 0;
  virtual void visit_value(const char* name, std::string& value, const char* help) = 0;
  virtual void visit_value(const char* name, std::optional<int64_t>& value, const char* help) = 0;
  virtual void visit_value(const char* name, std::vector<int64_t>& value, const char* help) = 0;
  virtual void visit_value(const char* name, std::vector<double>& value, const char* help) = 0;
  virtual void visit_value(const char* name, std::vector<std::string>& value, const char* help) = 0;
  virtual void visit_value(const char* name, std::map<std::string, bool>& value,
                           const char* help) = 0;
  virtual void visit_value(const char* name, std::map<std::string, int64_t>& value,
                           const char* help) = 0;
  virtual void visit_value(const char* name, std::map<std::string, double>& value,
                           const char* help) = 0;
  virtual void section(const char* name, const std::function<void(Fields&)>& visit,
                       const char* help) = 0;
  virtual void sections(const char* name, const std::vector<std::string>& present_keys,
                        const std::function<void(const std::string&, Fields&)>& visit,
                        const char* help) = 0;
};

using Visit = std::function<void(Fields&)>;

// Fills the visited fields from JSON text; // and /* */ comments are allowed. Absent keys keep
// their value. `where` names the source in errors ("recipe.json"). An unknown key is an Error that
// names the nearest known one; with `unknown_keys` they are collected there instead (as dotted
// paths with their JSON value) for foreign configs, in which null means not given.
void read_json(const Visit& visit, std::string_view text, const std::string& where,
               std::map<std::string, std::string>* unknown_keys = nullptr);

// JSON text, keys in the order of visit, two-space indent, final newline.
std::string write_json(const Visit& visit);

// Sets one field from the command line: "train.epochs=3". The value is JSON, or else text.
void set_field(const Visit& visit, const std::string& assignment);

// "name  default  help" rows of all fields, dotted paths.
std::string describe_fields(const Visit& visit);

// The candidate with the smallest edit distance to `name`, or empty if none is near (distance
// above half the length).
std::string nearest_name(const std::string& name, const std::vector<std::string>& candidates);

template <typename Config>
void read_config(Config& config, std::string_view text, const std::string& where) {
  read_json([&config](Fields& field) { config.visit(field); }, text, where);
}
template <typename Config>
std::string write_config(Config config) {
  return write_json([&config](Fields& field) { config.visit(field); });
}

}  // namespace cohesin
