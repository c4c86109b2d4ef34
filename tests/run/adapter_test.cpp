#include "cohesin/nn/adapter.h"

#include <torch/nn/module.h>

#include <filesystem>
#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/convert.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/forward.h"
#include "cohesin/run/inspect.h"
#include "cohesin/run/omics_fit.h"
#include "cohesin/run/omics_predict.h"
#include "cohesin/tensor/tensor_file.h"
#include "tests/data/cohort_fixture.h"
#include "tests/golden_case.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

const std::string kMojo = R"({"model": {"name": "mojo", "token_embed_dim": 8,
  "init_gene_embed_dim": 8, "conv_init_embed_dim": 16, "embed_dim": 16, "num_downsamples": 2,
  "num_layers": 2, "num_attention_heads": 2, "ffn_embed_dim": 16, "stem_kernel_shape": 3},)";
const std::string kBulkRnaBert = R"({"model": {"name": "bulk_rna_bert", "embed_dim": 16,
  "init_gene_embed_dim": 8, "num_layers": 2, "num_attention_heads": 2, "ffn_embed_dim": 16},)";
const std::string kTask = R"("task": {"name": "classification", "target": "class",
  "hidden_sizes": [8]}, "train": {"epochs": 2, "batch_size": 8, "learning_rate": 0.01,
  "validation_fraction": 0, "keep_last": 9)";

std::string recipe_of(const std::string& model, const std::string& adapter,
                      const std::string& more_train = "") {
  return model + kTask + more_train + "}, \"adapter\": {\"name\": \"" + adapter + "\"}}";
}

// A pre-trained model on a small cohort, and trainings that start from it.
struct Workplace {
  explicit Workplace(const std::string& model_section = kMojo) : model(model_section) {
    auto all = std::make_shared<MultiOmics>(*testing::make_cohort(24, 12));
    if (model == kBulkRnaBert) all->modalities.resize(1);
    cohort = all;
    fit("base", {"task.name=masked_lm", "adapter.name=none", "train.freeze=none"});
  }
  CohortFit make_fit(const std::string& out, const std::vector<std::string>& assignments) const {
    CohortFit fit;
    fit.recipe = parse_recipe(recipe_of(model, "none"), "recipe.json", assignments);
    fit.cohort = cohort;
    fit.train = testing::all_samples(*cohort);
    fit.out = folder / out;
    if (out != "base") fit.init = folder / "base";
    return fit;
  }
  void fit(const std::string& out, const std::vector<std::string>& assignments) const {
    fit_omics(make_fit(out, assignments));
  }
  std::vector<double> predictions(const fs::path& checkpoint, const fs::path& base = {}) const {
    return predict_samples(load_ensemble(checkpoint, base), cohort, testing::all_samples(*cohort),
                           "")
        .answers.probability;
  }
  fs::path checkpoint(const std::string& out) const { return resolve_checkpoint(folder / out); }

  std::string model;
  testing::TempFolder folder;
  std::shared_ptr<const MultiOmics> cohort;
};

void expect_near(const std::vector<double>& found, const std::vector<double>& expected,
                 double tolerance) {
  ASSERT_EQ(found.size(), expected.size());
  for (size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], tolerance) << i;
}

// Which parts a training changed, of what its start had.
std::set<std::string> changed_parts(const Workplace& work, const std::string& out) {
  const NamedTensors before = read_with_base(work.checkpoint("base")).model;
  const NamedTensors after = read_with_base(work.checkpoint(out)).model;
  std::set<std::string> parts;
  for (const auto& [name, tensor] : after) {
    const auto found = before.find(name);
    if (found != before.end() && at::equal(found->second, tensor)) continue;
    if (name.rfind("head.", 0) == 0)
      parts.insert("head");
    else if (is_adapter_parameter(name))
      parts.insert("adapter");
    else if (name.rfind("transformer.1.", 0) == 0)
      parts.insert("last block");
    else
      parts.insert("model");
  }
  return parts;
}

TEST(Adaptation, EachOfTheFiveWaysTrainsWhatItSays) {
  using Parts = std::set<std::string>;
  const std::vector<std::pair<std::vector<std::string>, Parts>> ways = {
      {{"train.freeze=all"}, {"head"}},
      {{"adapter.name=ia3"}, {"head", "adapter"}},
      {{"adapter.name=lora"}, {"head", "adapter"}},
      {{"train.freeze=last:1"}, {"head", "last block"}},
      {{"train.freeze=none"}, {"head", "last block", "model"}}};
  for (const auto& model : {kMojo, kBulkRnaBert}) {
    const Workplace work(model);
    for (size_t i = 0; i < ways.size(); ++i) {
      const std::string out = fmt::format("way_{}", i);
      work.fit(out, ways[i].first);
      EXPECT_EQ(changed_parts(work, out), ways[i].second) << model << ways[i].first[0];
      EXPECT_EQ(work.predictions(work.folder / out).size(), 48U);
    }
  }
}

