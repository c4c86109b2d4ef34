#include <torch/nn/module.h>

#include "cohesin/models/model_registry.h"
#include "cohesin/nn/adapter.h"
#include "tests/testing.h"

namespace cohesin {
namespace {

struct Numbers {
  int64_t adapter = 0, model = 0;
};

Numbers count_ia3(const std::string& model_name) {
  auto config = make_model_config(model_name);
  config->resolve();
  const auto model = make_model(*config);
  AdapterConfig adapter;
  adapter.name = "ia3";
  adapter.resolve("test");
  attach_adapter(*model, adapter, 0);
  Numbers numbers;
  for (const auto& item : model->named_parameters())
    (is_adapter_parameter(item.key()) ? numbers.adapter : numbers.model) += item.value().numel();
  return numbers;
}

// 0.0682 % of BulkRNABert, which Gelard et al. 2024 state as less than 0.07 %.
TEST(Ia3, HasThePublishedShareOfThePublishedModels) {
  const Numbers bulk = count_ia3("bulk_rna_bert");
  EXPECT_EQ(bulk.adapter, 4 * (256 + 256 + 512));
  EXPECT_NEAR(static_cast<double>(bulk.adapter) / static_cast<double>(bulk.model), 0.000682, 5e-7);
  EXPECT_EQ(count_ia3("mojo").adapter, 8 * (512 + 512 + 1024));
}

}  // namespace
}  // namespace cohesin
