#include "cohesin/base/interrupt.h"

#include <csignal>
#include <mutex>

namespace cohesin {
namespace {

// A signal handler can reach nothing but such a variable.
volatile std::sig_atomic_t requested_signal = 0;

std::mutex nesting_mutex;
int nesting = 0;
struct sigaction previous_interrupt, previous_terminate;

extern "C" void note_signal(int number) {
  requested_signal = number;
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

}  // namespace

CatchStopSignals::CatchStopSignals() {
  const std::lock_guard lock(nesting_mutex);
  if (nesting++ > 0) return;
  requested_signal = 0;
  struct sigaction action {};
  action.sa_handler = note_signal;
  action.sa_flags = SA_RESTART;
  sigemptyset(&action.sa_mask);
  sigaction(SIGINT, &action, &previous_interrupt);
  sigaction(SIGTERM, &action, &previous_terminate);
}

CatchStopSignals::~CatchStopSignals() {
  const std::lock_guard lock(nesting_mutex);
  if (--nesting > 0) return;
  sigaction(SIGINT, &previous_interrupt, nullptr);
  sigaction(SIGTERM, &previous_terminate, nullptr);
}

int stop_requested() { return requested_signal; }

}  // namespace cohesin
