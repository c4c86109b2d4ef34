#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <memory>
#include <string>

#include "cohesin/io/h5mu.h"
#include "cohesin/run/crossval.h"
#include "tests/data/cohort_fixture.h"
#include "tests/testing.h"

namespace cohesin::testing {

// Sections `model` and `tokenizers` of a recipe that trains in no time.
inline const std::string kModel = R"("model": {"name": "mojo", "token_embed_dim": 4,
  "init_gene_embed_dim": 4, "conv_init_embed_dim": 6, "embed_dim": 8, "num_downsamples": 2,
  "num_layers": 1, "num_attention_heads": 2, "ffn_embed_dim": 8, "stem_kernel_shape": 3,
  "num_hidden_layers_head": 0},
  "tokenizers": {"rnaseq": {"bins": 8, "edges": "continuous"},
                 "methylation": {"bins": 8, "edges": "linear"}})";

// A classification with these settings of `train` and `more` sections.
inline std::string recipe(const std::string& train, const std::string& more = "") {
  return "{" + kModel + R"(, "task": {"name": "classification", "target": "class",
    "hidden_sizes": [8], "shallow_path": true, "shallow_hidden_size": 8}, "train": {)" +
         train + "}" + more + "}";
}

// Settings of `train` for tests that look at files, not at scores.
inline const std::string kShort =
    R"("epochs": 2, "batch_size": 8, "learning_rate": 0.01, "modality_dropout": 0.3,
       "validation_fraction": 0)";

// A folder with cohort.h5mu, folds.tsv (three folds) and recipe.json.
struct Workplace {
  explicit Workplace(const std::string& recipe_text, int64_t num_samples = 24) {
    cohort = make_cohort(num_samples, 12);
    write_h5mu(*cohort, folder / "cohort.h5mu");
    std::string folds = "sample\tfold\n";
    for (int64_t s = 0; s < num_samples; ++s) folds += fmt::format("s{}\t{}\n", s, s / 2 % 3);
    folder.write("folds.tsv", folds);
    folder.write("recipe.json", recipe_text);
  }
  CrossvalOptions options(const std::string& out) const {
    CrossvalOptions options;
    options.recipe = folder / "recipe.json";
    options.data = folder / "cohort.h5mu";
    options.folds = folder / "folds.tsv";
    options.out = folder / out;
    options.without = {"methylation"};
    return options;
  }
  TempFolder folder;
  std::shared_ptr<const MultiOmics> cohort;
};

}  // namespace cohesin::testing
