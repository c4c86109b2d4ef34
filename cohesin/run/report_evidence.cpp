// predictions.tsv and embeddings.tsv -> the pictures of a report.
#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "cohesin/base/error.h"
#include "cohesin/io/text_reader.h"
#include "cohesin/metrics/label_metrics.h"
#include "cohesin/metrics/probability_metrics.h"
#include "cohesin/metrics/ranking_metrics.h"
#include "cohesin/run/report_parts.h"
#include "cohesin/stats/embedding_map.h"

namespace cohesin {
namespace {

// A t-SNE of more rows takes minutes and a page of more points is slow to move about in.
constexpr size_t kMostPoints = 1500;

std::map<std::string, int64_t> index_of(const std::vector<std::string>& names) {
  std::map<std::string, int64_t> index;
  for (const auto& name : names) index.emplace(name, static_cast<int64_t>(index.size()));
  return index;
}

struct KnownRows {
  std::vector<int64_t> truth, predicted;
  std::vector<double> probability;  // [n, K]
};

KnownRows known_rows(const PredictionTable& table, const std::string& hidden) {
  const ClassPredictions& classes = table.classes.value();
  const auto index = index_of(classes.classes);
  const size_t num_classes = classes.classes.size();
  KnownRows known;
  for (size_t row = 0; row < table.num_rows(); ++row) {
    if (table.hidden[row] != hidden || classes.label[row].empty()) continue;
    known.truth.push_back(index.at(classes.label[row]));
    known.predicted.push_back(index.at(classes.predicted[row]));
    for (size_t k = 0; k < num_classes; ++k)
      known.probability.push_back(classes.probability[row * num_classes + k]);
  }
  return known;
}

void add_roc(ReportCondition& condition, const KnownRows& known, size_t num_classes) {
  for (size_t k = 0; k < num_classes; ++k) {
    std::vector<int64_t> is_class;
    std::vector<double> score;
    int64_t positives = 0;
    for (size_t i = 0; i < known.truth.size(); ++i) {
      is_class.push_back(known.truth[i] == static_cast<int64_t>(k) ? 1 : 0);
      positives += is_class.back();
      score.push_back(known.probability[i * num_classes + k]);
    }
    if (positives == 0 || positives == static_cast<int64_t>(is_class.size())) continue;
    RocCurve curve = roc_curve(is_class, score);
    condition.roc.push_back({static_cast<int>(k), auroc(is_class, score),
                             std::move(curve.false_positive_rate),
                             std::move(curve.true_positive_rate)});
  }
}

struct EmbeddingFile {
  std::vector<std::string> sample, fold;  // fold: empty vector = no such column
  EmbeddingRows rows;
};

EmbeddingFile read_embeddings(const std::filesystem::path& path) {
  TextReader reader(path);
  std::string line;
  if (!reader.next_line(line)) throw Error("{}: the file is empty", path.string());
  const auto header = split(line, '\t');
  const size_t num_columns = header.size();
  const bool has_fold = num_columns > 1 && header[1] == "fold";
  const size_t first = has_fold ? 2 : 1;
  if (header[0] != "sample" || num_columns <= first)
    reader.fail("expected the columns sample, [fold,] e0, e1 ..., got '{}'", line);
  EmbeddingFile file;
  while (reader.next_line(line)) {
    const auto fields = split(line, '\t');
    if (fields.size() != num_columns)
      reader.fail("expected {} columns, got {}", num_columns, fields.size());
    file.sample.emplace_back(fields[0]);
    if (has_fold) file.fold.emplace_back(fields[1]);
    file.rows.emplace_back();
    for (size_t k = first; k < num_columns; ++k)
      file.rows.back().push_back(reader.parse_number(fields[k], "embedding"));
  }
  return file;
}

// What the predictions with nothing hidden say about each sample.
struct SampleFacts {
  int label = -1, predicted = -1, fold = -1;
};

std::map<std::string, SampleFacts> sample_facts(const PredictionTable& table,
                                                const std::vector<std::string>& class_names) {
  std::map<std::string, SampleFacts> facts;
  const auto* classes = table.classes ? &*table.classes : nullptr;
  const auto index = index_of(class_names);
  std::map<std::string, int> folds;
  const auto class_index = [&index](const std::string& name) {
    const auto found = index.find(name);
    return found == index.end() ? -1 : static_cast<int>(found->second);
  };
  for (size_t row = 0; row < table.num_rows(); ++row) {
    if (!table.hidden[row].empty()) continue;
    SampleFacts fact;
    if (classes != nullptr) {
      fact.label = class_index(classes->label[row]);
      fact.predicted = class_index(classes->predicted[row]);
    }
    if (!table.fold.empty())
      fact.fold = folds.emplace(table.fold[row], static_cast<int>(folds.size())).first->second;
    facts.emplace(table.sample[row], fact);
  }
  return facts;
}

// The share of pairs of samples within one fold, without the sample itself.
double same_fold_by_chance(const std::vector<int>& folds) {
  std::map<int, double> sizes;
  for (const int fold : folds) sizes[fold] += 1;
  double pairs = 0;
  for (const auto& [fold, size] : sizes) pairs += size * (size - 1);
  const auto n = static_cast<double>(folds.size());
  return sizes.size() < 2 ? kNotANumber : pairs / (n * (n - 1));
}

// Whether a joint map would show the folds' models rather than the samples.
bool folds_lie_apart(const EmbeddingPanel& joint) {
  const double chance = joint.same_fold_by_chance;
  const double error = std::sqrt(chance * (1 - chance) / static_cast<double>(joint.points.size()));
  return joint.same_fold > chance + std::max(0.1, 3 * error);
}

// The rows of a panel that are drawn, with what is known of them.
struct PanelRows {
  EmbeddingRows rows;
  std::vector<int> labels, folds;
};

EmbeddingPanel choose_points(const std::string& name, const EmbeddingFile& file,
                             const std::vector<size_t>& members,
                             const std::map<std::string, SampleFacts>& facts, PanelRows& drawn) {
  std::vector<std::string> samples;
  for (const size_t row : members) samples.push_back(file.sample[row]);
  EmbeddingPanel panel;
  panel.name = name;
  panel.num_samples = static_cast<int64_t>(members.size());
  for (const size_t chosen : choose_subset(samples, kMostPoints)) {
    const auto found = facts.find(samples[chosen]);
    const SampleFacts fact = found == facts.end() ? SampleFacts{} : found->second;
    drawn.rows.push_back(file.rows[members[chosen]]);
    drawn.labels.push_back(fact.label);
    drawn.folds.push_back(fact.fold);
    panel.points.push_back({0, 0, fact.label, fact.predicted, samples[chosen]});
  }
  panel.same_class = nearest_neighbour_agreement(drawn.rows, drawn.labels);
  panel.same_fold_by_chance = same_fold_by_chance(drawn.folds);
  if (!std::isnan(panel.same_fold_by_chance))
    panel.same_fold = nearest_neighbour_agreement(drawn.rows, drawn.folds);
  return panel;
}

void place_points(EmbeddingPanel& panel, const EmbeddingRows& rows) {
  const auto map = map_embeddings(rows);
  for (size_t i = 0; i < map.size(); ++i) {
    panel.points[i].x = map[i][0];
    panel.points[i].y = map[i][1];
  }
}

// Rows by the name of their panel: the file's own folds, else those of the predictions.
std::map<std::string, std::vector<size_t>> rows_by_fold(const EmbeddingFile& file,
                                                        const PredictionTable& table) {
  std::map<std::string, std::string> fold_of;
  if (file.fold.empty())
    for (size_t row = 0; row < table.fold.size(); ++row)
      fold_of.emplace(table.sample[row], table.fold[row]);
  std::map<std::string, std::vector<size_t>> rows;
  for (size_t row = 0; row < file.sample.size(); ++row) {
    const std::string fold = file.fold.empty() ? fold_of[file.sample[row]] : file.fold[row];
    rows[fold.empty() ? "" : "fold " + fold].push_back(row);
  }
  return rows;
}

}  // namespace

void add_class_evidence(ReportCondition& condition, const PredictionTable& table) {
  const ClassPredictions& classes = table.classes.value();
  const size_t num_classes = classes.classes.size();
  const KnownRows known = known_rows(table, condition.hidden);
  condition.num_samples = static_cast<int64_t>(known.truth.size());
  if (known.truth.empty()) return;
  const ConfusionMatrix matrix =
      confusion_matrix(known.truth, known.predicted, static_cast<int64_t>(num_classes));
  for (int64_t truth = 0; truth < matrix.num_classes; ++truth) {
    condition.confusion.counts.emplace_back();
    for (int64_t predicted = 0; predicted < matrix.num_classes; ++predicted)
      condition.confusion.counts.back().push_back(matrix.at(truth, predicted));
  }
  add_roc(condition, known, num_classes);
  const auto bins =
      top_label_calibration(known.truth, known.probability, static_cast<int64_t>(num_classes));
  const auto width = 1 / static_cast<double>(bins.size());
  for (size_t b = 0; b < bins.size(); ++b)
    condition.reliability.push_back({static_cast<double>(b) * width,
                                     static_cast<double>(b + 1) * width, bins[b].count,
                                     bins[b].mean_confidence, bins[b].accuracy});
  condition.calibration_error = expected_calibration_error(bins);
}

std::vector<EmbeddingPanel> read_embedding_panels(const std::filesystem::path& path,
                                                  const PredictionTable& table,
                                                  const std::vector<std::string>& classes) {
  const EmbeddingFile file = read_embeddings(path);
  const auto facts = sample_facts(table, classes);
  if (file.fold.empty()) {
    std::vector<size_t> all(file.sample.size());
    std::iota(all.begin(), all.end(), size_t{0});
    PanelRows drawn;
    EmbeddingPanel panel = choose_points("", file, all, facts, drawn);
    if (!folds_lie_apart(panel)) {
      place_points(panel, drawn.rows);
      return {panel};
    }
  }
  std::vector<EmbeddingPanel> panels;
  for (const auto& [name, members] : rows_by_fold(file, table)) {
    PanelRows drawn;
    panels.push_back(choose_points(name, file, members, facts, drawn));
    place_points(panels.back(), drawn.rows);
  }
  return panels;
}

}  // namespace cohesin
