#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace cohesin {

// Scores of hard labels. All are functions of the confusion matrix over the declared classes
// 0..K-1; they equal scikit-learn's, edge cases included (what it warns about is said below).

struct ConfusionMatrix {
  int64_t num_classes = 0;
  std::vector<int64_t> counts;  // [K, K]: rows are the truth, columns the prediction

  int64_t at(int64_t truth, int64_t predicted) const {
    return counts[truth * num_classes + predicted];
  }
};

// Throws Error if the inputs are empty, differ in length or hold a label outside 0..K-1.
ConfusionMatrix confusion_matrix(std::span<const int64_t> truth, std::span<const int64_t> predicted,
                                 int64_t num_classes);

struct ClassReport {  // one row a declared class; a 0/0 counts as 0
  std::vector<double> precision, recall, f1;
  std::vector<int64_t> support;  // samples of the class in the truth
};
ClassReport class_report(const ConfusionMatrix& matrix);

double accuracy(const ConfusionMatrix& matrix);

// Mean recall over the classes that the truth holds.
double balanced_accuracy(const ConfusionMatrix& matrix);

// Over which classes F1 is averaged: those in truth or prediction, or all declared ones, where an
// absent class counts 0.
enum class ClassSet { kPresent, kDeclared };
double macro_f1(const ConfusionMatrix& matrix, ClassSet classes = ClassSet::kPresent);

// Weighted by support, so that absent classes never count; and over all decisions pooled.
double weighted_f1(const ConfusionMatrix& matrix);
double micro_f1(const ConfusionMatrix& matrix);

// Matthews correlation for K classes (Gorodkin 2004); 0 if truth or prediction is constant.
double matthews_correlation(const ConfusionMatrix& matrix);

// NaN if chance agreement is complete (one class alone in truth and prediction).
double cohen_kappa(const ConfusionMatrix& matrix);

}  // namespace cohesin
