#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>

namespace cohesin::cli {

// Options that every verb takes.
struct CommonOptions {
  int64_t threads = 0;  // 0 = all cores
  std::string device = "auto";
  std::string precision = "auto";
  uint64_t seed = 0;
  bool quiet = false;
  std::string log_json;
  bool force = false;
};

// Each adds one verb; the callback does the work when the verb was given. One line a verb here and
// in main.cpp, the paragraph itself in VERB_command.cpp.
void add_convert_command(CLI::App& app, CommonOptions& common);
void add_crossval_command(CLI::App& app, CommonOptions& common);
void add_embed_command(CLI::App& app, CommonOptions& common);
void add_evaluate_command(CLI::App& app, CommonOptions& common);
void add_explain_command(CLI::App& app, CommonOptions& common);
void add_forward_command(CLI::App& app, CommonOptions& common);
void add_inspect_command(CLI::App& app, CommonOptions& common);
void add_predict_command(CLI::App& app, CommonOptions& common);
void add_prepare_command(CLI::App& app, CommonOptions& common);
void add_report_command(CLI::App& app, CommonOptions& common);
void add_score_command(CLI::App& app, CommonOptions& common);
void add_simulate_command(CLI::App& app, CommonOptions& common);
void add_split_command(CLI::App& app, CommonOptions& common);
void add_train_command(CLI::App& app, CommonOptions& common);
void add_variants_command(CLI::App& app, CommonOptions& common);

// The verb, with the common options attached.
CLI::App* add_verb(CLI::App& app, CommonOptions& common, const std::string& name,
                   const std::string& description, const std::string& example);

}  // namespace cohesin::cli
