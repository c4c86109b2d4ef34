#pragma once

#include <fmt/format.h>

#include <string>
#include <utility>

namespace cohesin {

// Logs go to stderr, data to stdout. Without configure_log everything is shown and no file written.

// `quiet` leaves errors only on stderr. `json_path`, if not empty, also gets every line, appended
// as
// {"time", "level", "text"} objects, one a line. Throws Error when that file cannot be written.
void configure_log(bool quiet, const std::string& json_path);

enum class LogLevel { kInfo, kWarning, kError };
void log_text(LogLevel level, const std::string& text);

template <typename... Args>
void log_info(fmt::format_string<Args...> text, Args&&... args) {
  log_text(LogLevel::kInfo, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void log_warning(fmt::format_string<Args...> text, Args&&... args) {
  log_text(LogLevel::kWarning, fmt::format(text, std::forward<Args>(args)...));
}
template <typename... Args>
void log_error(fmt::format_string<Args...> text, Args&&... args) {
  log_text(LogLevel::kError, fmt::format(text, std::forward<Args>(args)...));
}

// Whether a line that redraws itself can be shown: stderr is a terminal, and not quiet.
bool can_show_status();

// Shows one line below the log, in the place of the one before; empty text takes it away.
void show_status(const std::string& line);

}  // namespace cohesin
