#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cohesin/report/report_data.h"

namespace cohesin {

// The sections of the page, in its order, each a piece of HTML; empty where the data has nothing
// for it. `id` is the anchor, `link` the word in the navigation bar.
struct PageSection {
  std::string id, link, html;
  std::string absence;  // the sentence to print where html is empty
};

PageSection headline_section(const ReportData& data);
PageSection scores_section(const ReportData& data);
PageSection classes_section(const ReportData& data);
PageSection confusion_section(const ReportData& data);
PageSection roc_section(const ReportData& data);
PageSection calibration_section(const ReportData& data);
PageSection survival_section(const ReportData& data);
PageSection explanation_section(const ReportData& data);
PageSection training_section(const ReportData& data);
PageSection embedding_section(const ReportData& data);
PageSection preparation_section(const ReportData& data);
PageSection provenance_section(const ReportData& data);

// What the pieces share.
std::string section_html(const PageSection& section, std::string_view title,
                         std::string_view introduction, std::string_view body);
std::string figure_html(std::string_view heading, std::string_view svg, std::string_view note);
std::vector<std::string> class_names(const ReportData& data);

std::string_view page_style();   // CSS
std::string_view page_script();  // JavaScript: hovering, keyboard, legends

}  // namespace cohesin
