// Every model against its authors' code: outputs, loss and the gradient of every parameter.
#include <ATen/ATen.h>

#include "cohesin/base/file.h"
#include "cohesin/models/model_registry.h"
#include "tests/golden_case.h"

namespace cohesin {
namespace {

std::vector<std::string> names_of(const NamedTensors& tensors) {
  std::vector<std::string> names;
  for (const auto& [name, tensor] : tensors) names.push_back(name);
  return names;
}

std::shared_ptr<Model> load_golden(const testing::GoldenCase& golden, const std::string& model_name,
                                   const std::string& names, const std::string& weights_file) {
  const ModelEntry& entry = find_model(model_name);
  const auto config = entry.make_config();
  std::map<std::string, std::string> other_keys;
  read_json([&config](Fields& field) { config->visit(field); },
            read_text(golden.folder / "config.json"), "config.json", &other_keys);
  const NamedTensors theirs = read_tensors(golden.folder / weights_file);
  config->infer(shapes_of(theirs));
  auto model = make_model(*config);
  const NamedTensors own = module_weights(*model);
  const auto bindings = bind_weights(entry.names(names), names_of(own));
  const NamedTensors ours = import_weights(bindings, theirs, shapes_of(own), weights_file);
  load_module_weights(*model, ours, weights_file);
  const NamedTensors back = export_weights(bindings, module_weights(*model));
  EXPECT_EQ(names_of(back), names_of(theirs));
  for (const auto& [name, tensor] : theirs) EXPECT_TRUE(at::equal(back.at(name), tensor)) << name;
  model->eval();
  return model;
}

NamedTensors with_prefix(const NamedTensors& tensors, const std::string& prefix) {
  NamedTensors named;
  for (const auto& [name, tensor] : tensors) named[prefix + name] = tensor.detach();
  return named;
}

void expect_outputs_loss_and_gradients(const std::string& model_name,
                                       const std::string& case_name) {
  const testing::GoldenCase golden(case_name);
  const auto model = load_golden(golden, model_name, "haiku", "weights.safetensors");
  NamedTensors found =
      with_prefix(model->forward(golden.batch, Wanted::everything()).tensors, "out.");
  const ReferenceLoss reference = model->reference_loss(golden.batch);
  at::Tensor total = at::zeros({});
  for (const auto& [name, loss] : reference.losses) {
    found["out." + name] = loss.detach().reshape({1});
    total = total + loss;
  }
  total.backward();
  NamedTensors gradients;
  for (const auto& item : model->named_parameters()) gradients[item.key()] = item.value().grad();
  const auto bindings = bind_weights(find_model(model_name).names("haiku"), names_of(gradients));
  found.merge(with_prefix(export_weights(bindings, gradients), "grad."));
  for (const auto& [name, leaf] : reference.inputs) found["grad." + name] = leaf.grad();
  golden.expect_reproduced(found, "out.");
  golden.expect_reproduced(found, "grad.");
}

TEST(EveryModel, ReproducesItsAuthorsOutputsLossAndGradients) {
  expect_outputs_loss_and_gradients("mojo", "mojo_tiny");
  expect_outputs_loss_and_gradients("bulk_rna_bert", "bulk_rna_bert_tiny");
  expect_outputs_loss_and_gradients("omics_heads", "omics_heads");
}

TEST(EveryModel, HasATestAgainstItsAuthors) {
  EXPECT_EQ(model_registry().size(), 3u) << "add the new model's golden above";
}

TEST(BulkRnaBert, ReadsHuggingFaceWeightsToTheSameOutputs) {
  const testing::GoldenCase golden("bulk_rna_bert_tiny");
  const auto model = load_golden(golden, "bulk_rna_bert", "huggingface", "weights_hf.safetensors");
  NamedTensors found =
      with_prefix(model->forward(golden.batch, Wanted::everything()).tensors, "out.");
  found["out.mlm_loss"] = model->reference_loss(golden.batch).losses.at("mlm_loss").reshape({1});
  golden.expect_reproduced(found, "out.");
}

TEST(BulkRnaBert, IdsClampedByHandTrainTheLastRowAndNothingElseChanges) {
  const testing::GoldenCase golden("bulk_rna_bert_tiny");
  const auto model = load_golden(golden, "bulk_rna_bert", "haiku", "weights.safetensors");
  Batch clamped = golden.batch;
  clamped.tensors["mlm_tokens"] = clamped.at("mlm_tokens").clamp_max(63);
  model->reference_loss(clamped).losses.at("mlm_loss").backward();
  const at::Tensor reference =
      read_tensors(golden.folder / "io.safetensors").at("alt.expression_embedding_grad_if_clamped");
  for (const auto& item : model->named_parameters()) {
    if (item.key() != "token_embedding.weight") continue;
    EXPECT_LE((item.value().grad() - reference).abs().max().item<double>(), 7e-6);
  }
}

}  // namespace
}  // namespace cohesin
