#include "cohesin/run/inspect.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/safetensors.h"
#include "cohesin/train/checkpoint.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

using nlohmann::json;
using testing::TempFolder;

json inspect_json(const std::filesystem::path& path) { return json::parse(inspect({path, true})); }
std::string inspect_text(const std::filesystem::path& path) { return inspect({path, false}); }

MultiOmics small_cohort() {
  MultiOmics cohort;
  cohort.obs.index = {"S1", "S2", "S3"};
  cohort.obs.set({"patient", std::vector<std::string>{"P1", "P1", "P2"}});
  cohort.obs.set({"subtype", std::vector<std::string>{"LumA", "", "LumA"}});
  cohort.obs.set({"time_days", std::vector<double>{10, std::nan(""), 3}});
  Modality rna{"rnaseq", Unit::kTpm, {}, {"A", "B"}, {}};
  rna.table = {{"S1", "S2"}, {"g1", "g2"}, {1, 2, 3, kNotMeasured}};
  Modality methylation{"methylation", Unit::kBeta, {}, {"A"}, {}};
  methylation.table = {{"S2", "S3"}, {"g1"}, {.1F, .2F}};
  cohort.modalities = {rna, methylation};
  index_samples(cohort);
  return cohort;
}

const std::vector<float> kSix{1, 2, 3, 4, 5, 6};
std::vector<TensorToWrite> small_tensors() {
  static const int64_t kStep = 3;
  return {{"layer.weight", Dtype::kF32, {2, 3}, std::as_bytes(std::span(kSix))},
          {"step", Dtype::kI64, {}, std::as_bytes(std::span(&kStep, 1))}};
}

TEST(Inspect, CohortTellsSamplesPatientsModalitiesAndColumns) {
  const TempFolder folder;
  write_h5mu(small_cohort(), folder / "c.h5mu");
  folder.write("c.h5mu.prepare.tsv",
               "modality\twhat\tcount\tfirst\nrnaseq\tclipped\t3\tsample S1\n");
  const json shown = inspect_json(folder / "c.h5mu");
  EXPECT_EQ(shown["kind"], "cohort");
  EXPECT_EQ(shown["samples"], 3);
  EXPECT_EQ(shown["patients"], 2);
  EXPECT_EQ(shown["complete_samples"], 1);
  EXPECT_EQ(shown["modalities"]["rnaseq"],
            json({{"samples", 2}, {"features", 2}, {"unit", "tpm"}, {"not_measured", 1}}));
  EXPECT_EQ(shown["columns"]["subtype"], json({{"classes", {{"LumA", 2}}}, {"missing", 1}}));
  EXPECT_EQ(shown["columns"]["time_days"]["max"], 10);
  EXPECT_EQ(shown["provenance"]["prepared"][0]["count"], 3);
  EXPECT_NE(inspect_text(folder / "c.h5mu")
                .find("  rnaseq: samples 2, features 2, unit tpm, not_measured 1\n"),
            std::string::npos)
      << inspect_text(folder / "c.h5mu");
}

TEST(Inspect, H5adTellsEmbeddings) {
  const TempFolder folder;
  AnnotatedMatrix matrix;
  matrix.table.samples = matrix.obs.index = {"TCGA-02-0001-01", "TCGA-02-0001-11"};
  matrix.obsm.push_back({"X_cohesin", 2, {1, 2, 3, 4}});
  write_h5ad(matrix, folder / "e.h5ad");
  const json shown = inspect_json(folder / "e.h5ad");
  EXPECT_EQ(shown["kind"], "h5ad");
  EXPECT_EQ(shown["obsm"], json({{"X_cohesin", 2}}));
  EXPECT_EQ(shown["patients"], 1);
  EXPECT_TRUE(shown["unit"].is_null());
}

