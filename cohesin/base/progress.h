#pragma once

#include <cstdint>
#include <functional>
#include <string>

namespace cohesin {

// Seconds on some clock that never runs backwards.
using Clock = std::function<double()>;
double steady_seconds();

// Shows how far a loop has come: on a terminal a bar with rate and remaining time, elsewhere one
// log line a minute, nothing at all when the log is quiet. Gone when it leaves scope. One thread.
class Progress {
 public:
  // `total` 0 means unknown. `unit` is a plural: "steps".
  Progress(std::string what, int64_t total, std::string unit, Clock clock = steady_seconds);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  void advance(int64_t count = 1);
  // Starts from `done` without counting it into the rate (a resumed run).
  void start_at(int64_t done);
  // A few words behind the numbers: "loss 0.123".
  void set_note(std::string note);

 private:
  void show();

  std::string what_, unit_, note_;
  int64_t total_, done_ = 0, started_at_ = 0;
  Clock clock_;
  double start_seconds_, shown_seconds_;
  bool on_terminal_;
};

// The text of one moment, at most `width` letters. `done` of `total`, of which `done - before` in
// the last `seconds`. A width of 0 gives a log line, without the bar.
std::string progress_text(const std::string& what, const std::string& unit, int64_t before,
                          int64_t done, int64_t total, double seconds, const std::string& note,
                          size_t width);

}  // namespace cohesin
