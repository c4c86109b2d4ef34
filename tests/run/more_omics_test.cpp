// A third and a fourth omic by recipe alone.
#include <algorithm>

#include "cohesin/io/predictions.h"
#include "cohesin/run/answer.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/train_recipe.h"
#include "tests/run/crossval_workplace.h"

namespace cohesin {
namespace {

using testing::kModel;
using testing::Workplace;

// `x9` (any numbers) of three samples in four, and `cnv` (-2..2) of all, over some of the genes.
void add_omics(Workplace& work) {
  auto cohort = std::make_shared<MultiOmics>(*work.cohort);
  for (const std::string name : {"x9", "cnv"}) {
    Modality modality;
    modality.name = name;
    modality.unit = Unit::kOther;
    for (const char* gene : {"g1", "g3", "g40"}) modality.table.features.emplace_back(gene);
    modality.gene_names.assign(3, "");
    for (size_t s = 0; s < cohort->num_samples(); ++s) {
      if (name == "x9" && s % 4 == 3) continue;
      modality.table.samples.push_back(cohort->obs.index[s]);
      for (int g = 0; g < 3; ++g)
        modality.table.values.push_back(
            static_cast<float>(static_cast<int>(s * 7 + static_cast<size_t>(g)) % 5 - 2));
    }
    cohort->modalities.push_back(modality);
  }
  index_samples(*cohort);
  work.cohort = cohort;
  write_h5mu(*cohort, work.folder / "cohort.h5mu");
}

std::string four_omics(const std::string& task, const std::string& train) {
  std::string model = kModel;
  const std::string tokenizers = R"("tokenizers": {)";
  model.insert(model.find(tokenizers) + tokenizers.size(),
               R"("x9": {"edges": "quantile", "bins": 4},
                  "cnv": {"edges": "classes", "minimum": -2, "bins": 5}, )");
  return "{" + model + R"(, "task": {)" + task + R"(}, "train": {)" + train + "}}";
}

TEST(MoreOmics, AModalityNamedX9TrainsAndPredictsByRecipeAlone) {
  Workplace work("", 24);
  add_omics(work);
  work.folder.write("recipe.json", four_omics(R"("name": "classification", "target": "class",
      "hidden_sizes": [8], "shallow_path": true, "shallow_hidden_size": 8)",
                                              R"("epochs": 2, "batch_size": 8,
      "modality_dropout": 0.5, "single_modality_weight": 0.5, "validation_fraction": 0)"));
  CrossvalOptions options = work.options("out");
  options.without = {"x9", "rnaseq"};
  cross_validate(options);
  const auto table = read_predictions(work.folder / "out" / "predictions.tsv");
  EXPECT_EQ(table.num_rows(), 3 * 24U);
  const auto used = [&](const std::string& text) {
    return std::count(table.modalities.begin(), table.modalities.end(), text);
  };
  EXPECT_EQ(used("cnv,methylation,rnaseq,x9") + used("rnaseq,methylation,x9,cnv"), 17);
  EXPECT_EQ(std::count(table.hidden.begin(), table.hidden.end(), "x9"), 24);
  AnswerOptions answer;
  answer.checkpoint = work.folder / "out";
  // A cohort that has the new omic alone.
  auto alone = std::make_shared<MultiOmics>(*work.cohort);
  std::erase_if(alone->modalities, [](const Modality& one) { return one.name != "x9"; });
  EXPECT_EQ(predict_cohort(answer, alone, {0, 1}).modalities,
            (std::vector<std::string>{"x9", "x9"}));
}

TEST(MoreOmics, PreTrainOnSamplesOfWhateverOmicsTheyHave) {
  Workplace work("", 24);
  add_omics(work);
  TrainOptions options;
  options.recipe = work.folder.write(
      "recipe.json", four_omics(R"("name": "masked_lm")", R"("epochs": 1, "batch_size": 8,
      "modality_dropout": 0.5, "validation_fraction": 0.2)"));
  options.data = work.folder / "cohort.h5mu";
  options.out = work.folder / "out";
  train_recipe(options);
  EXPECT_TRUE(std::filesystem::exists(options.out / "best"));
}

}  // namespace
}  // namespace cohesin
