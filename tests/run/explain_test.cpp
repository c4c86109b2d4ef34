#include "cohesin/run/explain.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "cohesin/base/file.h"
#include "cohesin/base/philox.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/metrics/ranking_metrics.h"
#include "cohesin/run/crossval.h"
#include "cohesin/run/explanation_table.h"
#include "cohesin/run/omics_fit.h"
#include "cohesin/run/report_run.h"
#include "cohesin/run/simulated_cohort.h"
#include "cohesin/tensor/tensor_file.h"
#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// A simulated cohort on disk with its folds, and where it is cross-validated.
struct Simulated {
  SimulatedCohort truth;
  testing::TempFolder folder;

  // With `permuted`, classes are dealt out anew: nothing in the values tells of them.
  explicit Simulated(bool permuted, int64_t num_samples = 300) {
    SimulateOmicsOptions options;
    options.num_samples = num_samples;
    options.missing_fraction = 0.1;
    truth = simulate_cohort(options);
    MultiOmics cohort;
    cohort.obs.index = truth.samples;
    const auto order = RandomStream(5, "deal").permutation(options.num_samples);
    Column classes{"class", std::vector<std::string>{}}, event{"event", std::vector<double>{}};
    std::string folds = "sample\tfold\n";
    for (size_t i = 0; i < truth.samples.size(); ++i) {
      const size_t from = permuted ? static_cast<size_t>(order[i]) : i;
      classes.text().push_back(truth.classes[static_cast<size_t>(truth.class_of[from])].name);
      event.numbers().push_back(truth.event[i] ? 1 : 0);
      folds += fmt::format("{}\t{}\n", truth.samples[i], truth.fold_of[i]);
    }
    cohort.obs.columns = {
        {"patient", truth.patients}, classes, {"time_days", truth.time_days}, event};
    add(cohort, "rnaseq", Unit::kTpm, truth.tpm, truth.without_rnaseq);
    add(cohort, "methylation", Unit::kBeta, truth.beta, truth.without_methylation);
    index_samples(cohort);
    write_h5mu(cohort, folder / "cohort.h5mu");
    folder.write("folds.tsv", folds);
  }

  void add(MultiOmics& cohort, const std::string& name, Unit unit,
           const std::vector<double>& values, const std::vector<int64_t>& without) const {
    Modality modality;
    modality.name = name;
    modality.unit = unit;
    modality.table.features = truth.genes;
    modality.gene_names.assign(truth.genes.size(), "");
    const size_t n = truth.genes.size();
    for (size_t i = 0; i < truth.samples.size(); ++i) {
      if (std::binary_search(without.begin(), without.end(), static_cast<int64_t>(i))) continue;
      modality.table.samples.push_back(truth.samples[i]);
      for (size_t g = 0; g < n; ++g)
        modality.table.values.push_back(static_cast<float>(values[i * n + g]));
    }
    cohort.modalities.push_back(std::move(modality));
  }

  // The shallow path alone: seconds.
  std::vector<GeneAttribution> explained(const std::string& task, const std::string& train) const {
    folder.write("recipe.json",
                 R"({"model": {"name": "mojo"}, "tokenizers": {"rnaseq": {"bins": 8,
      "edges": "continuous"}, "methylation": {"bins": 8, "edges": "continuous"}}, "task": {)" +
                     task + R"(, "deep_path": false, "shallow_path": true}, "train": {)" + train +
                     R"(, "validation_fraction": 0, "checkpoint_every_steps": 10000}})");
    CrossvalOptions options;
    options.recipe = folder / "recipe.json";
    options.data = folder / "cohort.h5mu";
    options.folds = folder / "folds.tsv";
    options.out = folder / "result";
    cross_validate(options);
    ExplainOptions explaining;
    explaining.checkpoint = folder / "result";
    explaining.data = options.data;
    explaining.steps = 16;
    explain(explaining);
    return read_attributions(folder / "result" / "explanation" / "attributions.tsv");
  }
};

struct Recovery {
  double auroc = 0;  // planted genes against others by |mean|
  int64_t in_top_20 = 0, planted = 0;
};

