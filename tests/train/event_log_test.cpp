#include "cohesin/train/event_log.h"

#include "cohesin/base/file.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

uint64_t fixed(const std::string& bytes, size_t at, size_t size) {
  uint64_t value = 0;
  for (size_t i = 0; i < size; ++i) {
    value |= static_cast<uint64_t>(static_cast<unsigned char>(bytes.at(at + i))) << (8 * i);
  }
  return value;
}

// The data of each record; checks the framing on the way.
std::vector<std::string> records(const std::string& file) {
  std::vector<std::string> found;
  for (size_t at = 0; at < file.size();) {
    const size_t length = fixed(file, at, 8);
    const std::string data = file.substr(at + 12, length);
    EXPECT_EQ(file.substr(at, length + 16), tfrecord(data));
    found.push_back(data);
    at += length + 16;
  }
  return found;
}

TEST(Crc32c, GivesTheKnownAnswersOfRfc3720) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(TfRecord, FramesDataByLengthAndMaskedChecksums) {
  const std::string record = tfrecord("123456789");
  ASSERT_EQ(record.size(), 8U + 4 + 9 + 4);
  EXPECT_EQ(fixed(record, 0, 8), 9U);
  EXPECT_EQ(record.substr(12, 9), "123456789");
  const uint32_t crc = 0xE3069283U;
  const uint32_t masked = ((crc >> 15) | (crc << 17)) + 0xA282EAD8U;
  EXPECT_EQ(fixed(record, 21, 4), masked);
}

TEST(EventLog, HoldsItsVersionAndTheScalars) {
  const testing::TempFolder folder;
  EventLog(folder.path(), 0).add(300, 1.5, {{"loss", 0.25}});
  const auto found = records(read_text(folder / "events.out.tfevents.0000000000.cohesin"));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_NE(found[0].find("brain.Event:2"), std::string::npos);
  // wall_time 1.5, step 300, summary { value { tag "loss" simple_value 0.25 } }
  const std::string expected(
      "\x09\x00\x00\x00\x00\x00\x00\xF8\x3F\x10\xAC\x02"
      "\x2A\x0D\x0A\x0B\x0A\x04loss\x15\x00\x00\x80\x3E",
      27);
  EXPECT_EQ(found[1], expected);
}

TEST(EventLog, ResumedTrainingGetsAFileOfItsOwnThatVoidsLaterPoints) {
  const testing::TempFolder folder;
  EventLog(folder.path(), 0).add(1, 1.5, {{"loss", 0.25}});
  EventLog(folder.path(), 7).add(7, 1.5, {{"loss", 0.25}});
  const auto found = records(read_text(folder / "events.out.tfevents.0000000001.cohesin"));
  ASSERT_EQ(found.size(), 3U);
  EXPECT_EQ(found[1].substr(9), std::string("\x10\x07\x3A\x02\x08\x01", 6));
}

}  // namespace
}  // namespace cohesin
