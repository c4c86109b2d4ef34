#include "cohesin/run/start_overlap.h"

#include <ATen/ATen.h>

#include <functional>

#include "cohesin/run/convert.h"
#include "cohesin/run/omics_fit.h"
#include "cohesin/run/omics_predict.h"
#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

const std::string kTask = R"({"task": {"name": "classification", "target": "class",
  "hidden_sizes": [4]}, "train": {"epochs": 1, "batch_size": 8, "validation_fraction": 0}})";

// A converted reference case over the genes g0, g1, ... of the made-up cohorts.
std::filesystem::path convert(const testing::TempFolder& folder, const std::string& model,
                              int64_t num_genes, const std::string& prefix = "g") {
  std::string genes;
  for (int64_t g = 0; g < num_genes; ++g) genes += fmt::format("{}{}\n", prefix, g);
  ConvertOptions options;
  options.model = model;
  options.config = testing::golden(model + "_tiny") / "config.json";
  options.weights = testing::golden(model + "_tiny") / "weights.safetensors";
  options.genes = folder.write("genes.txt", genes);
  options.out = folder / model;
  convert_to_checkpoint(options);
  return options.out;
}

CohortFit fit_from(const std::filesystem::path& init, std::shared_ptr<const MultiOmics> cohort,
                   const std::filesystem::path& out, std::vector<std::string> settings) {
  CohortFit fit;
  fit.recipe = parse_recipe(kTask, "recipe.json", settings);
  fit.train = testing::all_samples(*cohort);
  fit.cohort = std::move(cohort);
  fit.init = init;
  fit.out = out;
  return fit;
}

// The cohort with `count` of its first genes known by other names.
std::shared_ptr<const MultiOmics> with_other_genes(const MultiOmics& cohort, size_t count) {
  auto other = std::make_shared<MultiOmics>(cohort);
  for (auto& modality : other->modalities)
    for (size_t g = 0; g < count; ++g) modality.table.features[g] = fmt::format("other{}", g);
  return other;
}

std::string log_of(const std::function<void()>& work) {
  ::testing::internal::CaptureStderr();
  work();
  return ::testing::internal::GetCapturedStderr();
}

TEST(StartOverlap, IsToldAndThePolicyDecidesAndStays) {
  const testing::TempFolder folder;
  const auto init = convert(folder, "mojo", 100);
  const auto cohort = with_other_genes(*testing::make_cohort(16, 100), 3);
  const auto run = [&](const std::string& policy) {
    return log_of(
        [&] { fit_omics(fit_from(init, cohort, folder / policy, {"missing_genes=" + policy})); });
  };
  const std::string log = run("mask");
  EXPECT_NE(log.find("rnaseq: the cohort has 97 of the 100 genes of"), std::string::npos) << log;
  EXPECT_NE(log.find("3 are missing (first: g0) and hidden"), std::string::npos) << log;
  EXPECT_NE(log.find("3 of the cohort's features are not known to the model (first: other0)"),
            std::string::npos);
  EXPECT_NE(run("zero").find("3 are missing (first: g0) and taken as 0"), std::string::npos);
  EXPECT_ERROR(fit_omics(fit_from(init, cohort, folder / "error", {"missing_genes=error"})),
               "3 of the 100 genes that");
  const auto values = [&](const std::string& run, std::optional<MissingGenes> policy) {
    return predict_samples(load_ensemble(folder / run), cohort, {0, 2, 4}, "", policy)
        .answers.probability;
  };
  EXPECT_EQ(values("zero", std::nullopt), values("zero", MissingGenes::kZero));
  EXPECT_NE(values("zero", std::nullopt), values("zero", MissingGenes::kMask));
  EXPECT_EQ(values("mask", std::nullopt), values("mask", MissingGenes::kMask));
}

