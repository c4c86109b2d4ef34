#include <cstdio>
#include <memory>

#include "cli/commands.h"
#include "cohesin/run/inspect.h"

namespace cohesin::cli {

void add_inspect_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(app, common, "inspect", "Say what a file or folder is and holds",
                            "cohesin inspect cohort.h5mu");
  const auto options = std::make_shared<InspectOptions>();
  verb->add_option("path", options->path,
                   "a cohort, h5ad, safetensors, checkpoint, run, recipe, split, predictions or "
                   "scores")
      ->required();
  verb->add_flag("--json", options->json, "JSON instead of text");
  verb->callback([options] { std::fputs(inspect(*options).c_str(), stdout); });
}

}  // namespace cohesin::cli
