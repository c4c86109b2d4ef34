#include "cohesin/train/freeze.h"

#include <algorithm>
#include <optional>
#include <regex>
#include <string>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

std::optional<int64_t> block_of(const std::string& parameter_name) {
  static const std::regex kBlock(R"((?:^|\.)transformer\.(\d{1,6})\.)");
  std::smatch match;
  if (!std::regex_search(parameter_name, match, kBlock)) return std::nullopt;
  return std::stoll(match[1]);
}

}  // namespace

void apply_freeze(Trainable& trainable, const Freeze& freeze) {
  const auto parameters = trainable.module().named_parameters();
  int64_t num_blocks = 0;
  for (const auto& item : parameters) {
    num_blocks = std::max(num_blocks, block_of(item.key()).value_or(-1) + 1);
  }
  if (freeze.last_blocks > num_blocks) {
    throw Error("freeze=last:{0} trains the last {0} transformer blocks; the model has {1}",
                freeze.last_blocks, num_blocks);
  }
  const bool freezes = freeze.all || freeze.last_blocks >= 0;
  const int64_t first_trained = freeze.all ? num_blocks : num_blocks - freeze.last_blocks;
  for (const auto& item : parameters) {
    const bool in_trained_block = block_of(item.key()).value_or(-1) >= first_trained;
    const bool is_new = trainable.is_head(item.key()) || trainable.is_adapter(item.key());
    item.value().requires_grad_(!freezes || in_trained_block || is_new);
  }
}

}  // namespace cohesin
