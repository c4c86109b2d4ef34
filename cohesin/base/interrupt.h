#pragma once

#include <exception>

namespace cohesin {

// While one of these lives, SIGINT (ctrl-C) and SIGTERM only leave a note that `stop_requested`
// gives, so that the work can be put away at a good moment. A second signal ends the process at
// once. May be nested; outside, signals end the process as usual.
class CatchStopSignals {
 public:
  CatchStopSignals();
  ~CatchStopSignals();
  CatchStopSignals(const CatchStopSignals&) = delete;
  CatchStopSignals& operator=(const CatchStopSignals&) = delete;
};

// The number of the signal that came, or 0.
int stop_requested();

// Work was put away because a signal asked for it. The command ends with exit code 128 + number:
// 130 for ctrl-C, 143 for SIGTERM.
class Interrupted : public std::exception {
 public:
  explicit Interrupted(int signal_number) : signal_number_(signal_number) {}
  int signal_number() const { return signal_number_; }
  const char* what() const noexcept override { return "stopped by a signal"; }

 private:
  int signal_number_;
};

// Throws Interrupted if a signal came.
inline void stop_here_if_requested() {
  if (const int signal = stop_requested(); signal != 0) throw Interrupted(signal);
}

}  // namespace cohesin