Recovery recovery(const std::vector<GeneAttribution>& genes, const std::string& of_class,
                  const std::set<std::pair<std::string, std::string>>& planted) {
  Recovery result;
  std::vector<int64_t> is_planted;
  std::vector<double> score;
  for (const auto& gene : genes) {
    if (gene.of_class != of_class) continue;
    is_planted.push_back(planted.count({gene.modality, gene.gene}) != 0 ? 1 : 0);
    score.push_back(std::abs(gene.mean));
    result.planted += is_planted.back();
    if (gene.rank <= 20) result.in_top_20 += is_planted.back();
  }
  result.auroc = auroc(is_planted, score);
  return result;
}

std::set<std::pair<std::string, std::string>> markers_of(const SimulatedCohort& truth,
                                                         const SimulatedClass& one) {
  std::set<std::pair<std::string, std::string>> planted;
  for (const auto& marker : one.rnaseq_markers)
    planted.emplace("rnaseq", truth.genes[static_cast<size_t>(marker.gene)]);
  for (const auto& marker : one.methylation_markers)
    planted.emplace("methylation", truth.genes[static_cast<size_t>(marker.gene)]);
  return planted;
}

const std::string kClasses = R"("name": "classification", "target": "class")";
const std::string kTraining = R"("epochs": 20, "batch_size": 32, "learning_rate": 0.001)";

TEST(Explain, FindsThePlantedMarkersOfEachClass) {
  const Simulated simulated(false);
  const auto genes = simulated.explained(kClasses, kTraining);
  for (const auto& one : simulated.truth.classes) {
    const Recovery found = recovery(genes, one.name, markers_of(simulated.truth, one));
    EXPECT_EQ(found.planted, 6);
    EXPECT_EQ(found.in_top_20, found.planted) << one.name;
    EXPECT_GE(found.auroc, 0.9) << one.name;
  }
}

TEST(Explain, FindsNoneWhereLabelsArePermuted) {
  const Simulated simulated(true);
  const auto genes = simulated.explained(kClasses, kTraining);
  double mean_auroc = 0;
  int64_t in_top_20 = 0, above_zero = 0;
  for (const auto& one : simulated.truth.classes) {
    const Recovery found = recovery(genes, one.name, markers_of(simulated.truth, one));
    mean_auroc += found.auroc / 3;
    in_top_20 += found.in_top_20;
  }
  for (const auto& gene : genes) above_zero += gene.lower > 0 ? 1 : 0;
  EXPECT_NEAR(mean_auroc, 0.5, 0.15);  // 18 of 1200: a standard error of 0.07
  EXPECT_LE(in_top_20, 3);             // by chance 0.9
  EXPECT_LE(above_zero, 60);           // of 1200 intervals of 95 %: 30 by chance
}

TEST(Explain, FindsThePlantedGenesOfTheRiskAndTheirDirection) {
  const Simulated simulated(false, 500);
  auto genes = simulated.explained(
      R"("name": "survival", "shallow_hidden_size": 32)",
      R"("epochs": 60, "batch_size": 1024, "learning_rate": 0.003, "weight_decay": 0.1)");
  // The risk depends on the class, too, so that its 18 markers are no mistake: among the genes of
  // the RNA there is room for theirs and the planted ones.
  std::erase_if(genes, [](const GeneAttribution& gene) { return gene.modality != "rnaseq"; });
  rank_genes(genes);
  std::set<std::pair<std::string, std::string>> planted;
  std::map<std::string, double> effect;
  for (const auto& marker : simulated.truth.survival_genes) {
    const std::string& name = simulated.truth.genes[static_cast<size_t>(marker.gene)];
    planted.emplace("rnaseq", name);
    effect[name] = marker.shift;
  }
  const Recovery found = recovery(genes, "risk", planted);
  EXPECT_EQ(found.planted, 5);
  EXPECT_EQ(found.in_top_20, 5);
  EXPECT_GE(found.auroc, 0.9);
  for (const auto& gene : genes) {
    if (planted.count({gene.modality, gene.gene}) == 0) continue;
    EXPECT_GT(gene.mean * effect[gene.gene], 0) << gene.gene;
  }
}

