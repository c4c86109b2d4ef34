#include "cohesin/run/foreign_model.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

#include "cohesin/base/file.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/tensor/tensor_file.h"
#include "tests/golden_case.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// A reference case as a folder that one downloads.
fs::path download(const testing::TempFolder& folder, const std::string& name) {
  const fs::path to = folder / name;
  fs::create_directories(to);
  fs::copy(testing::golden(name) / "config.json", to / "config.json");
  fs::copy(testing::golden(name) / "weights.safetensors", to / "model.safetensors");
  fs::permissions(to / "model.safetensors", fs::perms::owner_write, fs::perm_options::add);
  return to;
}

void replace_weights(const fs::path& folder, const NamedTensors& tensors) {
  write_tensors(folder / "model.safetensors", tensors);
}

TEST(HuggingFaceFolder, IsACheckpointAsItStands) {
  const testing::TempFolder folder;
  for (const auto& [name, model] :
       std::map<std::string, std::string>{{"esm2_tiny", "esm2"},
                                          {"nt_v1_tiny", "nucleotide_transformer"},
                                          {"nt_v2_tiny", "nucleotide_transformer"}}) {
    const fs::path path = download(folder, name);
    ASSERT_TRUE(is_hugging_face_folder(path));
    const SequenceEncoder encoder = load_sequence_encoder(path);
    EXPECT_EQ(encoder.checkpoint.entry->name, model);
    testing::GoldenCase golden(name);
    const at::Tensor found = encoder.model->forward(golden.batch, {"logits"}).at("logits");
    EXPECT_LE((found - golden.expected.at("out.logits")).abs().max().item<double>(), 2e-4);
  }
}

TEST(HuggingFaceFolder, ShardsAreReadAsOneFile) {
  const testing::TempFolder folder;
  const fs::path path = download(folder, "esm2_tiny");
  NamedTensors all = read_tensors(path / "model.safetensors"), first, second;
  nlohmann::json index;
  for (const auto& [name, tensor] : all) {
    NamedTensors& part = first.size() < 20 ? first : second;
    part[name] = tensor;
    index["weight_map"][name] = &part == &first ? "a.safetensors" : "b.safetensors";
  }
  write_tensors(path / "a.safetensors", first);
  write_tensors(path / "b.safetensors", second);
  write_text(path / "model.safetensors.index.json", index.dump());
  fs::remove(path / "model.safetensors");
  const NamedTensors weights = load_sequence_encoder(path).checkpoint.weights();
  EXPECT_TRUE(at::equal(weights.at("lm_head_bias"), all.at("lm_head.bias")));
  fs::remove(path / "b.safetensors");
  EXPECT_ERROR(load_sequence_encoder(path), "b.safetensors");
}

TEST(HuggingFaceFolder, WhatCannotBeRightIsRefused) {
  const testing::TempFolder folder;
  const fs::path path = download(folder, "esm2_tiny");
  const NamedTensors whole = read_tensors(path / "model.safetensors");
  NamedTensors changed = whole;
  changed["esm.surprise.weight"] = at::zeros({2});
  replace_weights(path, changed);
  EXPECT_ERROR(load_sequence_encoder(path), "esm.surprise.weight");
  changed = whole;
  changed.at("lm_head.dense.bias") = whole.at("lm_head.dense.bias").clone().fill_(NAN);
  replace_weights(path, changed);
  EXPECT_ERROR(load_sequence_encoder(path), "'lm_head.dense.bias' holds 32 values that are no");
  replace_weights(path, whole);
  write_text(path / "vocab.txt", "<cls>\n<pad>\n<eos>\n<unk>\nA\nL\n");
  EXPECT_ERROR(load_sequence_encoder(path), "vocab.txt");
  fs::remove(path / "vocab.txt");
  write_text(path / "config.json", R"({"model_type": "bert", "vocab_size": 30522})");
  EXPECT_ERROR(load_sequence_encoder(path), "no model here reads this config; known are");
}

TEST(ForeignModel, ModelsWithoutATokenizerOfOursCanStillBeRead) {
  const testing::TempFolder folder;
  const fs::path path = download(folder, "nt_v1_tiny");
  auto json = nlohmann::json::parse(read_text(path / "config.json"));
  json["vocab_size"] = 70;
  write_text(path / "config.json", json.dump());
  NamedTensors tensors = read_tensors(path / "model.safetensors");
  for (auto& [name, tensor] : tensors) {
    if (tensor.dim() >= 1 && tensor.size(0) == 73) tensor = tensor.slice(0, 0, 70).clone();
  }
  replace_weights(path, tensors);
  ForeignModel foreign = read_hugging_face_folder(path);
  EXPECT_EQ(checkpoint_texts(foreign, {}).count("config.json"), 1U);
}

}  // namespace
}  // namespace cohesin
