#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cohesin {

// Text that may stand in an element or in a quoted attribute: & < > " ' become entities, control
// characters a space, bytes that are not UTF-8 the replacement character.
std::string escape_html(std::string_view text);

// At most `max_characters` of the text, the last one an ellipsis if it was cut. Not escaped.
std::string shorten(std::string_view text, int max_characters);

// Characters (code points) of UTF-8 text.
int count_characters(std::string_view text);

// "0.812"; "n/a" where the number is not finite.
std::string score_text(double value);

// "+0.012" or "−0.004" with a true minus sign; "n/a" where the number is not finite.
std::string difference_text(double value);

// "419", "12,345".
std::string count_text(int64_t count);

// "9.5 %" of a share between 0 and 1.
std::string percent_text(double share);

// The shortest text that reads back as the same double; "n/a" where not finite.
std::string exact_text(double value);

// A length in an SVG drawing: two decimals, trailing zeros dropped.
std::string pixels(double value);

// "Weighted F1" for "weighted_f1"; names without an entry lose their underscores.
std::string metric_title(std::string_view metric);

// True for log loss, calibration error and their like.
bool is_lower_better(std::string_view metric);

}  // namespace cohesin
