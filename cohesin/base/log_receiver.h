#pragma once

#include <functional>
#include <string>

#include "cohesin/base/log.h"

namespace cohesin {

// Who shows the log where stderr is not what a person sees: a notebook, a window.
struct LogReceiver {
  std::function<void(LogLevel, const std::string&)> line;
  // The line of Progress, which replaces the one before; empty text takes it away. Without this
  // function progress comes as log lines.
  std::function<void(const std::string&)> status;
};

// From now on all goes to `receiver` in the place of stderr; without `line` to stderr again. The
// functions may be called from any thread, one call at a time; what they throw is lost.
void send_log_to(LogReceiver receiver);

}  // namespace cohesin