// Each outcome of a joint task stands in the table, by its name.
TEST(Explain, AJointTaskHasRowsForClassesRiskAndValues) {
  auto cohort = std::make_shared<MultiOmics>(*testing::make_cohort(30, 6));
  std::vector<double> ages;
  for (size_t s = 0; s < 30; ++s) ages.push_back(static_cast<double>(40 + s));
  cohort->obs.set({"age", ages});
  const testing::TempFolder folder;
  write_h5mu(*cohort, folder / "cohort.h5mu");
  CohortFit fit;
  fit.recipe = parse_recipe(R"({"model": {"name": "mojo"}, "tokenizers": {
      "rnaseq": {"bins": 4, "edges": "continuous"},
      "methylation": {"bins": 4, "edges": "continuous"}},
      "task": {"name": "joint", "kinds": ["classification", "survival", "regression"],
        "target": "class", "values": ["age"], "deep_path": false, "shallow_path": true,
        "linear_path": true},
      "train": {"epochs": 2, "batch_size": 16, "validation_fraction": 0}})",
                            "recipe.json");
  fit.cohort = cohort;
  fit.train = testing::all_samples(*cohort);
  fit.out = folder / "run";
  fit_omics(fit);
  ExplainOptions options;
  options.checkpoint = folder / "run";
  options.data = folder / "cohort.h5mu";
  options.per_sample = true;
  explain(options);
  std::map<std::string, int64_t> samples;
  for (const auto& gene : read_attributions(folder / "run" / "explanation" / "attributions.tsv"))
    if (gene.modality == "rnaseq" && gene.gene == "g0") samples[gene.of_class] = gene.samples;
  EXPECT_EQ(samples,
            (std::map<std::string, int64_t>{{"a", 15}, {"b", 15}, {"risk", 30}, {"age", 30}}));
}

// A small run with both paths, three folds, on the made-up cohort (12 genes).
struct Small {
  testing::TempFolder folder;
  static const Small& shared() {
    static const Small small;
    return small;
  }
  Small() {
    write_h5mu(*testing::make_cohort(24, 12), folder / "cohort.h5mu");
    std::string folds = "sample\tfold\n", split = "sample\tsplit\n";
    for (int64_t s = 0; s < 24; ++s) {
      folds += fmt::format("s{}\t{}\n", s, s / 2 % 3);
      split += fmt::format("s{}\t{}\n", s, s < 20 ? "train" : "test");
    }
    folder.write("folds.tsv", folds);
    folder.write("split.tsv", split);
    folder.write("recipe.json", R"({"model": {"name": "mojo", "token_embed_dim": 4,
      "init_gene_embed_dim": 4, "conv_init_embed_dim": 6, "embed_dim": 8, "num_downsamples": 2,
      "num_layers": 1, "num_attention_heads": 2, "ffn_embed_dim": 8, "stem_kernel_shape": 3},
      "tokenizers": {"rnaseq": {"bins": 8, "edges": "continuous"},
                     "methylation": {"bins": 8, "edges": "linear"}},
      "task": {"name": "classification", "target": "class", "hidden_sizes": [8],
               "shallow_path": true, "shallow_hidden_size": 8},
      "train": {"epochs": 2, "batch_size": 8, "learning_rate": 0.01, "validation_fraction": 0,
                "seeds": 2}})");
    CrossvalOptions options;
    options.recipe = folder / "recipe.json";
    options.data = folder / "cohort.h5mu";
    options.folds = folder / "folds.tsv";
    options.out = folder / "result";
    cross_validate(options);
  }
  ExplainOptions options(const std::string& out) const {
    ExplainOptions options;
    options.checkpoint = folder / "result";
    options.data = folder / "cohort.h5mu";
    options.out = folder / out;
    options.steps = 4;
    return options;
  }
};

