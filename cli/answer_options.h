#pragma once

#include <CLI/CLI.hpp>
#include <filesystem>
#include <memory>

#include "cohesin/run/answer.h"
#include "cohesin/run/cohort_input.h"

namespace cohesin::cli {

// The options with which predict, evaluate and embed ask a checkpoint.
void add_answer_options(CLI::App& verb, AnswerOptions& answer);

// What predict and embed work on: a prepared cohort, or plain tables read on the way.
struct DataOptions {
  std::filesystem::path data;
  CohortInput tables;
};
// `--missing-genes` as the recipe's key.
void add_missing_genes_option(CLI::App& verb, std::vector<std::string>& assignments);
void add_data_options(CLI::App& verb, DataOptions& options);
// Throws Error unless there is one of the two.
std::shared_ptr<const MultiOmics> read_data(const DataOptions& options);

}  // namespace cohesin::cli
