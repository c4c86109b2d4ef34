#include "cohesin/run/explain_unit.h"

#include <torch/nn/module.h>

#include <algorithm>
#include <cmath>
#include <unordered_map>

#include "cohesin/base/error.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/philox.h"
#include "cohesin/base/progress.h"
#include "cohesin/run/task_targets.h"

namespace cohesin {

namespace {

// Samples that serve for the baseline's means: spread evenly over the cohort.
std::vector<int64_t> reference_samples(const MultiOmics& cohort) {
  constexpr size_t kMost = 2000;
  const size_t step = (cohort.num_samples() + kMost - 1) / kMost;
  std::vector<int64_t> samples;
  for (size_t i = 0; i < cohort.num_samples(); i += std::max<size_t>(1, step))
    samples.push_back(static_cast<int64_t>(i));
  return samples;
}

// Sums over the samples of each class (all, of another outcome), by omic; [outcomes, genes].
struct ClassSums {
  NamedTensors signed_CG, absolute_CG, count_CG;
};

void add_rows(NamedTensors& sums, const std::string& omic, const at::Tensor& class_B,
              const at::Tensor& rows_BG, int64_t num_classes) {
  at::Tensor& sum_CG = sums[omic];
  if (!sum_CG.defined()) sum_CG = at::zeros({num_classes, rows_BG.size(1)}, at::kDouble);
  sum_CG.index_add_(0, class_B, rows_BG);
}

// What attributions are asked of: the class of each sample, the risk, or one value.
struct Question {
  bool of_classes = false;
  TaskConfig::Span outputs;
  int64_t first_row = 0;  // among the outcomes
};

std::vector<Question> questions_of(const TaskConfig& task) {
  std::vector<Question> questions;
  int64_t row = 0;
  if (task.asks(TaskKind::classification)) {
    questions.push_back({true, task.outputs_of(TaskKind::classification), row});
    row += std::ssize(task.classes);
  }
  if (task.asks(TaskKind::survival))
    questions.push_back({false, task.outputs_of(TaskKind::survival), row++});
  if (task.asks(TaskKind::regression))
    for (int64_t v = 0; v < std::ssize(task.values); ++v)
      questions.push_back({false, {task.outputs_of(TaskKind::regression).begin + v, 1}, row++});
  return questions;
}

// Runs one member over the unit's samples.
class MemberPass {
 public:
  MemberPass(const OmicsCheckpoint& member, const std::shared_ptr<const MultiOmics>& cohort,
             const ExplainOptions& options, const std::string& method, const GenesByOmic& genes)
      : member_(member),
        dataset_(member.dataset(cohort)),
        options_(options),
        occludes_(method == "occlusion") {
    for (auto& parameter : member.predictor->parameters()) parameter.set_requires_grad(false);
    const BaselineKind kind = parse_baseline_kind(options.baseline);
    if (kind == BaselineKind::mask && member.model != nullptr)
      for (const auto& omic : member.model->omics())
        if (!member.model->can_hide(omic))
          throw Error("{}: the model has no vector for <mask>; use --baseline mean",
                      member.folder.string());
    baseline_ = make_baseline(*member.predictor, dataset_, reference_samples(*cohort), kind);
    if (!occludes_) return;
    const GeneAxis& axis = member.encoder->axis();
    std::unordered_map<std::string, int64_t> place;
    for (size_t g = 0; g < axis.features.size(); ++g)
      place[axis.features[g]] = static_cast<int64_t>(g);
    for (const auto& omic : member.encoder->omics())
      if (const auto found = genes.find(omic); found != genes.end())
        for (const auto& gene : found->second)
          if (place.count(gene) != 0) positions_[omic].push_back(place.at(gene));
  }

  Attributions run(const std::vector<int64_t>& samples, const std::vector<int64_t>& classes,
                   const Question& question) {
    const auto count = static_cast<int64_t>(samples.size());
    const auto [first, width] = question.outputs;
    const at::Tensor contrast_BT =
        at::zeros({count, member_.recipe.task.num_outputs()}, at::kDouble);
    at::Tensor asked_BT = contrast_BT.narrow(1, first, width);
    if (question.of_classes)
      asked_BT.copy_(class_contrast(classes, width));
    else
      asked_BT.fill_(1 / static_cast<double>(width));
    return occludes_ ? occlusion(*member_.predictor, dataset_, samples, baseline_, contrast_BT,
                                 positions_)
                     : integrated_gradients(*member_.predictor, dataset_, samples, baseline_,
                                            contrast_BT, options_.steps);
  }

