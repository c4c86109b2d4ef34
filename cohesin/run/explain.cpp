#include "cohesin/run/explain.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <numeric>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/json_text.h"
#include "cohesin/base/log.h"
#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/predictions.h"
#include "cohesin/run/cohort_split.h"
#include "cohesin/run/explain_unit.h"
#include "cohesin/run/gene_set_tests.h"
#include "cohesin/run/run_setup.h"
#include "cohesin/tensor/tensor_file.h"

namespace cohesin {

namespace {

namespace fs = std::filesystem;
const std::string kGradients = "integrated_gradients", kOcclusion = "occlusion";

void check_options(const ExplainOptions& options) {
  if (options.method != kGradients && options.method != kOcclusion)
    throw Error("no method '{}'; known are {} and {}", options.method, kGradients, kOcclusion);
  parse_baseline_kind(options.baseline);
  const auto check = [](const char* flag, int64_t value, int64_t lowest) {
    if (value < lowest) throw Error("{} is {}; needs {} or more", flag, value, lowest);
  };
  check("--steps", options.steps, 1);
  check("--top", options.top, options.method == kOcclusion && options.gmt.empty() ? 0 : 1);
  check("--samples", options.samples, 0);
  check("--set-sizes", options.smallest_set, 1);
  check("--set-sizes", options.largest_set, options.smallest_set);
  check("--permutations", options.permutations, 1);
}

std::vector<fs::path> fold_folders(const fs::path& checkpoint) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(checkpoint))
    if (entry.is_directory() && entry.path().filename().string().rfind("fold_", 0) == 0)
      folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end(), [](const fs::path& a, const fs::path& b) {
    const std::string left = a.string(), right = b.string();  // fold_10 after fold_9
    return left.size() != right.size() ? left.size() < right.size() : left < right;
  });
  return folders;
}

// The samples that the fold's models were tested on.
std::vector<int64_t> held_out(const fs::path& fold, const MultiOmics& cohort,
                              const fs::path& data) {
  const fs::path path = fold / "predictions.tsv";
  if (!fs::exists(path))
    throw Error("{}: has no predictions.tsv, so its test samples are not known; pass --split",
                fold.string());
  std::map<std::string, int64_t> index;
  for (size_t i = 0; i < cohort.num_samples(); ++i)
    index[cohort.obs.index[i]] = static_cast<int64_t>(i);
  const PredictionTable table = read_predictions(path);
  std::vector<int64_t> samples;
  for (size_t i = 0; i < table.num_rows(); ++i) {
    if (!table.hidden[i].empty()) continue;
    const auto found = index.find(table.sample[i]);
    if (found == index.end())
      throw Error(
          "{}: sample '{}' of {} is not in it; pass the cohort of the cross-validation, or --split "
          "FILE to explain other samples",
          data.string(), table.sample[i], path.string());
    samples.push_back(found->second);
  }
  return samples;
}

std::vector<ExplainUnit> make_units(const ExplainOptions& options, const MultiOmics& cohort) {
  std::vector<int64_t> given(cohort.num_samples());
  std::iota(given.begin(), given.end(), 0);
  if (!options.split.empty()) {
    const CohortSplit split = read_cohort_split(options.split, cohort);
    if (split.parts.count(options.part) == 0)
      throw Error("{}: no sample with '{}'; change --part", options.split.string(), options.part);
    given = split.parts.at(options.part);
  }
  std::vector<ExplainUnit> units;
  for (const auto& fold : fold_folders(options.checkpoint))
    units.push_back({fold.filename().string(),
                     member_folders(fold),
                     options.split.empty() ? held_out(fold, cohort, options.data) : given,
                     {}});
  if (units.empty()) units.push_back({"", member_folders(options.checkpoint), given, {}});
  return units;
}

OmicsEnsemble load_members(const ExplainUnit& unit, const fs::path& base) {
  OmicsEnsemble members;
  for (const auto& folder : unit.members) {
    members.push_back(load_omics_checkpoint(folder, base));
    if (members.back().predictor == nullptr)
      throw Error("{}: the checkpoint's task is {}; there is no outcome to explain",
                  members.back().folder.string(), members.back().recipe.task.name);
  }
  return members;
}

