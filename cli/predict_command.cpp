#include <memory>

#include "cli/answer_options.h"
#include "cli/commands.h"
#include "cohesin/run/answer.h"

namespace cohesin::cli {

void add_predict_command(CLI::App& app, CommonOptions& common) {
  CLI::App* verb =
      add_verb(app, common, "predict", "Predict classes, survival or values of new samples",
               "cohesin predict --checkpoint result --data new.h5mu --out predictions.tsv");
  const auto options = std::make_shared<PredictOptions>();
  const auto data = std::make_shared<DataOptions>();
  add_answer_options(*verb, options->answer);
  add_data_options(*verb, *data);
  verb->add_option("--out", options->out, "predictions.tsv")->required();
  verb->callback([=, &common] {
    options->force = common.force;
    if (verb->count("--missing-genes") > 0)
      options->answer.missing_genes = parse_missing_genes(data->tables.missing_genes);
    if (data->data.empty() || !data->tables.modalities.empty())
      run_predict(*options, read_data(*data));
    else
      run_predict(*options, data->data);  // in parts: it may be larger than memory
  });
}

}  // namespace cohesin::cli