TEST(Inspect, SafetensorsListsEveryTensor) {
  const TempFolder folder;
  write_safetensors(folder / "w.safetensors", small_tensors(), {{"format", "pt"}});
  for (const std::string name : {"w.safetensors", "renamed"}) {
    if (name == "renamed") std::filesystem::copy_file(folder / "w.safetensors", folder / "renamed");
    const json shown = inspect_json(folder / name);
    EXPECT_EQ(shown["kind"], "safetensors");
    EXPECT_EQ(shown["num_tensors"], 2);
    EXPECT_EQ(shown["num_parameters"], 6);  // the integer is no parameter
    EXPECT_EQ(shown["tensors"]["layer.weight"], json({{"dtype", "F32"}, {"shape", {2, 3}}}));
    EXPECT_EQ(shown["metadata"]["format"], "pt");
  }
  EXPECT_NE(inspect_text(folder / "w.safetensors").find("  layer.weight: dtype F32, shape [2, 3]"),
            std::string::npos);
}

TEST(Inspect, TablesAreToldByTheirHeader) {
  const TempFolder folder;
  const json split =
      inspect_json(folder.write("s.tsv", "sample\tsplit\nS1\ttest\nS2\ttrain\nS3\ttrain\n"));
  EXPECT_EQ(split["kind"], "split");
  EXPECT_EQ(split["split"], json({{"train", 2}, {"test", 1}}));
  const json predictions =
      inspect_json(folder.write("p.tsv",
                                "sample\tfold\tlabel\tpredicted\tprobability:a\tprobability:b\n"
                                "S1\t0\ta\ta\t0.75\t0.25\nS2\t1\tb\ta\t0.5\t0.5\n"));
  EXPECT_EQ(predictions["kind"], "predictions");
  EXPECT_EQ(predictions["classes"], json({"a", "b"}));
  EXPECT_EQ(predictions["folds"], json({"0", "1"}));
  const json embeddings = inspect_json(folder.write("e.tsv", "sample\te0\te1\nS1\t1\t2\n"));
  EXPECT_EQ(embeddings["kind"], "embeddings");
  EXPECT_EQ(embeddings["dimensions"], 2);
}

TEST(Inspect, RecipeAndScoresAreToldByTheirKeys) {
  const TempFolder folder;
  const json recipe = inspect_json(folder.write(
      "r.json", "// a comment\n{\"model\": {\"name\": \"mojo\"}, \"train\": {\"epochs\": 3}}"));
  EXPECT_EQ(recipe["kind"], "recipe");
  EXPECT_EQ(recipe["model"], "mojo");
  EXPECT_EQ(recipe["config"]["train"]["epochs"], 3);
  const json scores = inspect_json(
      folder.write("scores.json", R"({"task": "classification", "scores": [], "baselines": {}})"));
  EXPECT_EQ(scores["kind"], "scores");
  EXPECT_EQ(scores["task"], "classification");
}

// A checkpoint as training leaves it, without torch: the tensors come from a file.
void write_small_checkpoint(const std::filesystem::path& folder) {
  CheckpointContent content;
  content.model = {};
  content.text_files = {
      {"config.json", R"({"model": {"name": "mojo"}, "task": {"name": "classification"}})"},
      {"features.tsv", "feature\trnaseq\tmethylation\ng1\t1\t1\ng2\t1\t0\n"},
      {"tokenizers.json", R"({"rnaseq": {"config": {"unit": "tpm"}}})"}};
  write_checkpoint(folder, content);
}

