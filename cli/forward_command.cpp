#include <memory>

#include "cli/commands.h"
#include "cohesin/run/forward.h"

namespace cohesin::cli {

void add_forward_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(app, common, "forward",
                            "Run a model once on prepared tensors, to hold it against other code",
                            "cohesin forward --checkpoint mojo --batch io.safetensors "
                            "--out outputs.safetensors --loss");
  auto options = std::make_shared<ForwardOptions>();
  verb->add_option("--checkpoint", options->checkpoint, "checkpoint or run folder")->required();
  verb->add_option("--batch", options->batch, "safetensors with the inputs as in.NAME")->required();
  verb->add_option("--out", options->out, "safetensors to write: out.NAME, grad.NAME")->required();
  verb->add_flag("--loss", options->loss, "also the loss, and its gradient by every parameter");
  verb->callback([options, &common] {
    options->force = common.force;
    if (common.device != "auto") options->device = common.device;
    forward_batch(*options);
  });
}

}  // namespace cohesin::cli