  // 1 where a value lies above the cohort's mean, -1 below.
  NamedTensors directions_BG(const std::vector<int64_t>& samples) const {
    NamedTensors directions = gene_values(dataset_.batch(samples), dataset_);
    for (auto& [omic, values_BG] : directions)
      values_BG = (values_BG - baseline_.value_G.at(omic)).sign();
    return directions;
  }

 private:
  const OmicsCheckpoint& member_;
  OmicsDataset dataset_;
  const ExplainOptions& options_;
  bool occludes_;
  AttributionBaseline baseline_;
  std::map<std::string, std::vector<int64_t>> positions_;
};

void keep_samples(UnitAttributions& result, const Attributions& found, const std::string& omic,
                  size_t first, size_t num_samples, double share) {
  const at::Tensor rows_BG =
      at::where(found.shown_BG.at(omic), found.genes_BG.at(omic), std::nan(""))
          .to(at::kFloat)
          .contiguous();
  const auto num_genes = static_cast<size_t>(rows_BG.size(1));
  std::vector<float>& all = result.of_samples[omic];
  all.resize(num_samples * num_genes, 0.0F);
  const float* rows = rows_BG.const_data_ptr<float>();
  for (size_t i = 0; i < static_cast<size_t>(rows_BG.numel()); ++i)
    all[first * num_genes + i] += rows[i] * static_cast<float>(share);
}

std::vector<FoldAttribution> row_of(const ClassSums& sums, const std::string& omic, int64_t c,
                                    int64_t num_members) {
  const at::Tensor signed_G = sums.signed_CG.at(omic)[c].contiguous();
  const at::Tensor absolute_G = sums.absolute_CG.at(omic)[c].contiguous();
  const at::Tensor count_G = sums.count_CG.at(omic)[c].contiguous();
  std::vector<FoldAttribution> row;
  for (int64_t g = 0; g < count_G.size(0); ++g) {
    const double count = std::max(1.0, count_G.const_data_ptr<double>()[g]);
    row.push_back(
        {signed_G.const_data_ptr<double>()[g] / count,
         absolute_G.const_data_ptr<double>()[g] / count,
         std::llround(count_G.const_data_ptr<double>()[g] / static_cast<double>(num_members))});
  }
  return row;
}

}  // namespace

std::vector<std::string> explained_outcomes(const TaskConfig& task) {
  std::vector<std::string> outcomes;
  if (task.asks(TaskKind::classification)) outcomes = task.classes;
  if (task.asks(TaskKind::survival)) outcomes.emplace_back("risk");
  if (task.asks(TaskKind::regression))
    outcomes.insert(outcomes.end(), task.values.begin(), task.values.end());
  return outcomes;
}

int64_t num_questions(const TaskConfig& task) { return std::ssize(questions_of(task)); }

void choose_samples(ExplainUnit& unit, const OmicsEnsemble& members,
                    const std::shared_ptr<const MultiOmics>& cohort, int64_t most, uint64_t seed) {
  const TaskConfig& task = members.front().recipe.task;
  const OmicsDataset dataset = members.front().dataset(cohort);
  std::vector<int64_t> samples = answerable_samples(dataset, unit.samples, "").samples;
  std::map<int64_t, int64_t> class_of;
  if (!task.asks(TaskKind::classification)) {
    for (const int64_t sample : samples) class_of[sample] = 0;
  } else {
    std::vector<int64_t> labels(cohort->num_samples(), -1);
    if (cohort->obs.find(task.target) != nullptr)
      labels = labels_by_class(*cohort, task.target, task.classes);
    std::vector<int64_t> unlabelled;
    for (const int64_t sample : samples) {
      class_of[sample] = labels[static_cast<size_t>(sample)];
      if (class_of[sample] < 0) unlabelled.push_back(sample);
    }
    if (!unlabelled.empty()) {
      log_info("{} of {} samples have no label and count to the class that is predicted",
               unlabelled.size(), samples.size());
      const SamplePredictions predicted = predict_samples(members, cohort, unlabelled, "");
      const auto num_classes = static_cast<int64_t>(task.classes.size());
      for (size_t i = 0; i < predicted.samples.size(); ++i) {
        const auto row =
            predicted.answers.probability.begin() + static_cast<int64_t>(i) * num_classes;
        class_of[predicted.samples[i]] = std::max_element(row, row + num_classes) - row;
      }
    }
  }
  std::map<int64_t, int64_t> taken;
  unit.samples.clear();
  const auto order = RandomStream(seed, "explain.samples", stable_hash(unit.name))
                         .permutation(std::ssize(samples));
  for (const int64_t i : order) {
    const int64_t sample = samples[static_cast<size_t>(i)];
    if (most > 0 && taken[class_of[sample]]++ >= most) continue;
    unit.samples.push_back(sample);
  }
  std::sort(unit.samples.begin(), unit.samples.end());
  for (const int64_t sample : unit.samples) unit.class_of.push_back(class_of[sample]);
}

namespace {

// What all members found for a unit, as it comes in.
struct Gathering {
  const ExplainUnit& unit;
  const ExplainOptions& options;
  int64_t num_outcomes, num_members;
  ClassSums sums;
  UnitAttributions result;

