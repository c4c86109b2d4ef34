// The module cohesin._native: what of the library has no Python object in it. The package around
// it (python/cohesin) has the functions that users call.
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>
#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <torch/version.h>

#include <csignal>
#include <exception>
#include <memory>
#include <optional>
#include <string>

#include "cohesin/base/error.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/log_receiver.h"
#include "cohesin/base/run_record.h"
#include "python/bindings/keyword_reader.h"

namespace cohesin::python {
namespace {

// Ctrl-C becomes KeyboardInterrupt, after the work was put away; SIGTERM an exit as the command's.
void set_python_error(const std::exception_ptr& thrown, void* /*unused*/) {
  try {
    std::rethrow_exception(thrown);
  } catch (const Interrupted& stop) {
    if (stop.signal_number() == SIGINT)
      PyErr_SetString(PyExc_KeyboardInterrupt, stop.what());
    else
      PyErr_SetObject(PyExc_SystemExit, nb::int_(128 + stop.signal_number()).ptr());
  } catch (const c10::Error& error) {  // without the stack that what() brings
    PyErr_SetString(PyExc_RuntimeError, error.what_without_backtrace());
  }
}

// Calls a Python function from wherever the library is. Nothing may be thrown through the log: a
// ctrl-C that Python notices in there is handed on, to be raised when the call is over.
template <typename... Arguments>
void call_from_log(const nb::object& function, const Arguments&... arguments) {
  const nb::gil_scoped_acquire acquire;
  try {
    function(arguments...);
  } catch (nb::python_error& error) {
    if (error.matches(PyExc_KeyboardInterrupt))
      PyErr_SetInterrupt();
    else
      error.discard_as_unraisable("the log of cohesin");
  }
}

// `line(level, text)` with the levels of Python's logging, `status(text)`; None: back to stderr.
void set_log(const nb::object& line, const nb::object& status) {
  // The last owner may be any thread, so the objects are let go under Python's lock.
  const auto held = [](const nb::object& object) {
    return std::shared_ptr<nb::object>(new nb::object(object), [](nb::object* owned) {
      const nb::gil_scoped_acquire acquire;
      delete owned;
    });
  };
  LogReceiver receiver;
  if (!line.is_none())
    receiver.line = [line = held(line)](LogLevel level, const std::string& text) {
      const int number = level == LogLevel::kInfo ? 20 : level == LogLevel::kWarning ? 30 : 40;
      call_from_log(*line, number, text);
    };
  if (!status.is_none())
    receiver.status = [status = held(status)](const std::string& text) {
      call_from_log(*status, text);
    };
  without_lock([&receiver] { send_log_to(std::move(receiver)); });
}

}  // namespace
}  // namespace cohesin::python

NB_MODULE(_native, module) {
  namespace nb = nanobind;
  using namespace cohesin;
  nb::exception<Error>(module, "CohesinError", PyExc_ValueError);
  nb::register_exception_translator(python::set_python_error);
  module.attr("version") = version();
  module.attr("torch_version") = TORCH_VERSION;
  module.def("set_log", &python::set_log, nb::arg("line").none(), nb::arg("status").none());
  module.def("get_threads", [] { return at::get_num_threads(); });
  module.def("set_threads", [](int count) { at::set_num_threads(count); });
  python::add_run_functions(module);
  python::add_answer_functions(module);
}
