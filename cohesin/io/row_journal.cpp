#include "cohesin/io/row_journal.h"

#include <algorithm>
#include <cassert>
#include <cstring>
#include <optional>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/sha256.h"

namespace cohesin {
namespace {

const std::string kMagic = "cohesin rows 1\n";
constexpr size_t kDigestBytes = 64;  // hexadecimal

// Little pieces of a block, written and read alike.
void put(std::string& bytes, uint64_t number) {
  char raw[sizeof number];
  std::memcpy(raw, &number, sizeof number);
  bytes.append(raw, sizeof number);
}
void put(std::string& bytes, const std::string& text) {
  put(bytes, static_cast<uint64_t>(text.size()));
  bytes += text;
}

class Pieces {
 public:
  explicit Pieces(std::string bytes) : bytes_(std::move(bytes)) {}
  uint64_t number() {
    uint64_t value = 0;
    if (bytes_.size() - at_ < sizeof value) throw Error("a block ends too early");
    std::memcpy(&value, bytes_.data() + at_, sizeof value);
    at_ += sizeof value;
    return value;
  }
  std::string text() {
    const uint64_t size = number();
    if (bytes_.size() - at_ < size) throw Error("a block ends too early");
    at_ += size;
    return bytes_.substr(at_ - size, size);
  }
  void floats(std::vector<float>& values) {
    if (bytes_.size() - at_ != values.size() * sizeof(float))
      throw Error("a block has another size than it says");
    if (!values.empty()) std::memcpy(values.data(), bytes_.data() + at_, bytes_.size() - at_);
  }

 private:
  std::string bytes_;
  size_t at_ = 0;
};

// A text with its length before it; nothing where the file ends inside it.
std::optional<std::string> read_sized(std::istream& stream, uint64_t largest) {
  uint64_t size = 0;
  if (!stream.read(reinterpret_cast<char*>(&size), sizeof size) || size > largest)
    return std::nullopt;
  std::string text(size, '\0');
  if (!stream.read(text.data(), static_cast<std::streamsize>(size))) return std::nullopt;
  return text;
}

}  // namespace

RowJournal::RowJournal(const std::filesystem::path& path, const std::string& settings,
                       int64_t width)
    : path_(path), width_(width) {
  std::string header = kMagic;
  put(header, settings);
  if (!std::filesystem::exists(path)) write_text(path, header);
  std::ifstream stream(path, std::ios::binary);
  std::string magic(kMagic.size(), '\0');
  const uint64_t file_bytes = std::filesystem::file_size(path);
  if (!stream.read(magic.data(), static_cast<std::streamsize>(magic.size())) || magic != kMagic)
    throw Error("{}: not a partial result of this program; remove it, or choose another --out",
                path.string());
  const auto begun_with = read_sized(stream, file_bytes);
  if (!begun_with || *begun_with != settings)
    throw Error(
        "{}: was begun with other settings; give those, remove the file, or begin anew with "
        "--force. It was begun with:\n{}\nnow:\n{}",
        path.string(), begun_with.value_or("(unreadable)"), settings);
  first_block_ = end_ = header.size();
  std::string mark;
  for (RowBlock block; read_block(stream, &block, mark);) {
    num_records_ += static_cast<int64_t>(block.ids.size());
    for (const int64_t rows : block.num_rows) num_rows_ += rows;
    mark_ = mark;
    end_ = static_cast<uint64_t>(stream.tellg());
  }
  if (end_ < file_bytes) std::filesystem::resize_file(path, end_);
}

bool RowJournal::read_block(std::ifstream& stream, RowBlock* block, std::string& mark) const {
  const uint64_t file_bytes = std::filesystem::file_size(path_);
  const auto bytes = read_sized(stream, file_bytes);
  std::string digest(kDigestBytes, '\0');
  if (!bytes || !stream.read(digest.data(), kDigestBytes) || sha256(*bytes) != digest) return false;
  Pieces pieces(*bytes);
  mark = pieces.text();
  const uint64_t count = pieces.number();
  *block = {};
  int64_t rows = 0;
  for (uint64_t i = 0; i < count; ++i) {
    block->ids.push_back(pieces.text());
    block->num_rows.push_back(static_cast<int64_t>(pieces.number()));
    rows += block->num_rows.back();
  }
  block->values.resize(static_cast<size_t>(rows * width_));
  pieces.floats(block->values);
  return true;
}

void RowJournal::append(const RowBlock& block, const std::string& mark) {
  assert(block.ids.size() == block.num_rows.size());
  std::string bytes;
  put(bytes, mark);
  put(bytes, static_cast<uint64_t>(block.ids.size()));
  int64_t rows = 0;
  for (size_t i = 0; i < block.ids.size(); ++i) {
    put(bytes, block.ids[i]);
    put(bytes, static_cast<uint64_t>(block.num_rows[i]));
    rows += block.num_rows[i];
  }
  assert(block.values.size() == static_cast<size_t>(rows * width_));
  bytes.append(reinterpret_cast<const char*>(block.values.data()),
               block.values.size() * sizeof(float));
  std::string framed;
  put(framed, bytes);
  framed += sha256(bytes);
  std::ofstream stream(path_, std::ios::binary | std::ios::app);
  stream.write(framed.data(), static_cast<std::streamsize>(framed.size()));
  stream.close();
  if (!stream) throw Error("{}: cannot be written; is the disk full?", path_.string());
  sync_to_disk(path_);
  num_records_ += static_cast<int64_t>(block.ids.size());
  num_rows_ += rows;
  mark_ = mark;
  end_ += framed.size();
}

void RowJournal::replay(const std::function<void(const RowBlock&)>& use) const {
  std::ifstream stream(path_, std::ios::binary);
  stream.seekg(static_cast<std::streamoff>(first_block_));
  RowBlock block;
  std::string mark;
  while (static_cast<uint64_t>(stream.tellg()) < end_) {
    if (!read_block(stream, &block, mark))
      throw Error("{}: was altered while it was read", path_.string());
    use(block);
  }
}

}  // namespace cohesin