TEST(Explain, EachFoldExplainsItsTestSamplesAndWritesWhatWasAskedFor) {
  const Small& small = Small::shared();
  ExplainOptions options = small.options("all");
  options.per_sample = options.attention = true;
  options.gmt = small.folder.write("sets.gmt", "FIRST\t\tg0\tg1\tg2\nREST\t\tg5\tg6\tg7\tTP53\n");
  options.smallest_set = 2;
  options.top = 3;
  explain(options);
  const auto genes = read_attributions(options.out / "attributions.tsv");
  EXPECT_EQ(genes.size(), 2U * 2 * 12);
  for (const auto& gene : genes) {
    EXPECT_EQ(gene.folds, 3);
    // s1, of class b, lacks methylation.
    EXPECT_EQ(gene.samples, gene.modality == "methylation" && gene.of_class == "b" ? 11 : 12);
    EXPECT_LE(gene.lower, gene.mean);
    EXPECT_GE(gene.mean_absolute, std::abs(gene.mean) - 1e-9);
  }
  const AnnotatedMatrix samples = read_h5ad(options.out / "samples.h5ad");
  EXPECT_EQ(samples.table.num_samples(), 24U);
  EXPECT_EQ(samples.table.features[13], "methylation:g1");
  const size_t s1 =
      static_cast<size_t>(std::find(samples.obs.index.begin(), samples.obs.index.end(), "s1") -
                          samples.obs.index.begin());
  EXPECT_TRUE(std::isnan(samples.table.row(s1)[13]));
  EXPECT_FALSE(std::isnan(samples.table.row(s1)[1]));
  const NamedTensors maps = read_tensors(options.out / "attention.safetensors");
  EXPECT_EQ(maps.size(), 3U * 2);
  const at::Tensor& map_HPP = maps.at("fold_1/b/attention_map_layer_1");
  EXPECT_EQ(map_HPP.sizes(), (std::vector<int64_t>{2, 3, 3}));
  EXPECT_NEAR(map_HPP.sum().item<double>(), 2 * 3, 1e-4);  // rows are shares
  EXPECT_EQ(read_text(options.out / "attention_positions.tsv"),
            "position\tfirst_gene\tlast_gene\n0\tg0\tg3\n1\tg4\tg7\n2\tg8\tg11\n");
  const std::string enrichment = read_text(options.out / "enrichment.tsv");
  EXPECT_NE(enrichment.find("a\trnaseq\tFIRST\t3\t"), std::string::npos) << enrichment;
  const auto account = nlohmann::json::parse(read_text(options.out / "explanation.json"));
  EXPECT_EQ(account.at("samples"), 24);
  EXPECT_EQ(account.at("folds"), 3);
  EXPECT_LT(account.at("completeness_gap"), 0.5);
}

TEST(Explain, TwoRunsGiveTheSameBytesAndForceReplaces) {
  const Small& small = Small::shared();
  explain(small.options("one"));
  ExplainOptions again = small.options("two");
  explain(again);
  for (const char* name : {"attributions.tsv", "explanation.json"})
    EXPECT_EQ(read_text(small.folder / "one" / name), read_text(small.folder / "two" / name));
  EXPECT_ERROR(explain(again), "--force");
  again.force = true;
  small.folder.write("two/enrichment.tsv", "of another explanation");
  small.folder.write("two/notes.txt", "the user's");
  explain(again);
  EXPECT_FALSE(fs::exists(small.folder / "two" / "enrichment.tsv"));
  EXPECT_TRUE(fs::exists(small.folder / "two" / "notes.txt"));
}

TEST(Explain, OcclusionHidesTheTopGenesOnlyOrAll) {
  const Small& small = Small::shared();
  ExplainOptions options = small.options("top");
  options.method = "occlusion";
  options.top = 2;
  explain(options);
  const auto genes = read_attributions(options.out / "attributions.tsv");
  EXPECT_GE(genes.size(), 2U * 2 * 2);  // the union over two classes, in each class
  EXPECT_LE(genes.size(), 2U * 2 * 4);
  options = small.options("every");
  options.method = "occlusion";
  options.top = 0;
  options.samples = 1;
  explain(options);
  EXPECT_EQ(read_attributions(options.out / "attributions.tsv").size(), 2U * 2 * 12);
}

TEST(Explain, OneRunHasNoIntervalAndExplainsThePartOfASplit) {
  const Small& small = Small::shared();
  ExplainOptions options = small.options("one_run");
  options.checkpoint = small.folder / "result" / "fold_0";
  options.split = small.folder / "split.tsv";
  explain(options);
  const auto genes = read_attributions(options.out / "attributions.tsv");
  for (const auto& gene : genes) {
    EXPECT_EQ(gene.samples, 2);
    EXPECT_TRUE(std::isnan(gene.lower));
  }
  options = small.options("no_part");
  options.split = small.folder / "split.tsv";
  options.part = "valid";
  EXPECT_ERROR(explain(options), "no sample with 'valid'");
}

