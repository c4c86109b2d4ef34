#include "cohesin/run/prepare_omics.h"

#include <algorithm>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/io/h5mu.h"

namespace cohesin {

namespace {

// A name may hold what would end a TSV field.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(), [](char c) { return c == '\t' || c == '\n' || c == '\r'; }, ' ');
  return text;
}

}  // namespace

std::string findings_tsv(const Findings& findings) {
  std::string text = "modality\twhat\tcount\tfirst\n";
  for (const auto& finding : findings)
    text += fmt::format("{}\t{}\t{}\t{}\n", one_line(finding.modality), one_line(finding.what),
                        finding.count, one_line(finding.first));
  return text;
}

std::string describe_findings(const Findings& findings) {
  std::vector<std::string> groups;
  size_t width = 0;
  for (const auto& finding : findings) {
    if (std::find(groups.begin(), groups.end(), finding.modality) == groups.end())
      groups.push_back(finding.modality);
    width = std::max(width, finding.what.size());
  }
  std::string text;
  for (const auto& group : groups) {
    text += group + "\n";
    for (const auto& finding : findings) {
      if (finding.modality != group) continue;
      text += fmt::format("  {:<{}}  {:>8}", finding.what, width, finding.count);
      if (!finding.first.empty()) text += fmt::format("  {}", finding.first);
      text += '\n';
    }
  }
  return text;
}

Findings run_prepare_omics(const PrepareOptions& options) {
  if (options.out.extension() != ".h5mu")
    throw Error("--out '{}': a cohort is a MuData file; call it NAME.h5mu", options.out.string());
  const std::filesystem::path report = options.out.string() + ".prepare.tsv";
  require_absent_or_force(options.out, options.force);
  require_absent_or_force(report, options.force);
  Findings findings;
  const MultiOmics cohort = read_cohort(options.input, findings);
  write_h5mu(cohort, options.out);
  write_text(report, findings_tsv(findings));
  return findings;
}

}  // namespace cohesin