TEST(Adaptation, CheckpointHoldsAdapterAndHeadAlone) {
  const Workplace work;
  work.fit("ia3", {"adapter.name=ia3"});
  EXPECT_FALSE(fs::exists(work.checkpoint("ia3") / "model.safetensors"));
  for (const auto& [name, tensor] : read_tensors(work.checkpoint("ia3") / "adapter.safetensors"))
    EXPECT_TRUE(is_adapter_parameter(name) ? (tensor != 1).all().item<bool>()
                                           : name.rfind("head.", 0) == 0)
        << name;
  const auto shown = nlohmann::json::parse(inspect({work.folder / "ia3", true}));
  EXPECT_EQ(shown["adapter"]["name"], "ia3");
  EXPECT_EQ(shown["adapter"]["targets"][0], "key");
  EXPECT_EQ(shown["base"]["model"], "mojo");
  // Two layers of 16 + 16 + 16 factors; a head of 16 x 8 + 8 and 8 x 2 + 2 numbers.
  EXPECT_EQ(shown["trainable"]["parameters"], 96 + 136 + 18);
  EXPECT_EQ(shown["trainable"]["of"].get<int64_t>(),
            shown["base"]["num_parameters"].get<int64_t>() + 96 + 136 + 18);
}

TEST(Adaptation, MergedPredictsAsBefore) {
  for (const auto& model : {kMojo, kBulkRnaBert}) {
    const Workplace work(model);
    for (const std::string name : {"ia3", "lora"}) {
      work.fit(name, {"adapter.name=" + name, "train.learning_rate=0.1"});
      merge_checkpoint(work.folder / name, {}, work.folder / (name + "_merged"), false);
      expect_near(work.predictions(work.folder / (name + "_merged")),
                  work.predictions(work.folder / name), 1e-5);
      EXPECT_TRUE(load_omics_checkpoint(work.folder / (name + "_merged")).recipe.adapter.is_none());
    }
    EXPECT_ERROR(merge_checkpoint(work.folder / "base", {}, work.folder / "no", false),
                 "has no adapter to merge");
  }
}

TEST(Adaptation, MergedReferenceCaseGivesTheAuthorsNumbers) {
  for (const std::string model : {"mojo", "bulk_rna_bert"}) {
    const testing::GoldenCase golden(model + "_ia3_tiny");
    const testing::TempFolder folder;
    ConvertOptions options;
    options.model = model;
    options.config = golden.folder / "config.json";
    options.weights = golden.folder / "weights.safetensors";
    options.out = folder / "d";
    convert_to_checkpoint(options);
    merge_checkpoint(folder / "d", {}, folder / "merged", false);
    for (const auto& [name, tensor] : read_tensors(folder / "merged" / "model.safetensors"))
      EXPECT_FALSE(is_adapter_parameter(name)) << name;
    ForwardOptions forward;
    forward.checkpoint = folder / "merged";
    forward.batch = golden.folder / "io.safetensors";
    forward.out = folder / "out.safetensors";
    forward.loss = true;
    forward_batch(forward);
    golden.expect_reproduced(read_tensors(forward.out), "out.");
  }
}

TEST(Adaptation, ResumesBitForBit) {
  for (const std::string name : {"ia3", "lora"}) {
    const Workplace work;
    const std::vector<std::string> settings = {"adapter.name=" + name, "adapter.dropout=0.2",
                                               "train.epochs=4"};
    work.fit("whole", settings);
    fs::copy(work.folder / "whole", work.folder / "killed", fs::copy_options::recursive);
    const auto all = list_checkpoints(work.folder / "killed" / "checkpoints");
    ASSERT_EQ(all.size(), 4U);
    for (auto it = std::next(all.begin(), 2); it != all.end(); ++it) fs::remove_all(it->second);
    CohortFit fit = work.make_fit("killed", settings);
    fit.resume = true;
    fit_omics(fit);
    const fs::path last = fs::path("checkpoints") / all.rbegin()->second.filename();
    EXPECT_EQ(read_text(work.folder / "whole" / last / "adapter.safetensors"),
              read_text(work.folder / "killed" / last / "adapter.safetensors"));
    EXPECT_EQ(read_text(work.folder / "whole" / last / "state.safetensors"),
              read_text(work.folder / "killed" / last / "state.safetensors"));
  }
}

TEST(Adaptation, FactorsAreNotDrawnToZero) {
  const Workplace work;
  work.fit("ia3", {"adapter.name=ia3", "train.learning_rate=1e-6", "train.weight_decay=1e5"});
  for (const auto& [name, tensor] : read_tensors(work.checkpoint("ia3") / "adapter.safetensors"))
    if (is_adapter_scale(name)) {
      EXPECT_LT((tensor - 1).abs().max().item<double>(), 1e-3) << name;
    }
}

