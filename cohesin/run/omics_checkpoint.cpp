#include "cohesin/run/omics_checkpoint.h"

#include <algorithm>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/log.h"
#include "cohesin/models/model_registry.h"
#include "cohesin/models/weight_map.h"
#include "cohesin/nn/adapter.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;

const std::string& text_of(const std::map<std::string, std::string>& texts, const std::string& name,
                           const fs::path& folder) {
  const auto found = texts.find(name);
  if (found == texts.end())
    throw Error("{}: the checkpoint has no {}, which this command needs{}", folder.string(), name,
                name == "features.tsv" ? " (convert with --genes FILE to add the gene list)" : "");
  return found->second;
}

// Subfolders PREFIX_1, PREFIX_2, ... or PREFIX_0 first, in the order of their names.
std::vector<fs::path> numbered(const fs::path& folder, const std::string& prefix) {
  std::map<std::string, fs::path> found;
  if (!fs::is_directory(folder)) return {};
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.is_directory() && entry.path().filename().string().rfind(prefix, 0) == 0)
      found[entry.path().filename().string()] = entry.path();
  std::vector<fs::path> folders;
  for (const auto& [name, path] : found) folders.push_back(path);
  return folders;
}

}  // namespace

std::vector<fs::path> member_folders(const fs::path& path) {
  for (const std::string prefix : {"fold_", "seed_"}) {
    std::vector<fs::path> members;
    for (const auto& folder : numbered(path, prefix))
      for (const auto& member : member_folders(folder)) members.push_back(member);
    if (!members.empty()) return members;
  }
  return {path};
}

BatchContent batch_content(const OmicsModel* model, const TaskConfig& task) {
  BatchContent content;
  if (model != nullptr)
    for (const auto& omic : model->omics()) content.values |= model->continuous(omic);
  content.features = task.has_head() && task.wide_path();
  return content;
}

void report_alignment(const OmicsDataset& dataset) {
  for (const auto& omic : dataset.encoder().omics())
    if (const AxisAlignment* alignment = dataset.alignment(omic);
        alignment != nullptr && !alignment->missing.empty())
      log_warning("{}: {}; missing genes are {}", omic, alignment->describe(),
                  std::find(alignment->columns.begin(), alignment->columns.end(), kZeroColumn) ==
                          alignment->columns.end()
                      ? "hidden from the model"
                      : "taken as 0");
}

OmicsDataset OmicsCheckpoint::dataset(std::shared_ptr<const MultiOmics> cohort,
                                      std::optional<MissingGenes> missing_genes) const {
  const MissingGenes policy = missing_genes.value_or(recipe.missing_genes_policy());
  OmicsDataset made(std::move(cohort), encoder,
                    model == nullptr ? encoder->num_genes() : model->sequence_length(),
                    batch_content(model.get(), recipe.task), policy);
  for (const auto& omic : encoder->omics())
    if (made.alignment(omic) != nullptr) check_can_hide(omic, *made.alignment(omic), policy);
  return made;
}

void OmicsCheckpoint::check_can_hide(const std::string& omic, const AxisAlignment& alignment,
                                     MissingGenes policy) const {
  if (policy != MissingGenes::kMask || alignment.missing.empty()) return;
  if (model == nullptr || model->can_hide(omic)) return;
  throw Error(
      "{}: {} genes are missing (first: {}), and the model in {} has no vector for <mask> to hide "
      "them: pass --missing-genes=zero to fill them with 0",
      omic, alignment.missing.size(), alignment.missing.front(), folder.string());
}

std::shared_ptr<OmicsModel> make_omics_model(Recipe& recipe, const OmicsEncoder& encoder) {
  auto* config = dynamic_cast<OmicsModelConfig*>(recipe.model.get());
  if (config == nullptr)
    throw Error("model.name: '{}' is not a model over a gene axis", recipe.model_name);
  std::map<std::string, OmicInput> omics;
  for (const auto& omic : encoder.omics()) {
    const ValueTokenizer& tokenizer = encoder.tokenizer(omic);
    omics[omic] = {tokenizer.pad_token(), tokenizer.is_continuous()};
  }
  config->fit_to(encoder.num_genes(), omics);
  auto model = std::dynamic_pointer_cast<OmicsModel>(make_model(*config));
  if (model == nullptr) throw Error("'{}' is not a model over a gene axis", recipe.model_name);
  return model;
}

