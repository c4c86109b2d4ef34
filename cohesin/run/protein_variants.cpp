#include "cohesin/run/protein_variants.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/progress.h"
#include "cohesin/io/text_table.h"
#include "cohesin/metrics/value_metrics.h"
#include "cohesin/run/protein_mutations.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/run/token_questions.h"

namespace cohesin {
namespace {

// Questions that stand in memory together, in batches.
constexpr int64_t kBatchesAChunk = 16;

struct Score {
  double reference = 0, alternative = 0;
};

// The part of a protein that the model sees when it is asked about one position.
struct Sight {
  int64_t begin = 0, end = 0;
  bool contains(int64_t position) const { return begin <= position && position < end; }
};

class ProteinScorer {
 public:
  ProteinScorer(const SequenceEncoder& encoder, const std::vector<Protein>& proteins,
                const ProteinVariantsOptions& options, int64_t window)
      : encoder_(encoder), proteins_(proteins), options_(options), window_(window) {}

  std::vector<Score> score(const std::vector<ProteinMutation>& mutations);

 private:
  using Site = std::pair<size_t, int64_t>;  // protein, position
  using Row = std::vector<double>;          // log probability of each word

  Sight sight(const std::string& letters, int64_t position) const;
  TokenQuestion question(const std::string& letters, int64_t position, bool hidden) const;
  int32_t token(char residue) const {
    const SequenceVocabulary& vocabulary = encoder_.tokenizer.vocabulary();
    return residue == '?' ? *vocabulary.unk : vocabulary.letter_id(residue);
  }
  std::map<Site, Row> site_rows(const std::set<Site>& sites) const;
  std::vector<Score> sum_over_sites(const std::vector<ProteinMutation>& mutations) const;
  // log p of the letter at each of these positions, hidden in its turn.
  std::vector<double> hidden_terms(const std::string& letters,
                                   const std::vector<int64_t>& positions) const;
  std::vector<Score> pseudo_likelihoods(const std::vector<ProteinMutation>& mutations) const;

