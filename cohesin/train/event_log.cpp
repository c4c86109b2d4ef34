#include "cohesin/train/event_log.h"

#include <array>
#include <bit>
#include <chrono>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"

namespace cohesin {
namespace {

std::array<uint32_t, 256> make_crc_table() {
  constexpr uint32_t kPolynomial = 0x82F63B78;  // Castagnoli's, bits reversed
  std::array<uint32_t, 256> table{};
  for (uint32_t byte = 0; byte < 256; ++byte) {
    uint32_t crc = byte;
    for (int bit = 0; bit < 8; ++bit) crc = (crc >> 1) ^ ((crc & 1) != 0 ? kPolynomial : 0);
    table[byte] = crc;
  }
  return table;
}

// Little-endian.
template <typename Unsigned>
void append_fixed(std::string& out, Unsigned value) {
  for (size_t i = 0; i < sizeof(Unsigned); ++i) out += static_cast<char>(value >> (8 * i) & 0xFF);
}

// TFRecord's mask, so that the CRC of data that holds CRCs is not degenerate.
uint32_t masked_crc(std::string_view bytes) {
  const uint32_t crc = crc32c(bytes);
  return std::rotr(crc, 15) + 0xA282EAD8U;
}

// Protocol Buffers wire format: a key is (field number << 3 | wire type).
enum WireType : uint64_t { kVarint = 0, kFixed64 = 1, kBytes = 2, kFixed32 = 5 };

void append_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out += static_cast<char>((value & 0x7F) | 0x80);
  out += static_cast<char>(value);
}
void append_key(std::string& out, uint64_t field, WireType type) {
  append_varint(out, field << 3 | type);
}
void append_bytes(std::string& out, uint64_t field, std::string_view bytes) {
  append_key(out, field, kBytes);
  append_varint(out, bytes.size());
  out += bytes;
}

// Event: 1 wall_time, 2 step, 3 file_version, 5 summary, 7 session_log.
std::string event_head(double wall_time, int64_t step) {
  std::string event;
  append_key(event, 1, kFixed64);
  append_fixed(event, std::bit_cast<uint64_t>(wall_time));
  append_key(event, 2, kVarint);
  append_varint(event, static_cast<uint64_t>(step));
  return event;
}

// Summary.Value: 1 tag, 2 simple_value.
std::string summary_value(const std::string& tag, double value) {
  std::string text;
  append_bytes(text, 1, tag);
  append_key(text, 2, kFixed32);
  append_fixed(text, std::bit_cast<uint32_t>(static_cast<float>(value)));
  return text;
}

double now() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

// TensorBoard reads files with "tfevents" in their name, in the order of their names.
std::filesystem::path next_path(const std::filesystem::path& folder) {
  for (int number = 0;; ++number) {
    const auto path = folder / fmt::format("events.out.tfevents.{:010}.cohesin", number);
    if (!std::filesystem::exists(path)) return path;
  }
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  static const std::array<uint32_t, 256> kTable = make_crc_table();
  uint32_t crc = 0xFFFFFFFF;
  for (const char byte : bytes) {
    crc = kTable[(crc ^ static_cast<unsigned char>(byte)) & 0xFF] ^ (crc >> 8);
  }
  return ~crc;
}

std::string tfrecord(std::string_view data) {
  std::string record;
  append_fixed(record, static_cast<uint64_t>(data.size()));
  append_fixed(record, masked_crc(record));
  record += data;
  append_fixed(record, masked_crc(data));
  return record;
}

EventLog::EventLog(const std::filesystem::path& folder, int64_t first_step) {
  make_folder(folder);
  path_ = next_path(folder);
  stream_.open(path_, std::ios::binary);
  if (!stream_) throw Error("cannot write {}: check the rights of its folder", path_.string());

  std::string version = event_head(now(), 0);
  append_bytes(version, 3, "brain.Event:2");
  write(version);
  if (first_step > 0) {
    constexpr uint64_t kSessionStart = 1;  // SessionLog.status = START: later points are void
    std::string status;
    append_key(status, 1, kVarint);
    append_varint(status, kSessionStart);
    std::string restart = event_head(now(), first_step);
    append_bytes(restart, 7, status);
    write(restart);
  }
}

void EventLog::add(int64_t step, double wall_time, const std::map<std::string, double>& scalars) {
  std::string summary;
  for (const auto& [tag, value] : scalars) append_bytes(summary, 1, summary_value(tag, value));
  std::string event = event_head(wall_time, step);
  append_bytes(event, 5, summary);
  write(event);
}

void EventLog::write(const std::string& event) {
  stream_ << tfrecord(event) << std::flush;
  if (!stream_) throw Error("cannot write {}: the disk may be full", path_.string());
}

}  // namespace cohesin