std::shared_ptr<OmicsPredictor> make_predictor(const Recipe& recipe, const OmicsEncoder& encoder,
                                               std::shared_ptr<OmicsModel> model) {
  std::vector<std::pair<std::string, int64_t>> num_features;
  for (const auto& input : encoder.inputs())
    num_features.emplace_back(input, encoder.num_features(input));
  return std::make_shared<OmicsPredictor>(std::move(model), recipe.task, num_features,
                                          static_cast<uint64_t>(recipe.train.seed));
}

std::map<std::string, std::string> checkpoint_texts(const Recipe& recipe,
                                                    const OmicsEncoder& encoder) {
  Recipe copy = recipe;
  std::map<std::string, std::string> texts = encoder_texts(encoder);
  texts["config.json"] = write_json([&copy](Fields& field) { copy.visit(field); });
  return texts;
}

std::map<std::string, std::string> encoder_texts(const OmicsEncoder& encoder) {
  std::map<std::string, std::string> texts = {{"features.tsv", encoder.features_text()},
                                              {"tokenizers.json", encoder.tokenizers_text()}};
  if (!encoder.covariates().empty()) texts["covariates.json"] = encoder.covariates().text();
  return texts;
}

OmicsEncoder read_encoder(const std::map<std::string, std::string>& texts,
                          const std::string& where) {
  OmicsEncoder encoder = OmicsEncoder::read(text_of(texts, "features.tsv", where),
                                            text_of(texts, "tokenizers.json", where), where);
  if (const auto text = texts.find("covariates.json"); text != texts.end())
    encoder.set_covariates(CovariateEncoder::read(text->second, where + "/covariates.json"));
  return encoder;
}

OmicsCheckpoint load_omics_checkpoint(const fs::path& path, const fs::path& base) {
  OmicsCheckpoint checkpoint;
  checkpoint.folder = resolve_checkpoint(path);
  const CheckpointContent content = read_with_base(checkpoint.folder, base);
  const std::string where = checkpoint.folder.string();
  const std::string weights_file = checkpoint_weights(checkpoint.folder).string();
  checkpoint.recipe = parse_recipe(text_of(content.text_files, "config.json", checkpoint.folder),
                                   where + "/config.json");
  if (checkpoint.recipe.reads_sequences())
    throw Error("{}: a '{}' reads sequences; this command asks about cohorts", where,
                checkpoint.recipe.model_name);
  checkpoint.encoder = std::make_shared<OmicsEncoder>(read_encoder(content.text_files, where));
  if (const auto text = content.text_files.find("calibration.json");
      text != content.text_files.end())
    read_config(checkpoint.calibration, text->second, where + "/calibration.json");
  const TaskConfig& task = checkpoint.recipe.task;
  if (!task.has_head() || task.deep_path)
    checkpoint.model = std::dynamic_pointer_cast<OmicsModel>(make_model(*checkpoint.recipe.model));
  if (const AdapterConfig& adapter = checkpoint.recipe.adapter;
      checkpoint.model != nullptr && !adapter.is_none())
    attach_adapter(*checkpoint.model, adapter, 0);
  if (task.has_head()) {
    checkpoint.predictor = make_predictor(checkpoint.recipe, *checkpoint.encoder, checkpoint.model);
    load_module_weights(*checkpoint.predictor, content.model, weights_file);
    checkpoint.predictor->eval();
  } else {
    load_module_weights(*checkpoint.model, content.model, weights_file);
  }
  if (checkpoint.model != nullptr) checkpoint.model->eval();
  return checkpoint;
}

}  // namespace cohesin
