#pragma once

#include <nanobind/nanobind.h>
#include <nanobind/stl/filesystem.h>
#include <nanobind/stl/optional.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <set>
#include <string>

namespace cohesin::python {

namespace nb = nanobind;

// Fills a struct of options from keyword arguments: absent ones, and None, keep the default.
class KeywordReader {
 public:
  explicit KeywordReader(const nb::kwargs& arguments) : arguments_(arguments) {}

  template <typename Value>
  KeywordReader& take(const char* name, Value& value) {
    known_.insert(name);
    if (!arguments_.contains(name)) return *this;
    const nb::handle given = arguments_[name];
    if (!given.is_none() && !nb::try_cast<Value>(given, value))
      throw nb::type_error((std::string(name) + ": cannot be " + nb::repr(given).c_str()).c_str());
    return *this;
  }

  // Throws TypeError for an argument that was not taken.
  void finish() const {
    for (const auto& [name, value] : arguments_)
      if (known_.count(nb::cast<std::string>(name)) == 0)
        throw nb::type_error((std::string("unknown argument ") + nb::repr(name).c_str()).c_str());
  }

 private:
  const nb::kwargs& arguments_;
  std::set<std::string> known_;
};

// Work without Python's lock, so that its other threads go on.
template <typename Work>
auto without_lock(const Work& work) {
  const nb::gil_scoped_release release;
  return work();
}

// Each adds its functions to the module.
void add_run_functions(nb::module_& module);
void add_answer_functions(nb::module_& module);

}  // namespace cohesin::python
