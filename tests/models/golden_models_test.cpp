// Every model against its authors' code: outputs, loss and the gradient of every parameter.
#include <ATen/ATen.h>

#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/models/encoders/nucleotide_transformer.h"
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
  NamedTensors theirs = read_tensors(golden.folder / weights_file);
  config->tidy_foreign(theirs, weights_file);
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
  for (const auto& [name, tensor] : tensors) {
    if (tensor.defined()) named[prefix + name] = tensor.detach();
  }
  return named;
}

// `tensors` under the authors' names.
NamedTensors exported(const NamedTensors& tensors, const WeightMap& map,
                      const std::string& prefix) {
  return with_prefix(export_weights(bind_weights(map, names_of(tensors)), tensors), prefix);
}

// By the names that the model's authors use first. `not_ours` begins the names of further outputs.
void expect_outputs_loss_and_gradients(const std::string& model_name, const std::string& case_name,
                                       const std::string& not_ours = "") {
  testing::GoldenCase golden(case_name);
  if (!not_ours.empty()) golden.leave_out(not_ours);
  const std::string names = find_model(model_name).weight_names.front().first;
  const auto model = load_golden(golden, model_name, names, "weights.safetensors");
  NamedTensors found =
      with_prefix(model->forward(golden.batch, Wanted::everything()).tensors, "out.");
  const ReferenceLoss reference = model->reference_loss(golden.batch);
  at::Tensor total = at::zeros({});
  for (const auto& [name, loss] : reference.losses) {
    found["out." + name] = loss.detach().reshape({1});
    total = total + loss;
  }
  if (!reference.losses.empty()) total.backward();
  NamedTensors gradients;
  for (const auto& item : model->named_parameters()) {
    if (item.value().grad().defined()) gradients[item.key()] = item.value().grad();
  }
  const WeightMap& map = find_model(model_name).names(names);
  found.merge(exported(gradients, map, "grad."));
  found.merge(exported(reference.after, map, "out.after."));
  for (const auto& [name, leaf] : reference.inputs) found["grad." + name] = leaf.grad();
  golden.expect_reproduced(found, "out.");
  if (!reference.losses.empty()) golden.expect_reproduced(found, "grad.");
}

TEST(EveryModel, ReproducesItsAuthorsOutputsLossAndGradients) {
  expect_outputs_loss_and_gradients("mojo", "mojo_tiny");
  expect_outputs_loss_and_gradients("bulk_rna_bert", "bulk_rna_bert_tiny");
  expect_outputs_loss_and_gradients("omics_heads", "omics_heads");
  expect_outputs_loss_and_gradients("esm2", "esm2_tiny");
  expect_outputs_loss_and_gradients("nucleotide_transformer", "nt_v1_tiny");
  expect_outputs_loss_and_gradients("nucleotide_transformer", "nt_v2_tiny", "out.jax.");
  expect_outputs_loss_and_gradients("enformer", "enformer_tiny_train");
}

TEST(EveryModel, HasATestAgainstItsAuthors) {
  EXPECT_EQ(model_registry().size(), 6u) << "add the new model's golden above";
}

TEST(Enformer, ReproducesItsAuthorsOutputsFromIdsAndFromOneHot) {
  const testing::GoldenCase golden("enformer_tiny");
  const auto model = load_golden(golden, "enformer", "huggingface", "weights.safetensors");
  const at::NoGradGuard no_grad;
  for (const auto* input : {"indices", "one_hot"}) {
    Batch batch;
    batch.tensors[input] = golden.batch.at(input);
    golden.expect_reproduced(
        with_prefix(model->forward(batch, Wanted::everything()).tensors, "out."), "out.");
  }
}

// The JAX code has another eps, and other values at pads, which mean nothing in either.
TEST(NucleotideTransformer, ReadsJaxWeightsToTheJaxOutputsAndGradients) {
  const testing::GoldenCase golden("nt_v2_tiny");
  NucleotideTransformerConfig config;
  std::map<std::string, std::string> other_keys;
  nlohmann::json json = nlohmann::json::parse(read_text(golden.folder / "config.json"));
  json.erase("layer_norm_eps");
  read_json([&config](Fields& field) { config.visit(field); }, json.dump(), "config", &other_keys);
  NamedTensors theirs = read_tensors(golden.folder / "weights_haiku.safetensors");
  config.infer(shapes_of(theirs));
  NucleotideTransformer model(config);
  EXPECT_EQ(model.encoder_config().layer_norm_eps, 1e-5);
  const NamedTensors own = module_weights(model);
  const auto bindings = bind_weights(nucleotide_transformer_haiku_names(), names_of(own));
  load_module_weights(model, import_weights(bindings, theirs, shapes_of(own), "haiku"), "haiku");
  model.eval();
  const NamedTensors outputs = model.forward(golden.batch, Wanted::everything()).tensors;
  const at::Tensor is_token = golden.batch.at("attention_mask").to(at::kBool);
  for (const std::string name : {"1", "2", "3"}) {
    const at::Tensor expected = golden.expected.at("out.jax.embeddings." + name).index({is_token});
    const at::Tensor found = outputs.at("hidden_states." + name).index({is_token});
    EXPECT_LE((found - expected).abs().max().item<double>(), 4e-5) << name;
  }
  const at::Tensor difference = outputs.at("logits") - golden.expected.at("out.jax.logits");
  EXPECT_LE(difference.index({is_token}).abs().max().item<double>(), 6e-5);
  const at::Tensor loss = model.reference_loss(golden.batch).losses.at("mlm_loss");
  EXPECT_NEAR(loss.item<double>(), golden.expected.at("out.jax.mlm_loss").item<double>(), 5e-6);
  loss.backward();
  const NamedTensors gradients = read_tensors(golden.folder / "grad_haiku.safetensors");
  double largest = 0;
  for (const auto& [name, gradient] : gradients)
    largest = std::max(largest, gradient.abs().max().item<double>());
  NamedTensors found;
  for (const auto& item : model.named_parameters()) found[item.key()] = item.value().grad();
  for (const auto& [name, gradient] : export_weights(bindings, found)) {
    const std::string key = gradients.count("grad." + name) ? "grad." + name : name;
    EXPECT_LE((gradient - gradients.at(key)).abs().max().item<double>(), 5e-5 * largest) << name;
  }
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
