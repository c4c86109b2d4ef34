#include "cohesin/report/html_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <utility>

namespace cohesin {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(std::string_view text, size_t i) {
  return i < text.size() && (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
}

// Bytes of the well-formed UTF-8 sequence (Unicode 15, table 3-7) at `i`, 0 if there is none.
size_t sequence_length(std::string_view text, size_t i) {
  const auto lead = static_cast<unsigned char>(text[i]);
  if (lead < 0x80) return 1;
  const auto second = i + 1 < text.size() ? static_cast<unsigned char>(text[i + 1]) : 0;
  if (!is_continuation(text, i + 1)) return 0;
  if (lead >= 0xC2 && lead <= 0xDF) return 2;
  if (lead >= 0xE0 && lead <= 0xEF) {
    if ((lead == 0xE0 && second < 0xA0) || (lead == 0xED && second > 0x9F)) return 0;
    return is_continuation(text, i + 2) ? 3 : 0;
  }
  if (lead >= 0xF0 && lead <= 0xF4) {
    if ((lead == 0xF0 && second < 0x90) || (lead == 0xF4 && second > 0x8F)) return 0;
    return is_continuation(text, i + 2) && is_continuation(text, i + 3) ? 4 : 0;
  }
  return 0;
}

constexpr std::array<std::pair<std::string_view, std::string_view>, 22> kMetricTitles = {{
    {"accuracy", "Accuracy"},
    {"balanced_accuracy", "Balanced accuracy"},
    {"macro_f1", "Macro F1"},
    {"weighted_f1", "Weighted F1"},
    {"auroc", "AUROC"},
    {"average_precision", "Average precision"},
    {"mcc", "MCC"},
    {"log_loss", "Log loss"},
    {"ece", "Calibration error"},
    {"c_index", "C-index"},
    {"c_index_ipcw", "C-index (IPCW)"},
    {"c_index_macro", "C-index, cohorts' mean"},
    {"c_index_weighted", "C-index, cohorts weighted"},
    {"c_index_ipcw_macro", "C-index (IPCW), cohorts' mean"},
    {"c_index_ipcw_weighted", "C-index (IPCW), cohorts weighted"},
    {"integrated_brier_score", "Integrated Brier score"},
    {"r2", "R²"},
    {"pearson", "Pearson r"},
    {"spearman", "Spearman ρ"},
    {"mse", "Mean squared error"},
    {"brier", "Brier score"},
    {"auc", "AUC"},
}};

}  // namespace

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (size_t i = 0; i < text.size();) {
    const size_t length = sequence_length(text, i);
    if (length != 1) {
      out += length == 0 ? kReplacement : text.substr(i, length);
      i += length == 0 ? 1 : length;
      continue;
    }
    const char c = text[i++];
    if (c == '&') {
      out += "&amp;";
    } else if (c == '<') {
      out += "&lt;";
    } else if (c == '>') {
      out += "&gt;";
    } else if (c == '"') {
      out += "&quot;";
    } else if (c == '\'') {
      out += "&#39;";
    } else if ((static_cast<unsigned char>(c) < 0x20 && c != '\n' && c != '\t') || c == 0x7F) {
      out += ' ';
    } else {
      out += c;
    }
  }
  return out;
}

int count_characters(std::string_view text) {
  int count = 0;
  for (size_t i = 0; i < text.size(); ++i) count += is_continuation(text, i) ? 0 : 1;
  return count;
}

std::string shorten(std::string_view text, int max_characters) {
  if (count_characters(text) <= max_characters) return std::string(text);
  size_t end = 0;
  for (int taken = 0; end < text.size(); ++end) {
    if (is_continuation(text, end)) continue;
    if (taken == max_characters - 1) break;
    ++taken;
  }
  return std::string(text.substr(0, end)) + "…";
}

std::string score_text(double value) {
  if (!std::isfinite(value)) return "n/a";
  std::string text = fmt::format("{:.3f}", value);
  return text == "-0.000" ? "0.000" : text;
}

std::string difference_text(double value) {
  if (!std::isfinite(value)) return "n/a";
  std::string size = fmt::format("{:.3f}", std::abs(value));
  if (size == "0.000") return size;
  return (value < 0 ? "−" : "+") + size;
}

std::string count_text(int64_t count) {
  std::string digits = fmt::format("{}", count);
  for (int at = static_cast<int>(digits.size()) - 3; at > (count < 0 ? 1 : 0); at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

std::string percent_text(double share) {
  return std::isfinite(share) ? fmt::format("{:.1f} %", 100 * share) : "n/a";
}

std::string exact_text(double value) {
  return std::isfinite(value) ? fmt::format("{}", value) : "n/a";
}

std::string pixels(double value) {
  std::string text = fmt::format("{:.2f}", value);
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text == "-0" ? "0" : text;
}

std::string metric_title(std::string_view metric) {
  for (const auto& [name, title] : kMetricTitles)
    if (name == metric) return std::string(title);
  for (const std::string_view prefix : {"auc_", "brier_"}) {
    if (metric.substr(0, prefix.size()) != prefix) continue;
    const auto stem = metric.substr(0, prefix.size() - 1);
    return metric_title(stem) + " at " + std::string(metric.substr(prefix.size())) + " days";
  }
  std::string title(metric);
  for (char& c : title)
    if (c == '_') c = ' ';
  return title;
}

bool is_lower_better(std::string_view metric) {
  return metric == "log_loss" || metric == "ece" || metric == "mse" ||
         metric == "integrated_brier_score" || metric.substr(0, 5) == "brier";
}

}  // namespace cohesin