  const SequenceEncoder& encoder_;
  const std::vector<Protein>& proteins_;
  const ProteinVariantsOptions& options_;
  int64_t window_;
};

Sight ProteinScorer::sight(const std::string& letters, int64_t position) const {
  const auto length = static_cast<int64_t>(letters.size());
  if (length <= window_) return {0, length};
  const int64_t begin = std::clamp<int64_t>(position - window_ / 2, 0, length - window_);
  return {begin, begin + window_};
}

TokenQuestion ProteinScorer::question(const std::string& letters, int64_t position,
                                      bool hidden) const {
  const Sight seen = sight(letters, position);
  const Sequence part{
      "", "",
      letters.substr(static_cast<size_t>(seen.begin), static_cast<size_t>(seen.end - seen.begin))};
  SequenceChanges none;
  std::vector<int32_t> ids = encoder_.tokenizer.tokenize_clean(part, none).ids;
  const int64_t added = encoder_.tokenizer.vocabulary().adds_cls ? 1 : 0;
  const int64_t place = position - seen.begin + added;
  if (hidden) return hide_token(*encoder_.model, std::move(ids), place);
  return {std::move(ids), {place}};
}

// Every site is asked about once, in chunks; questions about the same tokens are one pass.
std::map<ProteinScorer::Site, ProteinScorer::Row> ProteinScorer::site_rows(
    const std::set<Site>& sites) const {
  std::map<Site, Row> rows;
  Progress progress("scoring", static_cast<int64_t>(sites.size()), "positions");
  std::vector<Site> asked;
  std::vector<TokenQuestion> questions;
  const auto ask = [&] {
    const auto answers = answer(*encoder_.model, questions, options_.max_tokens,
                                [&progress](int64_t count) { progress.advance(count); });
    for (size_t i = 0; i < asked.size(); ++i) {
      const double* first = answers[i].const_data_ptr<double>();
      rows[asked[i]].assign(first, first + answers[i].numel());
    }
    asked.clear();
    questions.clear();
  };
  int64_t tokens = 0;
  for (const Site& site : sites) {
    asked.push_back(site);
    questions.push_back(
        question(proteins_[site.first].letters, site.second, options_.method == "masked"));
    tokens += static_cast<int64_t>(questions.back().ids.size());
    if (tokens < options_.max_tokens * kBatchesAChunk) continue;
    ask();
    tokens = 0;
  }
  if (!asked.empty()) ask();
  return rows;
}

std::vector<Score> ProteinScorer::sum_over_sites(
    const std::vector<ProteinMutation>& mutations) const {
  std::set<Site> sites;
  for (const auto& mutation : mutations)
    for (const auto& one : mutation.substitutions) sites.emplace(mutation.protein, one.position);
  const std::map<Site, Row> rows = site_rows(sites);
  std::vector<Score> scores;
  for (const auto& mutation : mutations) {
    Score& score = scores.emplace_back();
    for (const auto& one : mutation.substitutions) {
      const Row& row = rows.at({mutation.protein, one.position});
      score.reference += row[static_cast<size_t>(token(one.reference))];
      score.alternative += row[static_cast<size_t>(token(one.alternative))];
    }
  }
  return scores;
}

std::vector<double> ProteinScorer::hidden_terms(const std::string& letters,
                                                const std::vector<int64_t>& positions) const {
  std::vector<TokenQuestion> questions;
  questions.reserve(positions.size());
  for (const int64_t position : positions) questions.push_back(question(letters, position, true));
  const auto answers = answer(*encoder_.model, questions, options_.max_tokens);
  std::vector<double> terms;
  for (size_t i = 0; i < positions.size(); ++i) {
    const int32_t id = token(letters[static_cast<size_t>(positions[i])]);
    terms.push_back(answers[i].const_data_ptr<double>()[id]);
  }
  return terms;
}

std::vector<Score> ProteinScorer::pseudo_likelihoods(
    const std::vector<ProteinMutation>& mutations) const {
  std::map<size_t, std::vector<double>> wild_terms;             // by protein
  std::map<std::pair<size_t, std::string>, double> likelihood;  // by protein and changed letters
  std::vector<Score> scores;
  Progress progress("scoring", static_cast<int64_t>(mutations.size()), "variants");
  for (const auto& mutation : mutations) {
    const std::string& wild = proteins_[mutation.protein].letters;
    std::vector<double>& terms = wild_terms[mutation.protein];
    if (terms.empty()) {
      std::vector<int64_t> all(wild.size());
      for (size_t i = 0; i < all.size(); ++i) all[i] = static_cast<int64_t>(i);
      terms = hidden_terms(wild, all);
    }
    std::string changed = wild;
    for (const auto& one : mutation.substitutions)
      changed[static_cast<size_t>(one.position)] = one.alternative;
    const auto [known, is_new] = likelihood.emplace(std::pair(mutation.protein, changed), 0);
    if (is_new) {
      // What does not see the change stays as it was.
      std::vector<int64_t> positions;
      for (size_t i = 0; i < wild.size(); ++i) {
        const Sight seen = sight(wild, static_cast<int64_t>(i));
        const bool sees = std::any_of(mutation.substitutions.begin(), mutation.substitutions.end(),
                                      [&](const auto& one) { return seen.contains(one.position); });
        if (sees)
          positions.push_back(static_cast<int64_t>(i));
        else
          known->second += terms[i];
      }
      for (const double term : hidden_terms(changed, positions)) known->second += term;
    }
    double sum = 0;
    for (const double term : terms) sum += term;
    scores.push_back({sum, changed == wild ? sum : known->second});
    progress.advance();
  }
  return scores;
}

std::vector<Score> ProteinScorer::score(const std::vector<ProteinMutation>& mutations) {
  return options_.method == "pll" ? pseudo_likelihoods(mutations) : sum_over_sites(mutations);
}

// Residues that the model sees at once.
int64_t sight_of(const ProteinVariantsOptions& options, const SequenceEncoder& encoder) {
  const SequenceModel& model = *encoder.model;
  if (options.window < 0) throw Error("--window {}: expected 1 or more", options.window);
  if (options.window == 0) return encoder.tokenizer.max_letters(model.trained_tokens());
  const int64_t bound = encoder.tokenizer.max_letters(model.max_tokens());
  if (model.max_tokens() > 0 && options.window > bound)
    throw Error("--window {}: the model has positions for {} residues", options.window, bound);
  return options.window;
}

void check_encoder(const SequenceEncoder& encoder, const std::filesystem::path& path) {
  if (encoder.tokenizer.alphabet() != Alphabet::kProtein)
    throw Error("{}: reads {}, not proteins; --protein needs a protein model such as ESM-2",
                path.string(), alphabet_name(encoder.tokenizer.alphabet()));
  if (encoder.tokenizer.config().mode != "policies")
    throw Error("{}: its tokenizer's 'mode' is {}; positions are known in mode policies alone",
                path.string(), encoder.tokenizer.config().mode);
}

void say_what_is_windowed(const std::vector<Protein>& proteins, int64_t window) {
  for (const auto& protein : proteins) {
    const auto length = static_cast<int64_t>(protein.letters.size());
    if (length <= window) continue;
    log_info(
        "'{}' has {} residues, more than the {} that the model sees: each position is scored "
        "in a window of {} around it",
        protein.name, length, window, window);
  }
}

std::optional<EffectAgreement> agreement(const TextTable& table, const std::string& compare,
                                         const std::vector<double>& effects) {
  if (compare.empty()) return std::nullopt;
  const std::vector<double> measured = numbers_of_column(table, compare);
  std::vector<double> ours, theirs;
  for (size_t i = 0; i < effects.size(); ++i) {
    if (std::isnan(effects[i]) || std::isnan(measured[i])) continue;
    ours.push_back(effects[i]);
    theirs.push_back(measured[i]);
  }
  if (ours.empty())
    throw Error("{}: no scored row has a number in column '{}'", table.path.string(), compare);
  return EffectAgreement{spearman_correlation(theirs, ours), static_cast<int64_t>(ours.size())};
}

}  // namespace

std::optional<EffectAgreement> score_protein_variants(const ProteinVariantsOptions& options) {
  if (options.method != "masked" && options.method != "wild-type" && options.method != "pll")
    throw Error("--method {}: expected masked, wild-type or pll", options.method);
  if (options.max_tokens < 1)
    throw Error("--max-tokens {}: expected 1 or more", options.max_tokens);
  require_absent_or_force(options.out, options.force);
  const SequenceEncoder encoder = load_sequence_encoder(options.checkpoint);
  check_encoder(encoder, options.checkpoint);
  const int64_t window = sight_of(options, encoder);
  TextTable table = read_text_table(options.mutations);
  for (const char* name : {"reference", "alternative", "effect"})
    if (std::find(table.header.begin(), table.header.end(), name) != table.header.end())
      throw Error("{}: has a column '{}' already, which would be written; rename it",
                  table.path.string(), name);
  if (!options.compare.empty()) numbers_of_column(table, options.compare);  // before the work
  const std::vector<Protein> proteins = read_proteins(options.protein, encoder.tokenizer);
  const std::vector<ProteinMutation> mutations =
      read_mutations(table, options.column, proteins, options.offset);
  say_what_is_windowed(proteins, window);
  const CatchStopSignals signals;
  const std::vector<Score> scores =
      ProteinScorer(encoder, proteins, options, window).score(mutations);
  std::vector<double> effects(table.rows.size(), std::numeric_limits<double>::quiet_NaN());
  for (const char* name : {"reference", "alternative", "effect"}) table.header.emplace_back(name);
  for (auto& row : table.rows) row.resize(table.header.size());
  for (size_t i = 0; i < mutations.size(); ++i) {
    std::vector<std::string>& row = table.rows[mutations[i].row];
    const double effect = scores[i].alternative - scores[i].reference;
    effects[mutations[i].row] = effect;
    const auto field = row.end() - 3;
    field[0] = fmt::format("{:.7g}", scores[i].reference);
    field[1] = fmt::format("{:.7g}", scores[i].alternative);
    field[2] = fmt::format("{:.7g}", effect);
  }
  write_text_table(table, options.out);
  log_info("{}: {} variants scored by {}", options.out.string(), mutations.size(), options.method);
  return agreement(table, options.compare, effects);
}

}  // namespace cohesin