// Names of genes by id, of each modality of the cohort.
std::map<std::string, std::map<std::string, std::string>> gene_names(const MultiOmics& cohort) {
  std::map<std::string, std::map<std::string, std::string>> names;
  for (const auto& modality : cohort.modalities)
    for (size_t i = 0; i < modality.gene_names.size(); ++i)
      if (!modality.gene_names[i].empty())
        names[modality.name][modality.table.features[i]] = modality.gene_names[i];
  return names;
}

// What all folds found, gathered gene by gene.
class Gathered {
 public:
  Gathered(std::vector<std::string> classes, const MultiOmics& cohort)
      : classes_(std::move(classes)), names_(gene_names(cohort)) {}

  void add(const UnitAttributions& unit) {
    for (size_t c = 0; c < unit.by_class.size(); ++c)
      for (const auto& [omic, row] : unit.by_class[c])
        for (size_t g = 0; g < row.size(); ++g)
          if (row[g].samples > 0) found_[c][omic][unit.genes[g]].push_back(row[g]);
    gap_ += unit.gap;
    difference_ += unit.difference;
  }

  // Ranked; with `only`, no other genes.
  std::vector<GeneAttribution> genes(const GenesByOmic& only = {}) const {
    std::vector<GeneAttribution> genes;
    for (const auto& [c, omics] : found_)
      for (const auto& [omic, by_gene] : omics) {
        const std::set<std::string> kept =
            only.count(omic) == 0
                ? std::set<std::string>{}
                : std::set<std::string>(only.at(omic).begin(), only.at(omic).end());
        for (const auto& [gene, folds] : by_gene) {
          if (!only.empty() && kept.count(gene) == 0) continue;
          GeneAttribution row{omic, gene, "", classes_[c]};
          if (const auto names = names_.find(omic); names != names_.end())
            if (const auto name = names->second.find(gene); name != names->second.end())
              row.gene_name = name->second;
          summarize_folds(row, folds);
          genes.push_back(std::move(row));
        }
      }
    rank_genes(genes);
    return genes;
  }

  // The mean |sum of attributions - difference|, as a share of the mean |difference|.
  double relative_gap() const { return difference_ > 0 ? gap_ / difference_ : 0; }

 private:
  std::vector<std::string> classes_;
  std::map<std::string, std::map<std::string, std::string>> names_;
  std::map<size_t, std::map<std::string, std::map<std::string, std::vector<FoldAttribution>>>>
      found_;  // [class][omic][gene]
  double gap_ = 0, difference_ = 0;
};

// The strongest genes of each class and modality; 0 = all.
GenesByOmic top_genes(const std::vector<GeneAttribution>& genes, int64_t top) {
  std::map<std::string, int64_t> taken;
  std::map<std::string, std::set<std::string>> chosen;
  for (const auto& gene : genes)
    if (top == 0 || taken[gene.of_class + "\t" + gene.modality]++ < top)
      chosen[gene.modality].insert(gene.gene);
  GenesByOmic result;
  for (const auto& [omic, names] : chosen) result[omic] = {names.begin(), names.end()};
  return result;
}

