#include "cohesin/io/pending_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <system_error>
#include <utility>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// Throws with the reason that the system gave.
void sync_to_disk(const std::filesystem::path& path, int flags,
                  const std::filesystem::path& target) {
  const int file = ::open(path.c_str(), flags | O_CLOEXEC);
  const bool synced = file >= 0 && ::fsync(file) == 0;
  const int reason = errno;
  if (file >= 0) ::close(file);
  // Some network file systems cannot sync a folder and say EINVAL; the rename itself stands.
  if (!synced && reason != EINVAL)
    throw Error("{}: cannot be written to disk: {}", target.string(), std::strerror(reason));
}

std::filesystem::path folder_of(const std::filesystem::path& path) {
  return path.has_parent_path() ? path.parent_path() : std::filesystem::path(".");
}

}  // namespace

PendingFile::PendingFile(std::filesystem::path target) : target_(std::move(target)) {
  const auto folder = folder_of(target_);
  std::error_code ignored;
  if (!std::filesystem::is_directory(folder, ignored))
    throw Error("{}: the folder '{}' does not exist; make it first", target_.string(),
                folder.string());
  if (std::filesystem::is_directory(target_, ignored))
    throw Error("{}: is a folder; expected the name of a file to write", target_.string());
  temporary_ = folder / fmt::format(".{}.{}.part", target_.filename().string(), ::getpid());
  const int file = ::open(temporary_.c_str(), O_CREAT | O_TRUNC | O_WRONLY | O_CLOEXEC, 0666);
  if (file < 0)
    throw Error("{}: cannot write to the folder '{}': {}", target_.string(), folder.string(),
                std::strerror(errno));
  ::close(file);
}

PendingFile::~PendingFile() {
  std::error_code ignored;
  if (!committed_) std::filesystem::remove(temporary_, ignored);
}

void PendingFile::commit() {
  sync_to_disk(temporary_, O_RDONLY, target_);
  std::error_code failure;
  std::filesystem::rename(temporary_, target_, failure);
  if (failure)
    throw Error("{}: the finished file cannot be put in place: {}", target_.string(),
                failure.message());
  committed_ = true;
  sync_to_disk(folder_of(target_), O_RDONLY | O_DIRECTORY, target_);
}

void write_whole_file(const std::filesystem::path& path, std::string_view content) {
  PendingFile pending(path);
  std::ofstream stream(pending.temporary(), std::ios::binary);
  stream.write(content.data(), static_cast<std::streamsize>(content.size()));
  stream.close();
  if (!stream) throw Error("{}: cannot be written: {}", path.string(), std::strerror(errno));
  pending.commit();
}

}  // namespace cohesin
