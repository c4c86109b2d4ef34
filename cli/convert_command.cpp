#include <memory>

#include "cli/commands.h"
#include "cohesin/base/error.h"
#include "cohesin/run/convert.h"

namespace cohesin::cli {

void add_convert_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "convert", "Turn the authors' weights into a checkpoint, or back",
      "cohesin convert --model mojo --config config.json --weights model.safetensors --out mojo\n"
      "  cohesin convert --checkpoint mojo --export haiku --out params.safetensors");
  auto in = std::make_shared<ConvertOptions>();
  auto back = std::make_shared<ExportOptions>();
  auto* checkpoint = verb->add_option("--checkpoint", back->checkpoint, "the checkpoint to export");
  auto* names = verb->add_option("--export", back->names, "whose names to write")
                    ->check(CLI::IsMember({"haiku", "huggingface"}))
                    ->needs(checkpoint);
  checkpoint->needs(names);
  auto* model = verb->add_option("--model", in->model, "mojo, bulk_rna_bert or omics_heads");
  auto* config = verb->add_option("--config", in->config, "the authors' config.json");
  auto* weights = verb->add_option("--weights", in->weights, "their weights, as safetensors");
  model->needs(config)->needs(weights)->excludes(checkpoint);
  verb->add_option("--genes", in->genes, "the published gene list, one gene a line")->needs(model);
  verb->add_option("--name-map", in->name_map,
                   "lines REGEX<TAB>OUR NAME<TAB>LAYOUT for weights whose names are not known")
      ->needs(model);
  verb->add_option("--out", in->out, "the checkpoint folder, or the weights file")->required();
  verb->callback([in, back, model, checkpoint, &common] {
    if (model->count() + checkpoint->count() == 0) {
      throw CLI::RequiredError(
          "--model with --config and --weights, or --checkpoint with --export");
    }
    if (model->count() != 0) {
      in->force = common.force;
      convert_to_checkpoint(*in);
    } else {
      back->out = in->out;
      back->force = common.force;
      export_weights_file(*back);
    }
  });
}

}  // namespace cohesin::cli
