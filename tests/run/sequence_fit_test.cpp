#include "cohesin/run/sequence_fit.h"

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <sstream>

#include "cohesin/base/file.h"
#include "cohesin/base/philox.h"
#include "cohesin/io/sequence_cohort.h"
#include "cohesin/run/adapter_base.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/run/sequence_predict.h"
#include "cohesin/run/task_predictions.h"
#include "cohesin/run/train_recipe.h"
#include "cohesin/tensor/tensor_file.h"
#include "cohesin/train/checkpoint.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// Proteins of one to three tens of residues, with what can be learnt from them: `rich` (yes where
// tryptophan is common), `share` (of lysine) and `helix` (h at A and L, else c).
struct SequenceWork {
  explicit SequenceWork(int64_t count = 80) {
    const std::string residues = "ACDEFGHIKLMNPQRSTVY";
    std::string text = "sample\tsequence\trich\tshare\thelix\n";
    for (int64_t i = 0; i < count; ++i) {
      RandomStream random(7, "protein", static_cast<uint64_t>(i));
      std::string letters, helix;
      const auto length = 10 + random.below(20);
      const bool rich = i % 2 == 0;
      double lysines = 0;
      for (uint64_t k = 0; k < length; ++k) {
        letters += rich && random.below(3) == 0 ? 'W' : residues[random.below(residues.size())];
        helix += letters.back() == 'A' || letters.back() == 'L' ? 'h' : 'c';
        lysines += letters.back() == 'K' ? 1 : 0;
      }
      text += fmt::format("p{}\t{}\t{}\t{}\t{}\n", i, letters, rich ? "yes" : "no",
                          lysines / static_cast<double>(length), helix);
    }
    data = folder.write("proteins.tsv", text);
    cohort = std::make_shared<const MultiOmics>(read_sequence_cohort(data));
  }

  std::string recipe(const std::string& task, const std::string& more = "") const {
    return R"({"model": {"name": "esm2", "hidden_size": 16, "num_hidden_layers": 2,
      "num_attention_heads": 2, "intermediate_size": 32, "max_position_embeddings": 66},
      "task": )" +
           task + R"(, "train": {"epochs": 30, "batch_size": 16, "learning_rate": 0.01,
      "validation_fraction": 0.2, "keep_last": 1})" +
           more + "}";
  }
  CohortFit fit(const std::string& out, const std::string& task,
                const std::vector<std::string>& assignments = {},
                const std::string& more = "") const {
    CohortFit made;
    made.recipe = parse_recipe(recipe(task, more), "recipe.json", assignments);
    made.cohort = cohort;
    for (size_t i = 0; i < cohort->num_samples(); ++i)
      made.train.push_back(static_cast<int64_t>(i));
    made.out = folder / out;
    return made;
  }
  PredictionTable predict(const std::string& run, const fs::path& base = {}) const {
    std::vector<int64_t> samples;
    for (size_t i = 0; i < cohort->num_samples(); ++i) samples.push_back(static_cast<int64_t>(i));
    const auto ensemble = load_cohort_ensemble(folder / run, base);
    return prediction_table(ensemble->predict(cohort, samples, ""), ensemble->task(), *cohort, "",
                            "");
  }

  testing::TempFolder folder;
  fs::path data;
  std::shared_ptr<const MultiOmics> cohort;
};

const std::string kClass = R"({"name": "classification", "target": "rich", "hidden_sizes": []})";
const std::string kValue = R"({"name": "regression", "target": "share", "hidden_sizes": []})";
const std::string kLetters =
    R"({"name": "classification", "target": "helix", "per_letter": true, "hidden_sizes": []})";
const std::string kMasked = R"({"name": "masked_lm"})";

double share_right(const PredictionTable& table) {
  double right = 0;
  for (size_t i = 0; i < table.num_rows(); ++i)
    right += table.classes->label[i] == table.classes->predicted[i] ? 1 : 0;
  return right / static_cast<double>(table.num_rows());
}

TEST(FitSequences, LearnsClassesValuesAndLetters) {
  const SequenceWork work;
  fit_cohort(work.fit("class", kClass));
  EXPECT_GT(share_right(work.predict("class")), 0.9);
  fit_cohort(work.fit("value", kValue));
  const PredictionTable values = work.predict("value");
  double error = 0, spread = 0;
  for (size_t i = 0; i < values.num_rows(); ++i) {
    error += std::pow(values.values->target[i] - values.values->predicted[i], 2);
    spread += std::pow(values.values->target[i] - 0.05, 2);
  }
  EXPECT_LT(error, spread / 2);
  fit_cohort(work.fit("letters", kLetters));
  const PredictionTable letters = work.predict("letters");
  EXPECT_EQ(letters.sample.front(), "p0:1");
  EXPECT_GT(share_right(letters), 0.98);
  size_t num_letters = 0;
  for (const auto& sequence : work.cohort->sequences.front().letters)
    num_letters += sequence.size();
  EXPECT_EQ(letters.num_rows(), num_letters);
}