void write_samples(const fs::path& path, const ExplainOptions& options, const MultiOmics& cohort,
                   const std::vector<ExplainUnit>& units,
                   const std::vector<UnitAttributions>& found,
                   const std::vector<std::string>& classes) {
  AnnotatedMatrix file;
  Column fold{"fold", std::vector<std::string>{}}, of_class = {"class", std::vector<std::string>{}};
  Column modality{"modality", std::vector<std::string>{}},
      gene = {"gene", std::vector<std::string>{}};
  for (const auto& omic : found.front().omics)
    for (const auto& name : found.front().genes) {
      file.table.features.push_back(omic + ":" + name);
      modality.text().push_back(omic);
      gene.text().push_back(name);
    }
  for (size_t u = 0; u < units.size(); ++u) {
    if (found[u].genes != found.front().genes)
      throw Error("the folds have different genes, so --per-sample has no common table");
    const size_t num_genes = found[u].genes.size();
    for (size_t i = 0; i < units[u].samples.size(); ++i) {
      const std::string& sample = cohort.obs.index[static_cast<size_t>(units[u].samples[i])];
      // With a split every fold explains the same samples.
      file.table.samples.push_back(
          options.split.empty() || units[u].name.empty() ? sample : units[u].name + ":" + sample);
      fold.text().push_back(units[u].name);
      of_class.text().push_back(classes[static_cast<size_t>(units[u].class_of[i])]);
      for (const auto& omic : found.front().omics) {
        const float* row = found[u].of_samples.at(omic).data() + i * num_genes;
        file.table.values.insert(file.table.values.end(), row, row + num_genes);
      }
    }
  }
  file.obs.index = file.table.samples;
  file.obs.columns = {fold, of_class};
  file.var.index = file.table.features;
  file.var.columns = {modality, gene};
  write_h5ad(file, path);
}

void write_attention(const fs::path& out, const NamedTensors& maps, int64_t genes_a_position,
                     const std::vector<std::string>& genes) {
  write_tensors(out / "attention.safetensors", maps);
  std::string text = "position\tfirst_gene\tlast_gene\n";
  const auto step = static_cast<size_t>(genes_a_position);
  for (size_t begin = 0; begin < genes.size(); begin += step)
    text += fmt::format("{}\t{}\t{}\n", begin / step, genes[begin],
                        genes[std::min(genes.size(), begin + step) - 1]);
  write_text(out / "attention_positions.tsv", text);
}

// States what is about to be computed.
void announce(const ExplainOptions& options, const std::vector<ExplainUnit>& units,
              const TaskConfig& task) {
  int64_t samples = 0, passes = 0;
  for (const auto& unit : units) {
    samples += std::ssize(unit.samples);
    passes += std::ssize(unit.samples) * std::ssize(unit.members) * num_questions(task);
  }
  log_info(
      "integrated gradients: {} samples, {} models; at most {} forward and backward passes of one "
      "sample ({} steps each)",
      samples, units.size() * units.front().members.size(), passes * options.steps, options.steps);
}

std::string describe(const std::vector<GeneAttribution>& genes) {
  std::string text;
  for (const auto& gene : genes) {
    if (gene.rank == 1) text += fmt::format("{}{}:", text.empty() ? "" : "\n", gene.of_class);
    if (gene.rank <= 5)
      text +=
          fmt::format(" {}:{}", gene.modality, gene.gene_name.empty() ? gene.gene : gene.gene_name);
  }
  return text + "\n";
}

struct Explained {
  std::vector<ExplainUnit> units;
  TaskConfig task;
  std::vector<GeneAttribution> all, shown;  // of every gene by gradients; by the method asked for
  double gap = 0;
};

