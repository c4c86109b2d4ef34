#include "cohesin/base/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

#include "cohesin/base/clock.h"
#include "cohesin/base/log.h"

namespace cohesin {
namespace {

constexpr double kSecondsBetweenBars = 0.1;
constexpr double kSecondsBetweenLogLines = 60.0;

size_t terminal_width() {
  winsize size{};
  const bool known = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0;
  return known ? size.ws_col : 80;
}

}  // namespace

double steady_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

std::string progress_text(const std::string& what, const std::string& unit, int64_t before,
                          int64_t done, int64_t total, double seconds, const std::string& note,
                          size_t width) {
  std::string text = what + " ";
  if (total > 0) {
    const double fraction = std::clamp(static_cast<double>(done) / total, 0.0, 1.0);
    if (width > 0) {
      constexpr size_t kBarWidth = 24;
      const auto filled = static_cast<size_t>(fraction * kBarWidth);
      text += "[" + std::string(filled, '#') + std::string(kBarWidth - filled, '.') + "] ";
    }
    text += fmt::format("{:.0f} % {}/{} {}", 100 * fraction, done, total, unit);
  } else {
    text += fmt::format("{} {}", done, unit);
  }
  const double rate = seconds > 0 ? static_cast<double>(done - before) / seconds : 0.0;
  if (rate > 0) {
    text += rate >= 1 ? fmt::format(", {:.1f} a second", rate)
                      : fmt::format(", {:.1f} s each", 1 / rate);
    if (done < total)
      text += fmt::format(", {} left", duration_text(static_cast<double>(total - done) / rate));
  }
  if (!note.empty()) text += ", " + note;
  if (width > 0 && text.size() > width) text.resize(width);
  return text;
}

Progress::Progress(std::string what, int64_t total, std::string unit, Clock clock)
    : what_(std::move(what)),
      unit_(std::move(unit)),
      total_(total),
      clock_(std::move(clock)),
      start_seconds_(clock_()),
      shown_seconds_(start_seconds_),
      on_terminal_(can_show_status()) {}

Progress::~Progress() {
  if (on_terminal_) show_status("");
}

void Progress::start_at(int64_t done) { done_ = started_at_ = done; }

void Progress::set_note(std::string note) { note_ = std::move(note); }

void Progress::advance(int64_t count) {
  done_ += count;
  const double wait = on_terminal_ ? kSecondsBetweenBars : kSecondsBetweenLogLines;
  if (clock_() - shown_seconds_ >= wait) show();
}

void Progress::show() {
  shown_seconds_ = clock_();
  const size_t width = on_terminal_ ? terminal_width() - 1 : 0;
  const std::string text = progress_text(what_, unit_, started_at_, done_, total_,
                                         shown_seconds_ - start_seconds_, note_, width);
  if (on_terminal_) {
    show_status(text);
  } else {
    log_info("{}", text);
  }
}

}  // namespace cohesin