TEST(Inspect, CheckpointAndRunTellModelFeaturesAndProvenance) {
  const TempFolder folder;
  const auto run = folder / "run";
  std::filesystem::create_directories(run / "checkpoints");
  const auto checkpoint = run / "checkpoints" / "step_00000012";
  write_small_checkpoint(checkpoint);
  folder.write("run/best", "step_00000012\n");
  folder.write("run/latest", "step_00000012\n");
  folder.write("run/run.json", R"({"version": "0.1.0", "seed": 7, "config": {}})");
  const json shown = inspect_json(checkpoint);
  EXPECT_EQ(shown["kind"], "checkpoint");
  EXPECT_EQ(shown["model"], "mojo");
  EXPECT_EQ(shown["task"], "classification");
  EXPECT_EQ(shown["step"], 12);
  EXPECT_EQ(shown["modalities"]["rnaseq"], json({{"features", 2}, {"unit", "tpm"}}));
  EXPECT_EQ(shown["modalities"]["methylation"], json({{"features", 1}}));
  EXPECT_EQ(shown["provenance"], json({{"version", "0.1.0"}, {"seed", 7}}));
  const json whole = inspect_json(run);
  EXPECT_EQ(whole["kind"], "run");
  EXPECT_EQ(whole["best"], "step_00000012");
  EXPECT_EQ(whole["model"], "mojo");
  EXPECT_EQ(whole["provenance"]["seed"], 7);
  std::filesystem::rename(run, folder / "fold_0");
  std::filesystem::create_directory(run);
  std::filesystem::rename(folder / "fold_0", run / "fold_0");
  EXPECT_EQ(inspect_json(run)["kind"], "crossval");
  EXPECT_EQ(inspect_json(run)["split"], json({"fold_0"}));
}

TEST(Inspect, ADownloadedFolderTellsItsModel) {
  const TempFolder folder;
  for (const auto& [from, to] :
       {std::pair{"config.json", "config.json"}, {"weights.safetensors", "model.safetensors"}})
    std::filesystem::copy(testing::golden("esm2_tiny") / from, folder / to);
  const json shown = inspect_json(folder.path());
  EXPECT_EQ(shown["kind"], "hugging_face");
  EXPECT_EQ(shown["model"], "esm2");
  EXPECT_EQ(shown["num_tensors"], 63);
  EXPECT_EQ(shown["config"]["hidden_size"], 32);
}

TEST(Inspect, PicklesAreRefusedWithWhatToDo) {
  const TempFolder folder;
  const std::string zip("PK\x03\x04 archive/data.pkl", 21), pickle("\x80\x02}q.", 5);
  for (const auto* name : {"pytorch_model.bin", "esm2.pt", "model.ckpt", "without_extension"}) {
    EXPECT_ERROR(inspect_text(folder.write(name, zip)), "tools/pickle_to_safetensors.py");
    EXPECT_ERROR(inspect_text(folder.write(name, pickle)), "can run any code");
  }
  // A name alone does not make a pickle.
  EXPECT_NE(inspect_text(folder.write("table.bin", "sample\tsplit\nS1\ttrain\n")).find("split"),
            std::string::npos);
}

TEST(Inspect, BrokenThingsAreErrors) {
  const TempFolder folder;
  EXPECT_ERROR(inspect_text(folder / "none"), "none: there is no such file or folder");
  EXPECT_ERROR(inspect_text(folder.path()), "is no checkpoint");
  EXPECT_ERROR(inspect_text(folder.write("empty", "")), "empty: is empty");
  EXPECT_ERROR(inspect_text(folder.write("a.h5ad", "no HDF5")), "is no HDF5 file");
  EXPECT_ERROR(inspect_text(folder.write("a.safetensors", "x")), "has 1 bytes");
  EXPECT_ERROR(inspect_text(folder.write("a.json", "{\"model\": ")), "is no valid JSON");
  EXPECT_ERROR(inspect_text(folder.write("b.json", "{}")), "is neither a recipe");
  EXPECT_ERROR(inspect_text(folder.write("t.tsv", "gene\tS1\ng1\t3\n")),
               "is nothing that this command knows");
  EXPECT_ERROR(inspect_text(folder.write("e.tsv", "sample\te0\nS1\tx\n")), "e.tsv:2");
  write_small_checkpoint(folder / "c");
  folder.write("c/config.json", "{}");
  EXPECT_ERROR(inspect_text(folder / "c"), "config.json");
}

}  // namespace
}  // namespace cohesin
