// The command `cohesin`: parses the words and hands them to the library.
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <cstdio>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "cli/commands.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/memory.h"
#include "cohesin/base/run_record.h"

namespace cohesin::cli {

CLI::App* add_verb(CLI::App& app, CommonOptions& common, const std::string& name,
                   const std::string& description, const std::string& example) {
  CLI::App* verb = app.add_subcommand(name, description);
  verb->footer("Example:\n  " + example);
  const std::string group = "Common";
  verb->add_option("--threads", common.threads, "CPU threads (0 = all)")
      ->check(CLI::Range(0, 4096))
      ->group(group);
  verb->add_option("--device", common.device, "auto, cpu, cuda or cuda:N")->group(group);
  verb->add_option("--precision", common.precision, "auto, fp32 or bf16")
      ->check(CLI::IsMember({"auto", "fp32", "bf16"}))
      ->group(group);
  verb->add_option("--seed", common.seed, "seed of every random choice")->group(group);
  verb->add_flag("--quiet", common.quiet, "errors only on stderr")->group(group);
  verb->add_option("--log-json", common.log_json, "also write the log as JSON lines")->group(group);
  verb->add_flag("--force", common.force, "replace existing output")->group(group);
  return verb;
}

namespace {

// `cohesin help VERB`: the verb's options and a worked example; `help prepare` also shows what
// stands under it, as `help prepare omics` does alone.
void add_help_command(CLI::App& app, CommonOptions& /*common*/) {
  CLI::App* help = app.add_subcommand("help", "Show a verb's options and a worked example");
  const auto words = std::make_shared<std::vector<std::string>>();
  help->add_option("verb", *words, "the verb, as in 'train' or 'prepare omics'")->required();
  help->callback([&app, words] {  // an unknown verb throws: a usage error
    CLI::App* verb = &app;
    for (const auto& word : *words) verb = verb->get_subcommand(word);
    std::fputs(verb->help().c_str(), stdout);
    for (const CLI::App* nested : verb->get_subcommands([](const CLI::App*) { return true; }))
      std::printf("\n%s", nested->help().c_str());
  });
}

// One line a verb, in the order that `cohesin --help` shows.
const std::vector<void (*)(CLI::App&, CommonOptions&)> kVerbs = {
    add_prepare_command,  add_split_command,    add_simulate_command, add_train_command,
    add_crossval_command, add_evaluate_command, add_predict_command,  add_embed_command,
    add_explain_command,  add_variants_command, add_score_command,    add_report_command,
    add_inspect_command,  add_convert_command,  add_forward_command,  add_help_command,
};

// What the common options say about the process as a whole.
void apply(const CommonOptions& common) {
  configure_log(common.quiet, common.log_json);
  if (common.threads > 0) at::set_num_threads(static_cast<int>(common.threads));
}

}  // namespace

int run(int argc, char** argv) {
  keep_freed_memory();
  CLI::App app("cohesin: multi-modal foundation models of genomics", "cohesin");
  app.set_version_flag("--version", "cohesin " + version());
  app.require_subcommand(1);
  CommonOptions common;
  for (const auto add : kVerbs) add(app, common);
  app.parse_complete_callback([&common] { apply(common); });  // before the verb's own
  try {
    app.parse(argc, argv);
  } catch (const CLI::Error& error) {
    return app.exit(error) == 0 ? 0 : 2;
  } catch (const Interrupted& stop) {
    log_warning("{}", stop.what());
    return 128 + stop.signal_number();
  } catch (const c10::Error& error) {  // without the stack that what() brings
    log_error("{}", error.what_without_backtrace());
    return 1;
  } catch (const std::exception& error) {
    log_error("{}", error.what());
    return 1;
  }
  return 0;
}

}  // namespace cohesin::cli

int main(int argc, char** argv) { return cohesin::cli::run(argc, argv); }
