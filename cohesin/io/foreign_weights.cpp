#include "cohesin/io/foreign_weights.h"

#include <algorithm>
#include <string_view>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

constexpr size_t kLooked = 512;  // bytes that tell what a file is

[[noreturn]] void refuse_pickle(const std::filesystem::path& path, const std::string& what) {
  throw Error(
      "{}: is {}, which can run any code when it is loaded and is never read here; make "
      "safetensors "
      "of it once, with a Python that has PyTorch:\n  {}",
      path.string(), what, pickle_to_safetensors_command(path));
}

void refuse_zip(std::string_view start, const std::filesystem::path& path) {
  if (start.find("data.pkl") != std::string_view::npos ||
      start.find("archive/") != std::string_view::npos)
    refuse_pickle(path, "a PyTorch file (a zip archive with a pickle inside)");
  if (start.find(".npy") != std::string_view::npos)
    throw Error(
        "{}: is a numpy archive (.npz); expected safetensors: write its arrays with "
        "safetensors.numpy.save_file",
        path.string());
  throw Error(
      "{}: is a zip archive; expected safetensors: unpack it, or if it came from PyTorch:"
      "\n  {}",
      path.string(), pickle_to_safetensors_command(path));
}

}  // namespace

std::string pickle_to_safetensors_command(const std::filesystem::path& path) {
  std::filesystem::path made = path;
  made.replace_extension(".safetensors");
  return fmt::format("python3 tools/pickle_to_safetensors.py '{}' '{}'", path.string(),
                     made.string());
}

void refuse_foreign_weights(std::span<const std::byte> bytes, const std::filesystem::path& path) {
  const std::string_view start(reinterpret_cast<const char*>(bytes.data()),
                               std::min(bytes.size(), kLooked));
  const auto begins = [start](std::string_view magic) {
    return start.substr(0, magic.size()) == magic;
  };
  // The header of safetensors: its length, below 2^32, then a JSON object.
  constexpr std::string_view kNoMore("\0\0\0\0{", 5);
  if (start.size() > 8 && start.substr(4, 5) == kNoMore) return;
  if (begins("PK\x03\x04")) refuse_zip(start, path);
  if (start.size() > 1 && start[0] == '\x80' && start[1] >= 2 && start[1] <= 5)
    refuse_pickle(path, "a pickle (an old PyTorch file, joblib or plain Python)");
  if (begins("\x89HDF\r\n\x1a\n"))
    throw Error("{}: is HDF5; expected weights as safetensors", path.string());
  if (begins("GGUF")) throw Error("{}: is GGUF; expected weights as safetensors", path.string());
  if (begins("\x1f\x8b"))
    throw Error("{}: is compressed with gzip; decompress it first (gunzip)", path.string());
  if (begins("version https://git-lfs"))
    throw Error(
        "{}: is a Git LFS pointer, not the weights themselves; fetch them with 'git lfs "
        "pull', or download the file from its page",
        path.string());
  if (begins("<!") || begins("<html"))
    throw Error("{}: is a web page, not weights; the download went wrong, fetch it again",
                path.string());
}

}  // namespace cohesin
