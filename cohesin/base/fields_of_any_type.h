#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "cohesin/base/fields.h"

namespace cohesin {

// Sends every value type of Fields to one template `Derived::value`.
template <typename Derived>
class FieldsOfAnyType : public Fields {
  void visit_value(const char* name, bool& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, int64_t& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, double& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::string& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::optional<int64_t>& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::vector<int64_t>& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::vector<double>& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::vector<std::string>& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::map<std::string, bool>& value, const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::map<std::string, int64_t>& value,
                   const char* help) final {
    self().value(name, value, help);
  }
  void visit_value(const char* name, std::map<std::string, double>& value, const char* help) final {
    self().value(name, value, help);
  }
  Derived& self() { return static_cast<Derived&>(*this); }
};

}  // namespace cohesin
