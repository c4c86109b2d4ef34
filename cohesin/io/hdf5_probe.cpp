#include "cohesin/io/hdf5_probe.h"

#include <fcntl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <fstream>
#include <string>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

void limit_child(const std::filesystem::path& path) {
  for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL}) std::signal(signal, SIG_DFL);
  const rlimit no_core{0, 0}, a_minute{60, 60};
  setrlimit(RLIMIT_CORE, &no_core);
  setrlimit(RLIMIT_CPU, &a_minute);
  uint64_t pages = 0;  // of address space in use
  std::error_code failure;
  const uint64_t file_size = std::filesystem::file_size(path, failure);
  if (failure || !(std::ifstream("/proc/self/statm") >> pages)) return;
  constexpr uint64_t kFloor = uint64_t{1} << 30, kPerFileByte = 16;
  const uint64_t bytes = pages * static_cast<uint64_t>(sysconf(_SC_PAGE_SIZE)) + kFloor;
  rlimit memory{};
  getrlimit(RLIMIT_AS, &memory);
  memory.rlim_cur = std::min<rlim_t>(bytes + kPerFileByte * file_size, memory.rlim_max);
  setrlimit(RLIMIT_AS, &memory);
}

// What the child has to say goes through `pipe`: nothing when all is well.
[[noreturn]] void read_and_exit(const std::filesystem::path& path,
                                const std::function<void()>& read, int pipe) {
  const int nowhere = open("/dev/null", O_WRONLY);
  dup2(nowhere, STDOUT_FILENO);
  dup2(nowhere, STDERR_FILENO);
  limit_child(path);
  std::string complaint;
  try {
    read();
  } catch (const Error& error) {
    complaint = error.what();
  } catch (const std::exception& error) {
    complaint = fmt::format("{}: cannot be read: {}", path.string(), error.what());
  }
  _exit(write(pipe, complaint.data(), complaint.size()) < 0 ? 1 : 0);
}

std::string read_all(int pipe) {
  std::string text;
  std::array<char, 4096> buffer{};
  for (;;) {
    const ssize_t count = read(pipe, buffer.data(), buffer.size());
    if (count > 0) text.append(buffer.data(), static_cast<size_t>(count));
    if (count == 0 || (count < 0 && errno != EINTR)) return text;
  }
}

}  // namespace

void probe_hdf5(const std::filesystem::path& path, const std::function<void()>& read) {
  std::array<int, 2> pipe{};
  // Without room for a pipe or a process the file is read without this guard.
  if (pipe2(pipe.data(), O_CLOEXEC) != 0) return;
  const pid_t child = fork();
  if (child == 0) read_and_exit(path, read, pipe[1]);
  close(pipe[1]);
  const std::string complaint = child < 0 ? "" : read_all(pipe[0]);
  close(pipe[0]);
  if (child < 0) return;
  int status = 0;
  while (waitpid(child, &status, 0) < 0)
    if (errno != EINTR) return;
  // A sanitizer ends the child with an exit code where the system would send a signal.
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    throw Error("{}: is damaged: the HDF5 library fails on it ({})", path.string(),
                WIFSIGNALED(status) ? strsignal(WTERMSIG(status)) : "invalid memory access");
  if (!complaint.empty()) throw Error("{}", complaint);
}

}  // namespace cohesin
