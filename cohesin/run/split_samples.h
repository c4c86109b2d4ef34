#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/io/split_file.h"
#include "cohesin/omics/frame.h"

namespace cohesin {

struct SplitOptions {
  std::filesystem::path data;         // cohort.h5mu
  std::filesystem::path out;          // TSV
  int64_t folds = 0;                  // 0: by fractions
  std::vector<double> fractions;      // train, valid, test; or train, test
  std::vector<std::string> stratify;  // columns of obs, taken together; empty: none
  std::string leave_out;              // column of obs (or `site`): a fold a value
  int64_t min_size = 10;              // of a fold of leave_out; smaller ones are one fold, `pooled`
  std::string group = "patient";      // column of obs
  uint64_t seed = 0;
  bool force = false;
};

struct SplitResult {
  SampleSplit split;                 // in the order of obs
  std::vector<std::string> classes;  // [samples], empty text where unknown or not stratified
  int64_t num_groups = 0;
  std::vector<std::string> pooled;      // leave_out: values with fewer samples than min_size
  std::vector<std::string> unassigned;  // leave_out: samples without a value, not in the split
};

// Divides the samples so that no group stands on two sides and classes are spread evenly.
// Samples with an empty class are spread as a class of their own. Throws Error naming `where` for
// fewer groups than parts, one class only, a class with fewer groups than folds (or parts that must
// not be empty), fractions that do not sum to 1. With several columns a class is a combination of
// values; one with fewer groups than parts goes with the commonest of its first column's value.
// leave_out makes a fold of each value; `site` is the column of this name or else the tissue source
// site of TCGA barcodes. Throws Error for a group with two values and for fewer than two folds.
SplitResult split_samples(const Frame& obs, const SplitOptions& options, const std::string& where);

// The verb `split`: reads the cohort's obs, writes the file.
SplitResult run_split(const SplitOptions& options);

// Rows of parts, columns of classes: how many samples.
std::string describe_split(const SplitResult& result);

}  // namespace cohesin