// One fold's models at a time are in memory.
Explained explain_units(const ExplainOptions& options, std::vector<ExplainUnit> units,
                        const std::shared_ptr<const MultiOmics>& cohort, const fs::path& out) {
  Explained result;
  std::vector<std::string> classes;
  std::vector<UnitAttributions> kept;
  NamedTensors maps;
  std::unique_ptr<Gathered> gathered;
  for (auto& unit : units) {
    const OmicsEnsemble members = load_members(unit, options.base);
    if (gathered == nullptr) {
      result.task = members.front().recipe.task;
      classes = explained_outcomes(result.task);
      gathered = std::make_unique<Gathered>(classes, *cohort);
    }
    if (explained_outcomes(members.front().recipe.task) != classes)
      throw Error("{}: its classes are not those of {}", members.front().folder.string(),
                  units.front().name);
    choose_samples(unit, members, cohort, options.samples, options.seed);
    if (&unit == &units.front()) announce(options, units, result.task);
    kept.push_back(explain_unit(unit, members, cohort, options, kGradients, {}));
    gathered->add(kept.back());
    if (!options.attention) continue;
    const int64_t step = add_attention_maps(unit, members.front(), cohort, maps);
    if (&unit == &units.back()) write_attention(out, maps, step, kept.front().genes);
  }
  result.gap = gathered->relative_gap();
  result.all = result.shown = gathered->genes();
  if (options.method == kOcclusion) {
    const GenesByOmic chosen = top_genes(result.all, options.top);
    int64_t num_genes = 0, passes = 0;
    for (const auto& [omic, genes] : chosen) num_genes += std::ssize(genes);
    for (const auto& unit : units)
      passes += std::ssize(unit.samples) * std::ssize(unit.members) * num_genes *
                num_questions(result.task);
    log_info("occlusion: {} genes of {} modalities; {} forward passes of one sample", num_genes,
             chosen.size(), passes);
    gathered = std::make_unique<Gathered>(classes, *cohort);
    kept.clear();
    for (const auto& unit : units) {
      kept.push_back(explain_unit(unit, load_members(unit, options.base), cohort, options,
                                  kOcclusion, chosen));
      gathered->add(kept.back());
    }
    result.shown = gathered->genes(chosen);
  }
  if (options.per_sample)
    write_samples(out / "samples.h5ad", options, *cohort, units, kept, classes);
  result.units = std::move(units);
  return result;
}

std::string account_text(const ExplainOptions& options, const Explained& explained) {
  int64_t samples = 0;
  for (const auto& unit : explained.units) samples += std::ssize(unit.samples);
  nlohmann::ordered_json account;
  account["task"] = explained.task.name;
  account["classes"] = explained.task.asks(TaskKind::classification);
  account["directed"] =
      explained.task.asks(TaskKind::survival) || explained.task.asks(TaskKind::regression);
  account["method"] = options.method;
  account["baseline"] = options.baseline;
  account["steps"] = options.steps;
  account["folds"] = explained.units.front().name.empty() ? 0 : std::ssize(explained.units);
  account["samples"] = samples;
  account["completeness_gap"] = explained.gap;
  return json_text(account) + "\n";
}

}  // namespace

std::string explain(const ExplainOptions& given) {
  ExplainOptions options = given;
  if (options.out.empty()) options.out = options.checkpoint / "explanation";
  check_options(options);
  check_device(options.run.device);
  require_absent_or_force(options.out, options.force);
  std::vector<GeneSet> sets;
  if (!options.gmt.empty()) sets = read_gene_sets(options.gmt);
  const auto cohort = std::make_shared<const MultiOmics>(read_h5mu(options.data));
  std::vector<ExplainUnit> units = make_units(options, *cohort);
  make_folder(options.out);
  for (const char* name : {"attributions.tsv", "explanation.json", "enrichment.tsv", "samples.h5ad",
                           "attention.safetensors", "attention_positions.tsv"})
    fs::remove(options.out / name);  // with --force: nothing of an earlier explanation stays
  const OmicsCheckpoint first = load_omics_checkpoint(units.front().members.front(), options.base);
  RunRecord record =
      record_of(first.recipe, options.run, {options.data, options.split, options.gmt});
  record.seed = options.seed;
  std::string view;
  run_recorded(record, options.out / "run.json", [&] {
    const Explained explained = explain_units(options, std::move(units), cohort, options.out);
    log_info("attributions sum to the difference from the baseline within {:.2g} of it",
             explained.gap);
    if (explained.gap > 0.05)
      log_warning("a gap of {:.2g} is large; raise --steps above {}", explained.gap, options.steps);
    write_text(options.out / "attributions.tsv", attributions_text(explained.shown));
    if (!sets.empty()) {
      const GeneSetTestOptions test{options.top, options.smallest_set, options.largest_set,
                                    options.permutations, options.seed};
      write_text(
          options.out / "enrichment.tsv",
          gene_set_tests_text(test_gene_sets(explained.all, sets, options.gmt.string(), test)));
    }
    write_text(options.out / "explanation.json", account_text(options, explained));
    view = describe(explained.shown);
  });
  return view;
}

}  // namespace cohesin
