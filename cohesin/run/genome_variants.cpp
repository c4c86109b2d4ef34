#include "cohesin/run/genome_variants.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/progress.h"
#include "cohesin/io/genome.h"
#include "cohesin/io/text_writer.h"
#include "cohesin/io/vcf.h"
#include "cohesin/io/vcf_info.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/run/token_questions.h"
#include "cohesin/run/variant_placement.h"
#include "cohesin/run/variant_windows.h"

namespace cohesin {
namespace {

// Variants that are scored together: as many as give so many batches.
constexpr int64_t kBatchesAChunk = 16;

constexpr const char* kHeader =
    "chrom\tpos\tid\tref\talt\tallele\tsample\thaplotype\ttranscript\ttarget\treference\t"
    "alternative\teffect\tconsequence\n";

// Keys of INFO: the table's targets.
const std::vector<VcfInfo> kTargets = {
    {"log_likelihood_ratio", "log-likelihood of the allele's tokens minus that of the reference's"},
    {"embedding_distance", "1 - cosine of the mean last hidden states of both windows"},
    {"embedding_l2", "Euclidean distance of the mean last hidden states of both windows"}};

bool is_vcf(const std::filesystem::path& path) {
  const std::string name = path.filename().string();
  return name.ends_with(".vcf") || name.ends_with(".vcf.gz");
}

struct VariantEffect {
  VcfVariant variant;
  double reference = 0, alternative = 0;  // log-likelihoods
  double distance = 0, l2 = 0;
};

// Rows of the table, or effects by line and allele.
class EffectWriter {
 public:
  explicit EffectWriter(const GenomeVariantsOptions& options) : options_(options) {
    if (is_vcf(options.out)) {
      check_vcf_info(options.vcf, kTargets);
      return;
    }
    table_ = std::make_unique<TextWriter>(options.out);
    table_->write(kHeader);
  }
  void write(const std::vector<VariantEffect>& effects) {
    for (const auto& effect : effects) {
      const VcfVariant& v = effect.variant;
      if (!table_)
        values_[{v.line, v.allele}] = {effect.alternative - effect.reference, effect.distance,
                                       effect.l2};
      else
        table_->write(rows(effect));
    }
  }
  void commit() {
    if (table_) return table_->commit();
    add_vcf_info(options_.vcf, options_.out, kTargets, values_);
  }

 private:
  static std::string rows(const VariantEffect& effect) {
    const VcfVariant& v = effect.variant;
    const std::string start = fmt::format("{}\t{}\t{}\t{}\t{}\t{}\t\t\t\t", v.chrom, v.position,
                                          v.id, v.ref, v.alt, v.allele);
    return fmt::format("{}{}\t{:.7g}\t{:.7g}\t{:.7g}\t\n", start, kTargets[0].id, effect.reference,
                       effect.alternative, effect.alternative - effect.reference) +
           fmt::format("{}{}\t\t\t{:.7g}\t\n", start, kTargets[1].id, effect.distance) +
           fmt::format("{}{}\t\t\t{:.7g}\t\n", start, kTargets[2].id, effect.l2);
  }

  const GenomeVariantsOptions& options_;
  std::unique_ptr<TextWriter> table_;
  VcfAlleleValues values_;
};

class VariantScorer {
 public:
  VariantScorer(const GenomeVariantsOptions& options, const SequenceEncoder& encoder);

  // Takes the variant in, unless it is left out; throws Error without the place.
  void add(const VcfVariant& variant, const Genome& genome, VariantCounts& counts);
  bool is_full() const { return num_tokens_ >= options_.max_tokens * kBatchesAChunk; }
  // The effects of all that was taken in, which then is done.
  std::vector<VariantEffect> score();

  int64_t num_scored() const { return num_scored_; }
  int64_t width() const { return width_; }

 private:
  struct Pending {
    VcfVariant variant;
    AlleleTokens reference, alternative;
  };

  // Questions for the tokens of an allele, each hidden by itself.
  void ask(const AlleleTokens& allele, std::vector<TokenQuestion>& questions) const;