TEST(Explain, BesideACrossValidationItIsInItsReport) {
  const Small& small = Small::shared();
  ExplainOptions options = small.options("unused");
  options.out.clear();  // CHECKPOINT/explanation
  options.gmt = small.folder.write("report.gmt", "FIRST\t\tg0\tg1\tg2\n");
  options.smallest_set = 2;
  explain(options);
  const ReportData data = collect_report(small.folder / "result");
  ASSERT_EQ(data.explanation.panels.size(), 2U);
  EXPECT_EQ(data.explanation.panels[1].name, "b");
  EXPECT_EQ(data.explanation.panels[1].num_genes, 24);
  EXPECT_EQ(data.explanation.panels[1].genes.size(), 15U);
  EXPECT_EQ(data.explanation.gene_sets.size(), 4U);  // one set, two classes, two modalities
  EXPECT_NE(data.explanation.introduction.find("integrated gradients from the average sample"),
            std::string::npos);
  write_text(small.folder / "result" / "explanation" / "enrichment.tsv", "class\nx\n");
  EXPECT_ERROR(collect_report(small.folder / "result"), "enrichment.tsv:2: expected 13 columns");
  fs::remove_all(small.folder / "result" / "explanation");
  EXPECT_TRUE(collect_report(small.folder / "result").explanation.panels.empty());
}

TEST(Explain, RefusesWhatItCannotDo) {
  const Small& small = Small::shared();
  const auto with = [&](const auto& change) {
    ExplainOptions options = small.options("refused");
    change(options);
    options.force = true;
    explain(options);
  };
  EXPECT_ERROR(with([](auto& o) { o.method = "shap"; }), "no method 'shap'");
  EXPECT_ERROR(with([](auto& o) { o.steps = 0; }), "--steps is 0");
  EXPECT_ERROR(with([](auto& o) { o.top = 0; }), "--top is 0");
  EXPECT_ERROR(with([](auto& o) { o.largest_set = 2; }), "--set-sizes is 2");
  EXPECT_ERROR(with([&](auto& o) { o.gmt = small.folder.write("other.gmt", "A\t\tTP53\tATM\n"); }),
               "it has 12 genes such as g");
  EXPECT_ERROR(with([&](auto& o) { o.gmt = small.folder.write("few.gmt", "A\t\tg1\tATM\n"); }),
               "no set has 5 to 500");
  write_h5mu(*testing::make_cohort(20, 12), small.folder / "fewer.h5mu");
  EXPECT_ERROR(with([&](auto& o) { o.data = small.folder / "fewer.h5mu"; }), "sample 's20' of");
}

TEST(ExplanationTable, IntervalIsStudentsOverTheFolds) {
  GeneAttribution gene;
  summarize_folds(gene, {{1, 1, 3}, {2, 2, 4}, {6, 6, 5}});
  EXPECT_NEAR(gene.mean, 3, 1e-12);
  // scipy.stats.t.interval(0.95, 2, loc=3, scale=sd([1, 2, 6]) / sqrt(3))
  EXPECT_NEAR(gene.lower, -3.572410607728428, 1e-9);
  EXPECT_NEAR(gene.upper, 9.572410607728429, 1e-9);
  EXPECT_EQ(gene.samples, 12);
}

TEST(ExplanationTable, ReadsBackWhatWasWritten) {
  std::vector<GeneAttribution> genes(2);
  genes[0] = {"rnaseq", "g1", "TP53", "a", -0.5, -0.7, -0.3, 0.6, 1, 3, 30};
  genes[1] = {"rnaseq", "g2", "", "a", 0.25, std::nan(""), std::nan(""), 0.5, 2, 1, 3};
  const testing::TempFolder folder;
  const auto path = folder.write("a.tsv", attributions_text(genes));
  EXPECT_EQ(attributions_text(read_attributions(path)), attributions_text(genes));
  EXPECT_ERROR(read_attributions(folder.write("b.tsv", "gene\n")), "b.tsv: expected the columns");
  EXPECT_ERROR(read_attributions(folder.write("c.tsv", attributions_text(genes) + "x\n")),
               "c.tsv:4: expected 11 columns, got 1");
}

}  // namespace
}  // namespace cohesin
