#include "cohesin/base/file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// An open file descriptor, closed at the end.
class Descriptor {
 public:
  Descriptor(const fs::path& path, int flags, const char* doing)
      : number_(open(path.c_str(), flags | O_CLOEXEC)) {
    if (number_ < 0) fail_on_path(doing, path, errno);
  }
  ~Descriptor() { close(number_); }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int number() const { return number_; }

 private:
  int number_;
};

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

std::string advice(int error_number) {
  switch (error_number) {
    case ENOSPC:
    case EDQUOT:
      return "; the disk is full: free some space or choose another place";
    case EACCES:
    case EPERM:
    case EROFS:
      return "; change the rights or choose another place";
    case ENOENT:
      return "; check the name and that its folder exists";
    default:
      return "";
  }
}

bool is_special(const fs::path& path) {
  std::error_code ignored;
  const fs::file_status status = fs::status(path, ignored);
  return fs::exists(status) && !fs::is_regular_file(status) && !fs::is_directory(status);
}

}  // namespace

void fail_on_path(const std::string& doing, const fs::path& path, int error_number) {
  throw Error("cannot {} '{}': {}{}", doing, path.string(),
              std::generic_category().message(error_number), advice(error_number));
}

std::string read_text(const fs::path& path) {
  const Descriptor file(path, O_RDONLY, "read");
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t count = read(file.number(), buffer, sizeof buffer);
    if (count == 0) return text;
    if (count > 0) {
      text.append(buffer, static_cast<size_t>(count));
    } else if (errno != EINTR) {
      fail_on_path("read", path, errno);
    }
  }
}

AtomicFile::AtomicFile(const fs::path& path) : target_(path), temporary_(path) {
  if (is_special(path)) return;
  std::error_code error;
  if (fs::is_directory(path, error)) fail_on_path("write", path, EISDIR);
  if (fs::is_symlink(path, error) && fs::exists(path, error)) target_ = fs::canonical(path);
  temporary_ = folder_of(target_) /
               fmt::format(".{}.{}.tmp", target_.filename().string(), static_cast<int>(getpid()));
  // Claims the place now, so that a missing right is told before the work.
  const int made = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
  if (made < 0) fail_on_path("write", path, errno);
  close(made);
}

AtomicFile::~AtomicFile() {
  std::error_code ignored;
  if (temporary_ != target_) fs::remove(temporary_, ignored);  // gone already after commit
}

void AtomicFile::commit() {
  if (temporary_ == target_) return;
  sync_to_disk(temporary_);
  if (rename(temporary_.c_str(), target_.c_str()) != 0) fail_on_path("write", target_, errno);
  sync_to_disk(folder_of(target_));
}

void write_text(const fs::path& path, std::string_view text) {
  AtomicFile file(path);
  {
    const Descriptor out(file.temporary(), O_WRONLY | O_TRUNC, "write");
    while (!text.empty()) {
      const ssize_t count = write(out.number(), text.data(), text.size());
      if (count >= 0) {
        text.remove_prefix(static_cast<size_t>(count));
      } else if (errno != EINTR) {
        fail_on_path("write", path, errno);
      }
    }
  }
  file.commit();
}

void make_folder(const fs::path& path) {
  std::error_code error;
  fs::create_directories(path, error);
  if (error) fail_on_path("make the folder", path, error.value());
}

void sync_to_disk(const fs::path& path) {
  const Descriptor file(path, O_RDONLY, "flush");
  if (fsync(file.number()) != 0 && errno != EINVAL && errno != EROFS)
    fail_on_path("flush", path, errno);
}

void require_absent_or_force(const fs::path& path, bool force) {
  if (is_special(path)) return;
  std::error_code ignored;
  if (!force && fs::exists(fs::symlink_status(path, ignored)))
    throw Error("'{}' exists; pass --force to replace it", path.string());
  fs::path place = fs::absolute(path, ignored);
  do {
    place = folder_of(place);
  } while (!fs::exists(place, ignored) && place.has_relative_path());
  if (!fs::is_directory(place, ignored)) fail_on_path("write", path, ENOTDIR);
  if (access(place.c_str(), W_OK | X_OK) != 0) fail_on_path("write", path, errno);
}

}  // namespace cohesin