  const GenomeVariantsOptions& options_;
  const SequenceEncoder& encoder_;
  int64_t width_ = 0, limit_ = 0;  // letters and tokens of a window
  std::vector<Pending> pending_;
  int64_t num_tokens_ = 0, num_scored_ = 0;
};

VariantScorer::VariantScorer(const GenomeVariantsOptions& options, const SequenceEncoder& encoder)
    : options_(options), encoder_(encoder) {
  const SequenceModel& model = *encoder.model;
  const SequenceVocabulary& vocabulary = encoder.tokenizer.vocabulary();
  if (encoder.tokenizer.alphabet() != Alphabet::kDna || !vocabulary.mask || vocabulary.k == 0)
    throw Error("{}: --genome needs a language model of DNA such as the Nucleotide Transformer",
                options.checkpoint.string());
  limit_ = model.trained_tokens();
  width_ = encoder.tokenizer.max_letters(limit_);
  if (options.window == 0) return;
  const int64_t k = vocabulary.k;
  if (options.window < 2 * k || options.window % k != 0)
    throw Error("--window {}: expected a multiple of {}, the letters of a token, and at least {}",
                options.window, k, 2 * k);
  if (options.window > width_ && model.max_tokens() > 0)
    throw Error("--window {}: the model has positions for {} bases", options.window, width_);
  if (options.window > width_) limit_ = options.window / k + (vocabulary.adds_cls ? 1 : 0);
  width_ = options.window;
}

void VariantScorer::add(const VcfVariant& variant, const Genome& genome, VariantCounts& counts) {
  const auto* stretch = place_variant(variant, genome, width_ / 2, width_ - width_ / 2,
                                      {options_.out_of_range, options_.ref_mismatch, "N"}, counts);
  if (stretch == nullptr) return;
  const VariantWindows windows = variant_windows(*stretch, variant, width_);
  Pending pending{variant, tokenize_allele(windows.reference, encoder_.tokenizer, limit_),
                  tokenize_allele(windows.alternative, encoder_.tokenizer, limit_)};
  for (const auto* allele : {&pending.reference, &pending.alternative})
    num_tokens_ +=
        static_cast<int64_t>(allele->tokens.ids.size()) * (1 + allele->end - allele->begin);
  pending_.push_back(std::move(pending));
}

void VariantScorer::ask(const AlleleTokens& allele, std::vector<TokenQuestion>& questions) const {
  for (int64_t place = allele.begin; place < allele.end; ++place)
    questions.push_back(hide_token(*encoder_.model, allele.tokens.ids, place));
}

std::vector<VariantEffect> VariantScorer::score() {
  std::vector<TokenQuestion> questions;
  std::vector<TokenSpan> spans;
  const int64_t added = encoder_.tokenizer.vocabulary().adds_cls ? 1 : 0;
  for (const Pending& pending : pending_) {
    for (const auto* allele : {&pending.reference, &pending.alternative}) {
      ask(*allele, questions);
      spans.push_back({allele->tokens.ids, added, static_cast<int64_t>(allele->tokens.ids.size())});
    }
  }
  const auto answers = answer(*encoder_.model, questions, options_.max_tokens);
  const auto means = mean_embeddings(*encoder_.model, spans, options_.max_tokens);
  size_t next = 0;
  const auto log_likelihood = [&](const AlleleTokens& allele) {
    double sum = 0;
    for (int64_t place = allele.begin; place < allele.end; ++place)
      sum +=
          answers[next++].const_data_ptr<double>()[allele.tokens.ids[static_cast<size_t>(place)]];
    return sum;
  };
  std::vector<VariantEffect> effects;
  for (size_t i = 0; i < pending_.size(); ++i) {
    VariantEffect& effect = effects.emplace_back();
    effect.variant = std::move(pending_[i].variant);
    effect.reference = log_likelihood(pending_[i].reference);
    effect.alternative = log_likelihood(pending_[i].alternative);
    const at::Tensor &a = means[2 * i], &b = means[2 * i + 1];
    const double cosine = (a.dot(b) / (a.norm() * b.norm())).item<double>();
    effect.distance = std::max(0.0, 1 - cosine);
    effect.l2 = (a - b).norm().item<double>();
  }
  num_scored_ += static_cast<int64_t>(pending_.size());
  pending_.clear();
  num_tokens_ = 0;
  return effects;
}

void check_choices(const GenomeVariantsOptions& options) {
  check_rules({options.out_of_range, options.ref_mismatch, "N"});
  if (options.max_tokens < 1)
    throw Error("--max-tokens {}: expected 1 or more", options.max_tokens);
  std::string name = options.out.filename().string();
  if (name.ends_with(".gz")) name.resize(name.size() - 3);
  if (!name.ends_with(".tsv") && !name.ends_with(".vcf"))
    throw Error("{}: name it .tsv (a table) or .vcf (effects in INFO), either with .gz",
                options.out.string());
}

}  // namespace

void score_genome_variants(const GenomeVariantsOptions& options) {
  check_choices(options);
  require_absent_or_force(options.out, options.force);
  const SequenceEncoder encoder = load_sequence_encoder(options.checkpoint);
  VariantScorer scorer(options, encoder);
  VcfReader reader(options.vcf);
  const Genome genome(options.genome);
  const CatchStopSignals signals;
  VariantCounts counts;
  EffectWriter writer(options);
  Progress progress("scoring", 0, "variants");
  int64_t num_read = 0;
  for (VcfVariant variant; reader.next(variant); ++num_read) {
    try {
      scorer.add(variant, genome, counts);
    } catch (const Error& error) {
      throw Error("{}:{}: {}", options.vcf.string(), variant.line, error.what());
    }
    progress.advance();
    if (scorer.is_full()) writer.write(scorer.score());
  }
  writer.write(scorer.score());
  for (const auto& [why, count] : reader.skipped())
    log_warning("{}: {} alleles passed over: {}", options.vcf.string(), count, why);
  counts.report(options.vcf.string());
  if (scorer.num_scored() == 0)
    throw Error("{}: none of its {} variants could be scored with {}", options.vcf.string(),
                num_read, options.genome.string());
  writer.commit();
  log_info("{}: {} variants scored in windows of {} bases", options.out.string(),
           scorer.num_scored(), scorer.width());
}

}  // namespace cohesin
