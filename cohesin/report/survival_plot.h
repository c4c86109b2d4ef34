#pragma once

#include <string>

#include "cohesin/report/report_data.h"

namespace cohesin {

// Kaplan-Meier curves with 95 % bands, ticks for censored samples, and the number at risk below.
std::string draw_survival(const SurvivalFigure& figure);

}  // namespace cohesin