TEST(FitSequences, MaskedLanguageModelBeginsAFineTuning) {
  const SequenceWork work;
  fit_cohort(work.fit("masked", kMasked, {"train.epochs=4"}));
  // It is a checkpoint that sequences are embedded with.
  const SequenceEncoder encoder = load_sequence_encoder(work.folder / "masked");
  EXPECT_EQ(encoder.model->embedding_dim(), 16);
  CohortFit tuned = work.fit("tuned", kClass, {"train.freeze=all", "model.hidden_size=999"});
  tuned.init = work.folder / "masked";  // its sizes count, not the recipe's
  fit_cohort(tuned);
  const NamedTensors before = read_checkpoint(resolve_checkpoint(work.folder / "masked")).model;
  const NamedTensors after = read_checkpoint(resolve_checkpoint(work.folder / "tuned")).model;
  for (const auto& [name, tensor] : before) EXPECT_TRUE(at::equal(tensor, after.at(name))) << name;
  // The section `pretraining` does both, and a fine-tuned checkpoint embeds, too.
  fit_cohort(work.fit("both", kClass, {"train.epochs=1", "pretraining.epochs=1"}));
  EXPECT_TRUE(fs::exists(work.folder / "both" / "pretraining" / "best"));
  EXPECT_EQ(load_sequence_encoder(work.folder / "both").model->embedding_dim(), 16);
}

TEST(FitSequences, MaskedLanguageModelLearnsWhatIsHidden) {
  const SequenceWork work;
  fit_cohort(work.fit("masked", kMasked, {"train.epochs=30"}));
  double first = 0, last = 0;
  std::istringstream log(read_text(work.folder / "masked" / "log.jsonl"));
  for (std::string line; std::getline(log, line);) {
    const auto event = nlohmann::json::parse(line);
    if (!event.contains("validation_score")) continue;
    last = event["validation_score"].get<double>();
    if (first == 0) first = last;
  }
  EXPECT_GT(first, 0);
  EXPECT_LT(last, first - 0.2);
}

TEST(FitSequences, AdaptersStandOnRunFoldersAndOnFoldersOfOthers) {
  const SequenceWork work(40);
  fit_cohort(work.fit("masked", kMasked, {"train.epochs=1"}));
  for (const std::string adapter : {"lora", "ia3"}) {
    CohortFit fit = work.fit(adapter, kClass, {"adapter.name=" + adapter, "train.epochs=2"});
    fit.init = work.folder / "masked";
    fit_cohort(fit);
    const fs::path checkpoint = resolve_checkpoint(work.folder / adapter);
    EXPECT_FALSE(fs::exists(checkpoint / "model.safetensors"));
    const PredictionTable before = work.predict(adapter);
    merge_checkpoint(work.folder / adapter, {}, work.folder / (adapter + "_merged"), false);
    const PredictionTable after = work.predict(adapter + "_merged");
    for (size_t i = 0; i < before.classes->probability.size(); ++i)
      EXPECT_NEAR(before.classes->probability[i], after.classes->probability[i], 1e-5);
  }
  CohortFit fresh = work.fit("fresh", kClass, {"adapter.name=lora"});
  EXPECT_ERROR(fit_cohort(fresh), "the model is not trained yet");
}

TEST(FitSequences, ResumedTrainingEndsWithTheSameBits) {
  const SequenceWork work(40);
  for (const std::string& task : {kMasked, kLetters}) {
    const std::vector<std::string> settings = {"train.epochs=4", "train.keep_last=9"};
    fit_cohort(work.fit("whole", task, settings));
    // As if it had been killed after its first checkpoint.
    const fs::path cut = work.folder / "cut";
    fs::copy(work.folder / "whole", cut, fs::copy_options::recursive);
    const auto checkpoints = list_checkpoints(cut / "checkpoints");
    ASSERT_GT(checkpoints.size(), 2U);
    for (const auto& [step, folder] : checkpoints)
      if (step != checkpoints.begin()->first) fs::remove_all(folder);
    for (const char* name : {"best", "latest"})
      write_text(cut / name, checkpoint_name(checkpoints.begin()->first) + "\n");
    CohortFit fit = work.fit("cut", task, settings);
    fit.resume = true;
    fit_cohort(fit);
    const NamedTensors whole = read_checkpoint(resolve_checkpoint(work.folder / "whole")).model;
    const NamedTensors resumed = read_checkpoint(resolve_checkpoint(cut)).model;
    for (const auto& [name, tensor] : whole)
      EXPECT_TRUE(at::equal(tensor, resumed.at(name))) << name;
    fs::remove_all(work.folder / "whole");
    fs::remove_all(cut);
  }
}

