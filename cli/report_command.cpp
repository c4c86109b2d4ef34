#include <memory>
#include <string>

#include "cli/commands.h"
#include "cohesin/run/report_run.h"

namespace cohesin::cli {

void add_report_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(app, common, "report",
                            "Make one self-contained HTML page of a run: scores against baselines, "
                            "curves, calibration, embeddings, provenance",
                            "cohesin report runs/pam50 --out report.html");
  const auto folder = std::make_shared<std::string>();
  const auto out = std::make_shared<std::string>();
  verb->add_option("DIR", *folder, "folder that crossval or train wrote")->required();
  verb->add_option("--out", *out, "report.html")->required();
  verb->callback([folder, out, &common] { write_report(*folder, *out, common.force); });
}

}  // namespace cohesin::cli
