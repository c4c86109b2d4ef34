#include <memory>

#include "cli/commands.h"
#include "cohesin/base/error.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/convert.h"

namespace cohesin::cli {

void add_convert_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb = add_verb(
      app, common, "convert",
      "Turn the authors' weights into a checkpoint, or back; merge an adapter",
      "cohesin convert --model mojo --config config.json --weights model.safetensors --out mojo\n"
      "  cohesin convert --checkpoint mojo --export haiku --out params.safetensors\n"
      "  cohesin convert --checkpoint adapted --merge --out merged");
  auto in = std::make_shared<ConvertOptions>();
  auto back = std::make_shared<ExportOptions>();
  auto* checkpoint =
      verb->add_option("--checkpoint", back->checkpoint, "the checkpoint to export or merge");
  auto* names = verb->add_option("--export", back->names, "whose names to write")
                    ->check(CLI::IsMember({"haiku", "huggingface"}))
                    ->needs(checkpoint);
  auto merge = std::make_shared<bool>(false);
  verb->add_flag("--merge", *merge, "fold the checkpoint's adapter into its weights")
      ->needs(checkpoint)
      ->excludes(names);
  verb->add_option("--base", back->base, "an adapter's base, if it is not where it was")
      ->needs(checkpoint);
  auto* model = verb->add_option("--model", in->model,
                                 "mojo, bulk_rna_bert, esm2, nucleotide_transformer or enformer");
  auto* config = verb->add_option("--config", in->config, "the authors' config.json");
  auto* weights = verb->add_option("--weights", in->weights, "their weights, as safetensors");
  model->needs(config)->needs(weights)->excludes(checkpoint);
  verb->add_option("--genes", in->genes, "the published gene list, one gene a line")->needs(model);
  verb->add_option("--name-map", in->name_map,
                   "lines REGEX<TAB>OUR NAME<TAB>LAYOUT for weights whose names are not known")
      ->needs(model);
  verb->add_option("--out", in->out, "the checkpoint folder, or the weights file")->required();
  verb->callback([in, back, merge, model, names, &common] {
    if (model->count() == 0 && names->count() == 0 && !*merge) {
      throw CLI::RequiredError(
          "--model with --config and --weights, or --checkpoint with --export or --merge");
    }
    if (model->count() != 0) {
      in->force = common.force;
      convert_to_checkpoint(*in);
    } else if (*merge) {
      merge_checkpoint(back->checkpoint, back->base, in->out, common.force);
    } else {
      back->out = in->out;
      back->force = common.force;
      export_weights_file(*back);
    }
  });
}

}  // namespace cohesin::cli