  void add(const Question& question, const Attributions& found, const NamedTensors& directions_BG,
           size_t begin, const std::vector<int64_t>& classes) {
    at::Tensor row_B = at::full({std::ssize(classes)}, question.first_row, at::kLong);
    if (question.of_classes) row_B += at::tensor(classes, at::kLong);
    at::Tensor sum_B = at::zeros({std::ssize(classes)}, at::kDouble);
    for (const auto& [omic, rows_BG] : found.genes_BG) {
      add_rows(sums.signed_CG, omic, row_B,
               question.of_classes ? rows_BG : rows_BG * directions_BG.at(omic), num_outcomes);
      add_rows(sums.absolute_CG, omic, row_B, rows_BG.abs(), num_outcomes);
      add_rows(sums.count_CG, omic, row_B, found.shown_BG.at(omic).to(at::kDouble), num_outcomes);
      sum_B += rows_BG.sum(1);
      if (options.per_sample && question.first_row == 0)
        keep_samples(result, found, omic, begin, unit.samples.size(),
                     1 / static_cast<double>(num_members));
    }
    if (!found.difference_B.defined()) return;
    result.gap += (sum_B - found.difference_B).abs().sum().item<double>();
    result.difference += found.difference_B.abs().sum().item<double>();
  }
};

}  // namespace

UnitAttributions explain_unit(const ExplainUnit& unit, const OmicsEnsemble& members,
                              const std::shared_ptr<const MultiOmics>& cohort,
                              const ExplainOptions& options, const std::string& method,
                              const GenesByOmic& genes) {
  const TaskConfig& task = members.front().recipe.task;
  const GeneAxis& axis = members.front().encoder->axis();
  Gathering findings{unit,
                     options,
                     std::ssize(explained_outcomes(task)),
                     std::ssize(members),
                     {},
                     {axis.modalities, axis.features, {}, {}, 0, 0}};
  const auto size = static_cast<size_t>(attribution_batch_size(std::ssize(axis.features)));
  Progress progress(method + (unit.name.empty() ? "" : ", " + unit.name),
                    std::ssize(unit.samples) * std::ssize(members), "samples");
  for (const auto& member : members) {
    if (member.encoder->axis().features != axis.features)
      throw Error("{}: its genes are not those of {}; members of one run share them",
                  member.folder.string(), members.front().folder.string());
    MemberPass pass(member, cohort, options, method, genes);
    for (size_t begin = 0; begin < unit.samples.size(); begin += size) {
      stop_here_if_requested();
      const auto first = static_cast<int64_t>(begin);
      const auto last = static_cast<int64_t>(std::min(unit.samples.size(), begin + size));
      const std::vector<int64_t> part(unit.samples.begin() + first, unit.samples.begin() + last);
      const std::vector<int64_t> classes(unit.class_of.begin() + first,
                                         unit.class_of.begin() + last);
      const NamedTensors directions_BG = pass.directions_BG(part);
      for (const Question& question : questions_of(task))
        findings.add(question, pass.run(part, classes, question), directions_BG, begin, classes);
      progress.advance(last - first);
    }
  }
  for (int64_t c = 0; c < findings.num_outcomes; ++c) {
    findings.result.by_class.emplace_back();
    for (const auto& [omic, counts] : findings.sums.count_CG)
      findings.result.by_class.back()[omic] = row_of(findings.sums, omic, c, std::ssize(members));
  }
  return std::move(findings.result);
}

}  // namespace cohesin