TEST(Adaptation, CrossvalAdaptsEachFoldsOwnPretraining) {
  const Workplace work;
  write_h5mu(*work.cohort, work.folder / "cohort.h5mu");
  std::string folds = "sample\tfold\n";
  for (int64_t s = 0; s < 24; ++s) folds += fmt::format("s{}\t{}\n", s, s / 2 % 2);
  work.folder.write("folds.tsv", folds);
  work.folder.write("recipe.json", recipe_of(kMojo, "lora"));
  CrossvalOptions options;
  options.recipe = work.folder / "recipe.json";
  options.data = work.folder / "cohort.h5mu";
  options.folds = work.folder / "folds.tsv";
  options.out = work.folder / "result";
  options.assignments = {"pretraining.epochs=1", "train.seeds=2", "baselines=[\"mlp\"]"};
  cross_validate(options);
  fs::rename(work.folder / "result", work.folder / "moved");
  EXPECT_EQ(load_ensemble(work.folder / "moved").size(), 4U);
}

TEST(Adaptation, MovesWithItsPretrainingOrTakesAnotherPlace) {
  Workplace work;
  CohortFit fit = work.make_fit("both", {"adapter.name=lora", "pretraining.epochs=1"});
  fit.init.clear();
  fit_omics(fit);
  const auto before = work.predictions(work.folder / "both");
  fs::rename(work.folder / "both", work.folder / "moved");
  EXPECT_EQ(work.predictions(work.folder / "moved"), before);

  work.fit("ia3", {"adapter.name=ia3"});
  const auto expected = work.predictions(work.folder / "ia3");
  fs::rename(work.folder / "base", work.folder / "elsewhere");
  EXPECT_ERROR(work.predictions(work.folder / "ia3"), "pass --base DIR");
  EXPECT_EQ(work.predictions(work.folder / "ia3", work.folder / "elsewhere"), expected);
  EXPECT_ERROR(work.predictions(work.folder / "elsewhere", work.folder / "ia3"),
               "is no adapter and needs no --base");
}

TEST(Adaptation, BaseMustBeTheOneItWasMadeOn) {
  const Workplace work, bulk(kBulkRnaBert);
  work.fit("ia3", {"adapter.name=ia3"});
  EXPECT_ERROR(work.predictions(work.folder / "ia3", bulk.folder / "base"),
               "is an adapter for the 'mojo' in");
  EXPECT_ERROR(work.predictions(work.folder / "ia3", bulk.folder / "base"), "is a 'bulk_rna_bert'");
  fs::remove_all(work.folder / "base");
  work.fit("base", {"task.name=masked_lm", "train.seed=5"});
  EXPECT_ERROR(work.predictions(work.folder / "ia3"), "is an adapter for other weights");
}

TEST(Adaptation, CutAdapterIsAnError) {
  const Workplace work;
  work.fit("ia3", {"adapter.name=ia3"});
  const fs::path file = work.checkpoint("ia3") / "adapter.safetensors";
  fs::resize_file(file, fs::file_size(file) / 2);
  EXPECT_ERROR(work.predictions(work.folder / "ia3"),
               "adapter.safetensors does not match its manifest");
}

TEST(Adaptation, ContradictionsAreErrors) {
  const Workplace work;
  const auto parse = [&](const std::string& adapter, const std::string& train) {
    return parse_recipe(recipe_of(kMojo, adapter, train), "recipe.json");
  };
  EXPECT_EQ(parse("ia3", "").train.freeze, "all");
  EXPECT_EQ(parse("none", "").train.freeze, "none");
  EXPECT_ERROR(parse("ia3", R"(, "freeze": "none")"), "adapter.name is ia3");
  EXPECT_ERROR(parse("lora", R"(, "freeze": "last:1")"), "train.freeze is 'last:1'");
  EXPECT_ERROR(
      work.fit("a", {"adapter.name=ia3", "task.deep_path=false", "task.shallow_path=true"}),
      "there is no model to adapt");
  EXPECT_ERROR(work.fit("b", {"adapter.name=ia3", "task.name=masked_lm"}),
               "masked language modelling trains the whole model");
  CohortFit fresh = work.make_fit("c", {"adapter.name=ia3"});
  fresh.init.clear();
  EXPECT_ERROR(fit_omics(fresh), "the model is not trained yet");
  work.fit("ia3", {"adapter.name=ia3"});
  CohortFit again = work.make_fit("d", {"adapter.name=lora"});
  again.init = work.folder / "ia3";
  EXPECT_ERROR(fit_omics(again), "holds an adapter; fold it");
  work.fit("lora", {"adapter.name=lora"});
  EXPECT_ERROR(export_weights_file({work.folder / "lora", "haiku", work.folder / "out", false}),
               "LoRA has no names in the authors' code");
}

}  // namespace
}  // namespace cohesin
