#include "cohesin/base/jobs.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <memory>
#include <string_view>

#include "cohesin/base/error.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"

namespace cohesin {

namespace {

constexpr int kPollMilliseconds = 200;  // until a signal is noticed at the latest

// In the new process, where nothing but plain system calls is safe.
[[noreturn]] void become(const std::vector<char*>& words, int output, pid_t parent) {
  setpgid(0, 0);  // ctrl-C comes from the parent alone, and thus once
  prctl(PR_SET_PDEATHSIG, SIGTERM);
  if (getppid() != parent) _exit(128 + SIGTERM);
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
  dup2(output, STDOUT_FILENO);
  dup2(output, STDERR_FILENO);
  execv(words[0], words.data());
  const std::string_view failed = "error: cannot start the program\n";
  if (write(STDERR_FILENO, failed.data(), failed.size()) < 0) _exit(126);
  _exit(127);
}

// A process, with a group of its own, and the lines that it writes. A process that is forgotten is
// killed.
class Process {
 public:
  explicit Process(const Job& job) : name_(job.name) {
    std::vector<std::string> copies = job.words;
    std::vector<char*> words;
    for (auto& word : copies) words.push_back(word.data());
    words.push_back(nullptr);
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0)
      throw Error("{}: no pipe: {}", name_, std::strerror(errno));
    const pid_t parent = getpid();
    id_ = fork();
    if (id_ == 0) become(words, ends[1], parent);
    const int error = errno;
    if (id_ > 0) setpgid(id_, id_);  // whoever comes first
    close(ends[1]);
    output_ = ends[0];
    if (id_ < 0) throw Error("{}: cannot start a process: {}", name_, std::strerror(error));
  }
  ~Process() {
    if (output_ >= 0) close(output_);
    if (id_ <= 0) return;
    kill(-id_, SIGKILL);
    waitpid(id_, nullptr, 0);
  }
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  int output() const { return output_; }
  const std::string& name() const { return name_; }
  const std::string& last_error() const { return error_.empty() ? last_line_ : error_; }
  void ask_to_stop(int signal) const {
    if (id_ > 0) kill(-id_, signal);  // and what it has started
  }

  // Logs what there is; false at the end of the output.
  bool read_output() {
    std::array<char, 4096> buffer{};
    const ssize_t count = read(output_, buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) return true;
    if (count <= 0) {
      if (!rest_.empty()) log_line(rest_);
      return false;
    }
    rest_.append(buffer.data(), static_cast<size_t>(count));
    for (size_t end = rest_.find('\n'); end != std::string::npos; end = rest_.find('\n')) {
      log_line(rest_.substr(0, end));
      rest_.erase(0, end + 1);
    }
    return true;
  }

  // The exit code, or 128 + signal, once the output has ended.
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) continue;
    id_ = -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
  }

 private:
  void log_line(const std::string& line) {
    const std::string warning = "warning: ", error = "error: ";
    last_line_ = line;
    if (line.rfind(error, 0) == 0) {
      error_ = line.substr(error.size());  // thrown, and thus told at the end
    } else if (line.rfind(warning, 0) == 0) {
      log_warning("{}: {}", name_, line.substr(warning.size()));
    } else {
      log_info("{}: {}", name_, line);
    }
  }

  std::string name_, rest_, last_line_, error_;
  pid_t id_ = -1;
  int output_ = -1;
};

class JobRunner {
 public:
  JobRunner(const std::vector<Job>& jobs, int64_t at_once)
      : jobs_(jobs), at_once_(static_cast<size_t>(std::max<int64_t>(1, at_once))) {}

  void run() {
    while (next_ < jobs_.size() || !running_.empty()) {
      while (!stopping_ && next_ < jobs_.size() && running_.size() < at_once_)
        running_.push_back(std::make_unique<Process>(jobs_[next_++]));
      if (running_.empty()) break;
      read_outputs();
      if (const int signal = stop_requested(); signal != 0) stop_all(signal);
    }
    if (!failure_.empty()) throw Error("{}", failure_);
    stop_here_if_requested();
  }

 private:
  void stop_all(int signal) {
    if (!stopping_)
      for (const auto& process : running_) process->ask_to_stop(signal);
    stopping_ = true;
  }

  void read_outputs() {
    std::vector<pollfd> waiting;
    for (const auto& process : running_) waiting.push_back({process->output(), POLLIN, 0});
    if (poll(waiting.data(), waiting.size(), kPollMilliseconds) <= 0) return;
    std::vector<std::unique_ptr<Process>> still;
    for (size_t i = 0; i < running_.size(); ++i) {
      if (waiting[i].revents == 0 || running_[i]->read_output())
        still.push_back(std::move(running_[i]));
      else
        note_end(*running_[i]);
    }
    running_ = std::move(still);
    if (!failure_.empty()) stop_all(SIGTERM);
  }

  // Whoever ends with another code than 0 after it was asked to stop has done what it was asked.
  void note_end(Process& process) {
    const int code = process.wait();
    if (code == 0 || stopping_ || stop_requested() != 0 || !failure_.empty()) return;
    failure_ = fmt::format("{}: {}", process.name(),
                           process.last_error().empty() ? fmt::format("ended with code {}", code)
                                                        : process.last_error());
  }

  const std::vector<Job>& jobs_;
  size_t at_once_;
  size_t next_ = 0;
  bool stopping_ = false;
  std::string failure_;
  std::vector<std::unique_ptr<Process>> running_;
};

}  // namespace

std::string own_program() { return std::filesystem::read_symlink("/proc/self/exe").string(); }

void run_jobs(const std::vector<Job>& jobs, int64_t at_once) {
  const CatchStopSignals catch_stop_signals;
  JobRunner(jobs, at_once).run();
}

}  // namespace cohesin
