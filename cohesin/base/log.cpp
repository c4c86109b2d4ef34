#include "cohesin/base/log.h"

#include <spdlog/sinks/base_sink.h>
#include <spdlog/spdlog.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/clock.h"
#include "cohesin/base/file.h"
#include "cohesin/base/log_receiver.h"
#include "cohesin/base/quiet_log.h"

namespace cohesin {
namespace {

// Plain lines for people, on stderr or to a receiver; a status line stays below them.
class PeopleSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  void show_status(const std::string& line) {
    const std::lock_guard lock(mutex_);
    if (line == status_) return;
    status_ = line;
    if (receiver_.line) {
      if (receiver_.status) receiver_.status(status_);
      return;
    }
    clear_line();
    write(status_);
  }

  void send_to(LogReceiver receiver) {
    const std::lock_guard lock(mutex_);
    receiver_ = std::move(receiver);
    status_.clear();
  }

  bool shows_status() {
    const std::lock_guard lock(mutex_);
    return receiver_.line ? static_cast<bool>(receiver_.status) : isatty(STDERR_FILENO) == 1;
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    if (receiver_.line) {
      const LogLevel level = message.level == spdlog::level::info   ? LogLevel::kInfo
                             : message.level == spdlog::level::warn ? LogLevel::kWarning
                                                                    : LogLevel::kError;
      receiver_.line(level, {message.payload.data(), message.payload.size()});
      return;
    }
    if (!status_.empty()) clear_line();
    if (message.level == spdlog::level::warn) write("warning: ");
    if (message.level == spdlog::level::err) write("error: ");
    write({message.payload.data(), message.payload.size()});
    write("\n");
    if (!status_.empty()) write(status_);
  }
  void flush_() override {}

  static void clear_line() { write("\r\x1b[2K"); }
  static void write(std::string_view text) { std::fwrite(text.data(), 1, text.size(), stderr); }

  std::string status_;
  LogReceiver receiver_;
};

class JsonSink : public spdlog::sinks::base_sink<std::mutex> {
 public:
  explicit JsonSink(const std::string& path) : file_(path, std::ios::app) {
    if (!file_) fail_on_path("write the log", path, errno);
  }

 private:
  void sink_it_(const spdlog::details::log_msg& message) override {
    const auto level = spdlog::level::to_string_view(message.level);
    const nlohmann::ordered_json line = {
        {"time", utc_time(message.time)},
        {"level", std::string(level.data(), level.size())},
        {"text", std::string(message.payload.data(), message.payload.size())}};
    file_ << line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace) << std::endl;
  }
  void flush_() override {}

  std::ofstream file_;
};

// A process has one stderr, hence one of these.
const std::shared_ptr<PeopleSink>& people_sink() {
  static const auto sink = std::make_shared<PeopleSink>();
  return sink;
}

spdlog::logger& logger() {
  static spdlog::logger logger("cohesin", people_sink());
  return logger;
}

}  // namespace

void configure_log(bool quiet, const std::string& json_path) {
  people_sink()->set_level(quiet ? spdlog::level::err : spdlog::level::info);
  logger().sinks() = {people_sink()};
  if (!json_path.empty()) logger().sinks().push_back(std::make_shared<JsonSink>(json_path));
}

void log_text(LogLevel level, const std::string& text) {
  const auto spdlog_level = level == LogLevel::kInfo      ? spdlog::level::info
                            : level == LogLevel::kWarning ? spdlog::level::warn
                                                          : spdlog::level::err;
  logger().log(spdlog_level, spdlog::string_view_t(text));
}

ShowWarningsOnly::ShowWarningsOnly() : level_before_(people_sink()->level()) {
  if (level_before_ < spdlog::level::warn) people_sink()->set_level(spdlog::level::warn);
}

ShowWarningsOnly::~ShowWarningsOnly() {
  people_sink()->set_level(static_cast<spdlog::level::level_enum>(level_before_));
}

bool can_show_status() {
  return people_sink()->should_log(spdlog::level::info) && people_sink()->shows_status();
}

void send_log_to(LogReceiver receiver) { people_sink()->send_to(std::move(receiver)); }

void show_status(const std::string& line) { people_sink()->show_status(line); }

}  // namespace cohesin
