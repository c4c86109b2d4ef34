#include "cohesin/run/omics_fit.h"

#include "cohesin/base/file.h"
#include "cohesin/run/omics_checkpoint.h"
#include "cohesin/run/omics_predict.h"
#include "cohesin/tasks/masked_lm.h"
#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

const std::string kMaskedLm = R"({"model": {"name": "mojo", "token_embed_dim": 8,
  "init_gene_embed_dim": 8, "conv_init_embed_dim": 16, "embed_dim": 16, "num_downsamples": 2,
  "num_layers": 1, "num_attention_heads": 2, "ffn_embed_dim": 16, "stem_kernel_shape": 3},
  "tokenizers": {"rnaseq": {"bins": 4, "edges": "continuous"},
                 "methylation": {"bins": 4, "edges": "continuous"}},
  "task": {"name": "masked_lm"},
  "train": {"epochs": 40, "batch_size": 16, "learning_rate": 0.005, "validation_fraction": 0,
            "checkpoint_every_steps": 1000}})";

CohortFit pretraining(const std::shared_ptr<const MultiOmics>& cohort,
                      const std::filesystem::path& out) {
  CohortFit fit;
  fit.recipe = parse_recipe(kMaskedLm, "recipe.json");
  fit.cohort = cohort;
  fit.out = out;
  for (int64_t s = 0; s < 100; ++s) fit.train.push_back(s);
  return fit;
}

TEST(FitOmics, MaskedLmBeatsGuessingByEachGenesBins) {
  const auto cohort = testing::make_cohort(160, 16);
  const testing::TempFolder folder;
  const CohortFit fit = pretraining(cohort, folder / "run");
  fit_omics(fit);
  const OmicsCheckpoint checkpoint = load_omics_checkpoint(folder / "run");
  const OmicsDataset dataset = checkpoint.dataset(cohort, MissingGenes::kError);
  std::vector<int64_t> held_out;
  for (int64_t s = 100; s < 160; ++s) held_out.push_back(s);
  MaskedLmScorer scorer;
  for (uint64_t round = 0; round < 8; ++round) {
    NamedTensors labels;
    const Batch batch =
        make_masked_batch(*checkpoint.model, dataset, held_out, {}, {}, 3, round, labels);
    scorer.add(*checkpoint.model, batch, labels);
  }
  const auto guessed = gene_frequency_scores(dataset, fit.train, held_out);
  for (const auto& [omic, scores] : scorer.result()) {
    EXPECT_LT(scores.loss_nats, guessed.at(omic).loss_nats) << omic;
    EXPECT_GT(scores.accuracy, guessed.at(omic).accuracy) << omic;
  }
}

TEST(FitOmics, EncodersAreFittedOnTheTrainingPartAlone) {
  const auto cohort = testing::make_cohort(160, 16);
  auto other = std::make_shared<MultiOmics>(*cohort);
  for (size_t s = 100; s < 160; ++s) other->modalities[0].table.row(s)[3] = 1e6F;
  const testing::TempFolder folder;
  for (const auto& [name, data] :
       std::vector<std::pair<std::string, std::shared_ptr<const MultiOmics>>>{{"a", cohort},
                                                                              {"b", other}}) {
    CohortFit fit = pretraining(data, folder / name);
    fit.recipe.train.epochs = 1;
    fit_omics(fit);
  }
  EXPECT_EQ(load_omics_checkpoint(folder / "a").encoder->tokenizers_text(),
            load_omics_checkpoint(folder / "b").encoder->tokenizers_text());
}

TEST(PredictClasses, SampleWithoutAnyModalityLeftIsLeftOut) {
  const auto cohort = testing::make_cohort(20, 16);  // s1 lacks methylation
  const testing::TempFolder folder;
  CohortFit fit;
  fit.recipe = parse_recipe(kMaskedLm, "recipe.json",
                            {"task.name=classification", "task.target=class", "train.epochs=1"});
  fit.cohort = cohort;
  fit.train = testing::all_samples(*cohort);
  fit.out = folder / "run";
  fit_omics(fit);
  const OmicsEnsemble members = load_ensemble(folder / "run");
  const SamplePredictions all = predict_samples(members, cohort, {0, 1}, "");
  EXPECT_EQ(all.modalities, (std::vector<std::string>{"rnaseq,methylation", "rnaseq"}));
  EXPECT_EQ(predict_samples(members, cohort, {0, 1}, "rnaseq").samples, std::vector<int64_t>{0});
  EXPECT_ERROR(predict_samples(members, cohort, {1}, "rnaseq"), "no sample has a modality");
  const std::vector<double>& p = all.answers.probability;
  for (size_t i = 0; i < 2; ++i) EXPECT_NEAR(p[2 * i] + p[2 * i + 1], 1.0, 1e-12);
}

TEST(ClassLabels, AreSortedByValueAndNeedTwo) {
  auto cohort = std::make_shared<MultiOmics>(*testing::make_cohort(4, 4));
  cohort->obs.set({"stage", std::vector<double>{10, 2, std::nan(""), 2}});
  const auto samples = testing::all_samples(*cohort);
  const ClassLabels found = class_labels(*cohort, "stage", samples);
  EXPECT_EQ(found.classes, (std::vector<std::string>{"2", "10"}));
  EXPECT_EQ(found.labels, (std::vector<int64_t>{1, 0, -1, 0}));
  EXPECT_ERROR(class_labels(*cohort, "stage", {1, 3}), "one class only ('2')");
}

}  // namespace
}  // namespace cohesin
