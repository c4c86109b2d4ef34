#pragma once

#include <chrono>
#include <string>

namespace cohesin {

// "2025-01-31T23:59:59Z".
std::string utc_time(std::chrono::system_clock::time_point time = std::chrono::system_clock::now());

// For people: "8 s", "3 min 20 s", "2 h 5 min".
std::string duration_text(double seconds);

}  // namespace cohesin
