#include "cohesin/data/sequence_dataset.h"

#include <ATen/Functions.h>

#include "tests/testing.h"

namespace cohesin {
namespace {

std::vector<int64_t> numbers(const at::Tensor& tensor) {
  const auto* first = tensor.const_data_ptr<int64_t>();
  return {first, first + tensor.numel()};
}

SequenceDataset dataset_of(const std::vector<std::string>& sequences, SequenceLimit limit = {}) {
  auto cohort = std::make_shared<MultiOmics>();
  for (size_t i = 0; i < sequences.size(); ++i) cohort->obs.index.push_back(fmt::format("s{}", i));
  cohort->sequences.push_back({"sequence", sequences});
  return {cohort, std::make_shared<const SequenceTokenizer>(SequenceTokenizerConfig{}), limit};
}

TEST(SequenceDataset, PacksTokensOfSequences) {
  const Batch batch = dataset_of({"LAG", "V"}).batch({1, 0});
  EXPECT_EQ(numbers(batch.at("input_ids")), (std::vector<int64_t>{0, 7, 2, 0, 4, 5, 6, 2}));
  EXPECT_EQ(numbers(batch.at("lengths")), (std::vector<int64_t>{3, 5}));
  EXPECT_EQ(numbers(batch.at("letter_rows")), (std::vector<int64_t>{1, 4, 5, 6}));
  EXPECT_EQ(numbers(batch.at("letters_of")), (std::vector<int64_t>{0, 1, 1, 1}));
}

TEST(SequenceDataset, LettersAreNumberedThroughTheCohort) {
  // A gap is removed: letter 2 (0-based) of the first sequence has no token.
  const SequenceDataset dataset = dataset_of({"LA-G", "VS"});
  EXPECT_EQ(dataset.letters_in({1, 0}), (std::vector<int64_t>{4, 5, 0, 1, 3}));
}

TEST(SequenceDataset, CropsToTheBeginningOrToADrawnWindow) {
  const SequenceDataset dataset = dataset_of({"LAGVSERT"}, {5, true});
  EXPECT_EQ(numbers(dataset.batch({0}).at("input_ids")), (std::vector<int64_t>{0, 4, 5, 6, 2}));
  std::set<std::vector<int64_t>> windows;
  for (uint64_t epoch = 0; epoch < 60; ++epoch) {
    const auto ids = numbers(dataset.batch({0}, CropAddress{1, epoch}).at("input_ids"));
    ASSERT_EQ(ids.size(), 5U);
    EXPECT_EQ(ids.front(), 0);
    EXPECT_EQ(ids.back(), 2);
    EXPECT_EQ(ids[3] - ids[1], 2);  // neighbours in this alphabet's order
    windows.insert(ids);
    EXPECT_EQ(ids, numbers(dataset.batch({0}, CropAddress{1, epoch}).at("input_ids")));
  }
  EXPECT_EQ(windows.size(), 6U);
  EXPECT_EQ(dataset.letters_in({0}), (std::vector<int64_t>{0, 1, 2}));
}

TEST(SequenceDataset, RefusesWhatItCannotShow) {
  EXPECT_ERROR(dataset_of({"LAGV"}, {5, false}), "'s0' has 6 tokens, more than the 5");
  EXPECT_ERROR(dataset_of({"LAG", "--"}), "'s1' has no letter that the model reads");
}

TEST(MaskTokens, HidesOnlyLettersAndSaysWhatTheyWere) {
  const SequenceDataset dataset = dataset_of({std::string(4000, 'L'), std::string(500, 'K')});
  Batch batch = dataset.batch({0, 1});
  const at::Tensor before = batch.at("input_ids").clone();
  const at::Tensor labels = mask_tokens(batch, dataset, {0, 1}, {0.2, 0.8, 0.1}, 3, 5);
  const at::Tensor& after = batch.at("input_ids");
  const at::Tensor selected = labels != -100;
  EXPECT_TRUE(at::equal(labels.masked_select(selected), before.masked_select(selected)));
  EXPECT_TRUE(at::equal(after.masked_select(selected.logical_not()),
                        before.masked_select(selected.logical_not())));
  EXPECT_FALSE(selected[0].item<bool>());
  const double share = selected.sum().item<double>() / 4500;
  EXPECT_NEAR(share, 0.2, 0.02);
  const at::Tensor shown = after.masked_select(selected);
  EXPECT_NEAR((shown == 32).to(at::kDouble).mean().item<double>(), 0.8, 0.04);
  EXPECT_NEAR((shown == before.masked_select(selected)).to(at::kDouble).mean().item<double>(), 0.1,
              0.03);
  EXPECT_TRUE(((shown >= 4) & (shown <= 32)).all().item<bool>());  // no special word but <mask>
  // The choice for a sample does not depend on its batch.
  Batch alone = dataset.batch({1});
  const at::Tensor again = mask_tokens(alone, dataset, {1}, {0.2, 0.8, 0.1}, 3, 5);
  EXPECT_TRUE(at::equal(again, labels.slice(0, 4002)));
}

}  // namespace
}  // namespace cohesin
