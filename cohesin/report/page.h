#pragma once

#include <string>

#include "cohesin/report/report_data.h"

namespace cohesin {

// One self-contained HTML page: no request leaves it (its content security policy forbids them),
// it is readable on a phone, in print and in dark mode, and the same data give the same bytes.
// Every score carries its exact value in `data-value` beside the printed three decimals.
std::string make_page(const ReportData& data);

}  // namespace cohesin