TEST(FitSequences, LongSequencesAreAnErrorOrCut) {
  const SequenceWork work(40);
  EXPECT_ERROR(fit_cohort(work.fit("a", kClass, {"task.max_tokens=12"})),
               "more than the 12 that the model takes");
  fit_cohort(work.fit("b", kClass, {"task.max_tokens=12", "task.too_long=crop", "train.epochs=1"}));
  EXPECT_EQ(work.predict("b").num_rows(), 40U);
}

TEST(FitSequences, SaysWhatDoesNotFit) {
  const SequenceWork work(40);
  EXPECT_ERROR(fit_cohort(work.fit("a", kClass, {"task.shallow_path=true"})), "reads sequences");
  EXPECT_ERROR(fit_cohort(work.fit("b", kClass, {"task.target=poor"})), "poor");
  EXPECT_ERROR(fit_cohort(work.fit("c", kLetters, {"task.target=rich"})),
               "has 3 characters, its sequence");
  EXPECT_ERROR(fit_cohort(work.fit("d", kClass, {"train.modality_dropout=0.5"})), "modalities");
  EXPECT_ERROR(fit_cohort(work.fit("h", kLetters, {}, R"(, "search": {"space": {"train.epochs":
      {"values": [1, 2]}}})")),
               "goes without a section `search`");
  fit_cohort(work.fit("i", kClass, {"train.epochs=1"}));
  EXPECT_ERROR(load_omics_checkpoint(work.folder / "i"), "a 'esm2' reads sequences");
  EXPECT_ERROR(work.fit("e", kClass, {"task.pool=max"}), "task.pool: expected mean or cls");
  EXPECT_ERROR(work.fit("f", kClass, {"tokenizers.sequence.ambiguos=any"}), "ambiguous");
  const std::string nucleotides =
      R"({"model": {"name": "nucleotide_transformer"}, "task": )" + kLetters + "}";
  CohortFit fit = work.fit("g", kLetters);
  fit.recipe = parse_recipe(nucleotides, "recipe.json",
                            {"model.hidden_size=16", "model.num_hidden_layers=1",
                             "model.num_attention_heads=2", "model.intermediate_size=16"});
  EXPECT_ERROR(fit_cohort(fit),
               "task.per_letter needs a token a letter; those of "
               "'nucleotide_transformer' are 6-mers");
}

TEST(FitSequences, VerbsReadTablesOfSequences) {
  const SequenceWork work;
  const fs::path recipe = work.folder.write(
      "recipe.json", work.recipe(kClass, R"(, "baselines": ["majority", "logistic", "mlp"])"));
  std::string folds = "sample\tfold\n";
  for (size_t i = 0; i < work.cohort->num_samples(); ++i)
    folds += fmt::format("p{}\t{}\n", i, i % 4 / 2 + 1);
  CrossvalOptions options;
  options.recipe = recipe;
  options.data = work.data;
  options.folds = work.folder.write("folds.tsv", folds);
  options.out = work.folder / "crossval";
  options.assignments = {"train.epochs=12"};
  cross_validate(options);
  const auto scores = nlohmann::json::parse(read_text(options.out / "scores.json"));
  EXPECT_GT(scores["scores"][0]["metrics"]["accuracy"]["mean"].get<double>(), 0.8);
  EXPECT_GT(scores["baselines"]["logistic"][0]["metrics"]["accuracy"]["mean"].get<double>(), 0.8);
  EXPECT_TRUE(fs::exists(options.out / "report.html"));
  // Predictions for FASTA, by the mean over the folds, and scores for the table.
  const fs::path fasta = work.folder.write("new.fasta", ">a\nMWWWWKWWA\n>b\nMKVLAAGIVA\n");
  PredictOptions ask;
  ask.answer.checkpoint = options.out;
  ask.out = work.folder / "predictions.tsv";
  run_predict(ask, fasta);
  EXPECT_EQ(read_text(ask.out).substr(0, 22), "sample\tmodalities\thidd");
  EvaluateOptions evaluation;
  evaluation.answer.checkpoint = options.out / "fold_1";
  evaluation.data = work.data;
  evaluation.out = work.folder / "scores.json";
  evaluate(evaluation);
  EXPECT_TRUE(fs::exists(evaluation.out));
  ask.answer.without = {"sequence"};
  ask.force = true;
  EXPECT_ERROR(run_predict(ask, fasta), "cannot be hidden");
}

}  // namespace
}  // namespace cohesin
