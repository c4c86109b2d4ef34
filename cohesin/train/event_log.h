#pragma once

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <string_view>

namespace cohesin {

// CRC-32C (Castagnoli, RFC 3720 appendix B.4).
uint32_t crc32c(std::string_view bytes);

// One record of TensorFlow's TFRecord format: length, masked CRC of the length, data, masked CRC of
// the data (tensorflow.org/tutorials/load_data/tfrecord).
std::string tfrecord(std::string_view data);

// Scalars for TensorBoard: a file of TFRecords, each an `Event` message of
// tensorflow/core/util/event.proto.
class EventLog {
 public:
  // Opens a new file in `folder`; one training may leave several, when it was resumed. Unless
  // `first_step` is 0, points of earlier files at it or later are declared void. Throws Error.
  EventLog(const std::filesystem::path& folder, int64_t first_step);

  // `wall_time` in seconds since 1970.
  void add(int64_t step, double wall_time, const std::map<std::string, double>& scalars);

 private:
  void write(const std::string& event);

  std::filesystem::path path_;
  std::ofstream stream_;
};

}  // namespace cohesin