TEST(StartOverlap, LittleIsAWarningAndNoneAnErrorWithAdvice) {
  const testing::TempFolder folder;
  const auto init = convert(folder, "bulk_rna_bert", 60);
  auto cohort = with_other_genes(*testing::make_cohort(16, 60), 50);
  const std::string log =
      log_of([&] { fit_omics(fit_from(init, cohort, folder / "a", {"missing_genes=zero"})); });
  EXPECT_NE(log.find("only 10 of 60 genes are in common"), std::string::npos) << log;
  EXPECT_ERROR(fit_omics(fit_from(init, with_other_genes(*cohort, 60), folder / "b", {})),
               "none of the 60 genes");
  const testing::TempFolder ensembl;
  const auto by_id = convert(ensembl, "bulk_rna_bert", 60, "ENSG0000000000");
  EXPECT_ERROR(fit_omics(fit_from(by_id, testing::make_cohort(16, 60), folder / "c", {})),
               "those are Ensembl ids, these are symbols: prepare the data with --genes "
               "CHECKPOINT/features.tsv --aliases FILE");
}

// The published table has a row for each bin and none for <mask>.
TEST(StartOverlap, AModelWithoutMaskRefusesToHideGenes) {
  const testing::TempFolder folder;
  const auto init = convert(folder, "bulk_rna_bert", 60);
  const auto whole = testing::make_cohort(16, 60);
  const auto cohort = with_other_genes(*whole, 2);
  EXPECT_ERROR(fit_omics(fit_from(init, cohort, folder / "a", {})),
               "has no vector for <mask> to hide them: pass --missing-genes=zero");
  fit_omics(fit_from(init, whole, folder / "b", {"adapter.name=ia3"}));
  const OmicsEnsemble members = load_ensemble(folder / "b");
  EXPECT_EQ(predict_samples(members, whole, {0, 1}, "").samples.size(), 2U);
  EXPECT_ERROR(predict_samples(members, cohort, {0, 1}, ""), "has no vector for <mask>");
  EXPECT_EQ(predict_samples(members, cohort, {0, 1}, "", MissingGenes::kZero).samples.size(), 2U);
}

TEST(StartOverlap, CohortMayLackAModalityOrHaveMore) {
  const testing::TempFolder folder;
  const auto init = convert(folder, "mojo", 100);
  auto cohort = std::make_shared<MultiOmics>(*testing::make_cohort(16, 100));
  cohort->modalities[0].name = "x9";  // and methylation, which s1 lacks
  const std::string log = log_of([&] { fit_omics(fit_from(init, cohort, folder / "a", {})); });
  EXPECT_NE(log.find("x9: "), std::string::npos) << log;
  EXPECT_NE(log.find("the cohort has none; it is hidden for every sample"), std::string::npos);
  EXPECT_NE(log.find("1 of 16 samples have no modality that the model takes and are left out "
                     "(first: s1)"),
            std::string::npos)
      << log;
  cohort->modalities[1].name = "x10";
  EXPECT_ERROR(fit_omics(fit_from(init, cohort, folder / "b", {})), "none in common");
}

// Published weights come without a scaler, which the shallow path needs.
TEST(StartOverlap, PublishedWeightsTakeAShallowPathToo) {
  const testing::TempFolder folder;
  for (const auto& [model, genes] :
       std::vector<std::pair<std::string, int64_t>>{{"mojo", 100}, {"bulk_rna_bert", 60}}) {
    const auto init = convert(folder, model, genes);
    const auto cohort = testing::make_cohort(16, genes);
    fit_omics(fit_from(init, cohort, folder / (model + "_run"),
                       {"task.shallow_path=true", "adapter.name=lora"}));
    const OmicsCheckpoint made = load_omics_checkpoint(folder / (model + "_run"));
    EXPECT_TRUE(made.encoder->tokenizer("rnaseq").has_scaler());
    const OmicsDataset before = load_omics_checkpoint(init).dataset(cohort);
    EXPECT_TRUE(at::equal(made.dataset(cohort).batch({0, 5}).at("rnaseq.tokens"),
                          before.batch({0, 5}).at("rnaseq.tokens")));
  }
}

}  // namespace
}  // namespace cohesin
