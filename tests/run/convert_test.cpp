#include "cohesin/run/convert.h"

#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/run/forward.h"
#include "cohesin/run/model_checkpoint.h"
#include "tests/golden_case.h"

namespace cohesin {
namespace {

using testing::GoldenCase;
using testing::TempFolder;

ConvertOptions options_for(const std::string& model, const std::string& case_name,
                           const std::filesystem::path& out) {
  ConvertOptions options;
  options.model = model;
  options.config = testing::golden(case_name) / "config.json";
  options.weights = testing::golden(case_name) / "weights.safetensors";
  options.out = out;
  return options;
}

void expect_same_tensors(const NamedTensors& found, const NamedTensors& expected) {
  EXPECT_EQ(found.size(), expected.size());
  for (const auto& [name, tensor] : expected) {
    ASSERT_EQ(found.count(name), 1u) << name;
    EXPECT_TRUE(at::equal(found.at(name), tensor)) << name;
    EXPECT_EQ(found.at(name).scalar_type(), tensor.scalar_type()) << name;
  }
}

struct Conversion {
  const char* model;
  const char* case_name;
  const char* names = "haiku";
};

class EveryConversion : public ::testing::TestWithParam<Conversion> {};

TEST_P(EveryConversion, ForwardGivesTheAuthorsNumbers) {
  const TempFolder folder;
  const GoldenCase golden(GetParam().case_name);
  convert_to_checkpoint(options_for(GetParam().model, GetParam().case_name, folder / "d"));
  ForwardOptions forward;
  forward.checkpoint = folder / "d";
  forward.batch = golden.folder / "io.safetensors";
  forward.out = folder / "out.safetensors";
  forward.loss = true;
  forward_batch(forward);
  const NamedTensors found = read_tensors(forward.out);
  golden.expect_reproduced(found, "out.");
  golden.expect_reproduced(found, "grad.");
}

TEST_P(EveryConversion, ComesBackBitForBit) {
  const TempFolder folder;
  convert_to_checkpoint(options_for(GetParam().model, GetParam().case_name, folder / "d"));
  export_weights_file({folder / "d", GetParam().names, folder / "back.safetensors", false});
  expect_same_tensors(read_tensors(folder / "back.safetensors"),
                      read_tensors(testing::golden(GetParam().case_name) / "weights.safetensors"));
}

INSTANTIATE_TEST_SUITE_P(Golden, EveryConversion,
                         ::testing::Values(Conversion{"mojo", "mojo_tiny"},
                                           Conversion{"bulk_rna_bert", "bulk_rna_bert_tiny"},
                                           Conversion{"omics_heads", "omics_heads"},
                                           Conversion{"enformer", "enformer_tiny_train",
                                                      "huggingface"},
                                           Conversion{"mojo", "mojo_ia3_tiny"},
                                           Conversion{"bulk_rna_bert", "bulk_rna_bert_ia3_tiny"}),
                         [](const auto& info) { return std::string(info.param.case_name); });

TEST(Convert, HuggingFaceAndHaikuNamesLeadToOneModel) {
  const TempFolder folder;
  ConvertOptions options = options_for("bulk_rna_bert", "bulk_rna_bert_tiny", folder / "haiku");
  convert_to_checkpoint(options);
  options.weights = testing::golden("bulk_rna_bert_tiny") / "weights_hf.safetensors";
  options.out = folder / "hf";
  convert_to_checkpoint(options);
  expect_same_tensors(read_tensors(folder / "hf" / "model.safetensors"),
                      read_tensors(folder / "haiku" / "model.safetensors"));
  export_weights_file({folder / "haiku", "huggingface", folder / "back.safetensors", false});
  expect_same_tensors(read_tensors(folder / "back.safetensors"), read_tensors(options.weights));
}

// The authors' config and weights of mojo_tiny, under names that only the user knows.
TEST(Convert, NameMapBringsUnknownNamesInAndOut) {
  const TempFolder folder;
  const std::string prefix = "torch.";
  NamedTensors renamed;
  convert_to_checkpoint(options_for("mojo", "mojo_tiny", folder / "plain"));
  for (const auto& [name, tensor] : read_tensors(folder / "plain" / "model.safetensors")) {
    const bool is_linear = name.rfind("lm_head", 0) == 0 && tensor.dim() == 2;
    renamed[prefix + name] = is_linear ? tensor.t().contiguous() : tensor;
  }
  write_tensors(folder / "w.safetensors", renamed);
  ConvertOptions options = options_for("mojo", "mojo_tiny", folder / "mapped");
  options.weights = folder / "w.safetensors";
  EXPECT_ERROR(convert_to_checkpoint(options), "--name-map");
  options.name_map =
      folder.write("map.tsv", "torch\\.(lm_head.*weight)\t$1\tio->oi\ntorch\\.(.*)\t$1\n");
  convert_to_checkpoint(options);
  expect_same_tensors(read_tensors(folder / "mapped" / "model.safetensors"),
                      read_tensors(folder / "plain" / "model.safetensors"));
  export_weights_file({folder / "mapped", "huggingface", folder / "back.safetensors", false});
  expect_same_tensors(read_tensors(folder / "back.safetensors"), renamed);
  EXPECT_ERROR(export_weights_file({folder / "plain", "huggingface", folder / "no", false}),
               "no huggingface names are known for 'mojo'");
}

TEST(Convert, KeepsTheTokenizersAndTheAuthorsConfig) {
  const TempFolder folder;
  convert_to_checkpoint(options_for("mojo", "mojo_tiny", folder / "d"));
  const auto config = nlohmann::json::parse(read_text(folder / "d" / "config.json"));
  EXPECT_EQ(config["model"]["name"], "mojo");
  EXPECT_EQ(config["tokenizers"]["rnaseq"]["normalization_factor"], 5.528);
  EXPECT_EQ(config["tokenizers"]["rnaseq"]["transform"], "log10");
  EXPECT_EQ(config["tokenizers"]["rnaseq"]["at_maximum"], "pad");
  EXPECT_EQ(config["tokenizers"]["methylation"]["transform"], "none");
  EXPECT_EQ(config["task"]["name"], "masked_lm");
  EXPECT_EQ(read_text(folder / "d" / "authors_config.json"),
            read_text(testing::golden("mojo_tiny") / "config.json"));
}

TEST(Convert, ListsEveryTensorThatDoesNotFit) {
  const TempFolder folder;
  ConvertOptions options = options_for("mojo", "mojo_tiny", folder / "d");
  NamedTensors weights = read_tensors(options.weights);
  weights.erase("multi_omics_lm/stem/conv1_d/b");
  weights["multi_omics_lm/extra"] = at::zeros({1});
  options.weights = folder / "w.safetensors";
  write_tensors(options.weights, weights);
  EXPECT_ERROR(convert_to_checkpoint(options), "1 missing:\n    multi_omics_lm/stem/conv1_d/b");
  EXPECT_ERROR(convert_to_checkpoint(options), "1 unexpected:\n    multi_omics_lm/extra");
  EXPECT_FALSE(std::filesystem::exists(folder / "d"));
}

TEST(Convert, GeneListMustHaveTheModelsLength) {
  const TempFolder folder;
  ConvertOptions options = options_for("mojo", "mojo_tiny", folder / "d");
  options.genes = folder.write("genes.txt", "TSPAN6\nDPM1\n");
  EXPECT_ERROR(convert_to_checkpoint(options), "2 genes, the model has 100");
  std::string genes;
  for (int i = 0; i < 100; ++i) genes += "GENE" + std::to_string(i) + "\n";
  folder.write("genes.txt", genes);
  convert_to_checkpoint(options);
  const std::string features = read_text(folder / "d" / "features.tsv");
  EXPECT_EQ(features.substr(0, features.find('\n', 40)),
            "feature\tmethylation\trnaseq\nGENE0\t1\t1\nGENE1\t1\t1");
}

TEST(Convert, NeverReplacesWithoutForce) {
  const TempFolder folder;
  ConvertOptions options = options_for("mojo", "mojo_tiny", folder / "d");
  convert_to_checkpoint(options);
  EXPECT_ERROR(convert_to_checkpoint(options), "--force");
  options.force = true;
  EXPECT_NO_THROW(convert_to_checkpoint(options));
}

TEST(Convert, NamesTheKeyOfTheConfigThatIsWrong) {
  const TempFolder folder;
  ConvertOptions options = options_for("mojo", "mojo_tiny", folder / "d");
  options.config = folder.write("config.json", R"({"num_layers": "three"})");
  EXPECT_ERROR(convert_to_checkpoint(options), "config.json: num_layers: expected an integer");
  folder.write("config.json", "[1]");
  EXPECT_ERROR(convert_to_checkpoint(options), "config.json: expected a JSON object");
  options.model = "mojoo";
  EXPECT_ERROR(convert_to_checkpoint(options), "did you mean 'mojo'?");
}

class ForwardOfMojo : public ::testing::Test {
 protected:
  void SetUp() override {
    convert_to_checkpoint(options_for("mojo", "mojo_tiny", folder_ / "d"));
    batch_ = read_tensors(testing::golden("mojo_tiny") / "io.safetensors");
    options_.checkpoint = folder_ / "d";
    options_.batch = folder_ / "batch.safetensors";
    options_.out = folder_ / "out.safetensors";
  }
  void forward() {
    write_tensors(options_.batch, batch_);
    forward_batch(options_);
  }
  TempFolder folder_;
  NamedTensors batch_;
  ForwardOptions options_;
};

TEST_F(ForwardOfMojo, NamesTheInputThatIsMissing) {
  batch_.erase("in.rnaseq.tokens");
  EXPECT_ERROR(forward(), "no tensor 'in.rnaseq.tokens', which the model needs; it has: in.meth");
  batch_ = {{"rnaseq.tokens", at::zeros({1, 112}, at::kLong)}};
  EXPECT_ERROR(forward(), "no tensor 'in.NAME'");
}

TEST_F(ForwardOfMojo, RefusesInputsOfAnotherKind) {
  batch_["in.rnaseq.tokens"] = at::zeros({3, 112});
  EXPECT_ERROR(forward(), "'in.rnaseq.tokens' must hold integer ids");
  batch_["in.rnaseq.tokens"] = at::full({3, 112}, -1, at::kLong);
  EXPECT_ERROR(forward(), "'in.rnaseq.tokens' has negative ids");
  batch_["in.rnaseq.tokens"] = at::zeros({3, 100}, at::kLong);
  EXPECT_ERROR(forward(), "'rnaseq.tokens' has shape [3, 100]; the model needs [samples, 112]");
}

TEST_F(ForwardOfMojo, LossNeedsLabels) {
  for (const auto* omic : {"rnaseq", "methylation"}) {
    batch_.erase(std::string("in.") + omic + ".mlm_labels");
  }
  EXPECT_NO_THROW(forward());
  options_.loss = true;
  options_.force = true;
  EXPECT_ERROR(forward(), "--loss needs labels");
}

class ConvertEnformer : public ::testing::Test {
 protected:
  ConvertEnformer() : weights_(read_tensors(options_.weights)) {}
  void convert() {
    options_.weights = folder_ / "w.safetensors";
    options_.force = true;
    write_tensors(options_.weights, weights_);
    convert_to_checkpoint(options_);
  }
  NamedTensors forward(const std::string& case_name, bool loss) {
    ForwardOptions options;
    options.checkpoint = folder_ / "d";
    options.batch = testing::golden(case_name) / "io.safetensors";
    options.out = folder_ / "out.safetensors";
    options.loss = loss;
    forward_batch(options);
    return read_tensors(options.out);
  }
  TempFolder folder_;
  ConvertOptions options_ = options_for("enformer", "enformer_tiny", folder_ / "d");
  NamedTensors weights_;
};

TEST_F(ConvertEnformer, OfABatchWithoutTargetForwardGivesTheOutputsAlone) {
  convert();
  const NamedTensors found = forward("enformer_tiny", true);
  GoldenCase("enformer_tiny").expect_reproduced(found, "out.");
  EXPECT_EQ(found.count("out.loss"), 0u);
}

TEST_F(ConvertEnformer, DropsTheTrunksSecondNamesIfTheyHoldTheSame) {
  const NamedTensors plain = weights_;
  weights_["_trunk.1.0.weight"] = weights_.at("stem.0.weight");
  weights_["_trunk.6.1.2.bias"] = weights_.at("final_pointwise.1.2.bias");
  convert();
  export_weights_file({folder_ / "d", "huggingface", folder_ / "back.safetensors", false});
  expect_same_tensors(read_tensors(folder_ / "back.safetensors"), plain);
  weights_["_trunk.1.0.weight"] = weights_.at("stem.0.weight") + 1;
  EXPECT_ERROR(convert(), "'_trunk.1.0.weight' and 'stem.0.weight' are two names of one tensor");
}

TEST_F(ConvertEnformer, TakesATrunkThatHasItsSecondNamesAlone) {
  const NamedTensors plain = weights_;
  weights_["_trunk.2.0.0.2.weight"] = weights_.at("conv_tower.0.0.2.weight");
  weights_.erase("conv_tower.0.0.2.weight");
  convert();
  export_weights_file({folder_ / "d", "huggingface", folder_ / "back.safetensors", false});
  expect_same_tensors(read_tensors(folder_ / "back.safetensors"), plain);
}

TEST_F(ConvertEnformer, HeadsAreThoseOfTheConfigAndElseThoseOfTheFile) {
  auto config = nlohmann::json::parse(read_text(options_.config));
  const auto outputs = [&] {
    options_.config = folder_.write("config.json", config.dump());
    convert();
    std::filesystem::remove(folder_ / "out.safetensors");
    const NamedTensors found = forward("enformer_tiny", false);
    return std::make_pair(found.count("out.human"), found.count("out.mouse"));
  };
  config["output_heads"] = {{"mouse", 5}};
  EXPECT_EQ(outputs(), std::make_pair(size_t{0}, size_t{1}));
  config["output_heads"] = 0;
  EXPECT_EQ(outputs(), std::make_pair(size_t{0}, size_t{0}));
  config.erase("output_heads");
  EXPECT_EQ(outputs(), std::make_pair(size_t{1}, size_t{1}));
  weights_.erase("_heads.human.0.weight");
  weights_.erase("_heads.human.0.bias");
  EXPECT_EQ(outputs(), std::make_pair(size_t{0}, size_t{1}));
}

TEST_F(ConvertEnformer, CountersStayWholeNumbers) {
  constexpr int64_t kNoFloat = (int64_t{1} << 24) + 1;
  weights_["final_pointwise.1.0.num_batches_tracked"] = at::scalar_tensor(kNoFloat, at::kLong);
  convert();
  export_weights_file({folder_ / "d", "huggingface", folder_ / "back.safetensors", false});
  const at::Tensor back =
      read_tensors(folder_ / "back.safetensors").at("final_pointwise.1.0.num_batches_tracked");
  EXPECT_EQ(back.scalar_type(), at::kLong);
  EXPECT_EQ(back.item<int64_t>(), kNoFloat);
}

}  // namespace
}  // namespace cohesin
