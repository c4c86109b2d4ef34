#include "cohesin/run/embed_sequences.h"

#include <ATen/ATen.h>
#include <torch/nn/module.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "cohesin/base/error.h"
#include "cohesin/base/file.h"
#include "cohesin/base/interrupt.h"
#include "cohesin/base/log.h"
#include "cohesin/base/progress.h"
#include "cohesin/data/pack_by_length.h"
#include "cohesin/io/fasta.h"
#include "cohesin/io/row_files.h"
#include "cohesin/run/foreign_model.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/train/checkpoint.h"

namespace cohesin {
namespace {

namespace fs = std::filesystem;

// Records that are read, sorted and embedded together: so many tokens, or so many records. A kill
// loses one such window.
constexpr size_t kBatchesAWindow = 4, kRecordsAWindow = 4096;

// One record on its way: its tokens, in pieces.
struct Record {
  std::string id;
  std::vector<SequencePiece> pieces;
  std::vector<SequenceTokens> tokens;  // of each piece
};

class SequenceEmbedder {
 public:
  SequenceEmbedder(const EmbedSequencesOptions& options)
      : options_(options),
        encoder_(load_sequence_encoder(options.checkpoint, options.letters, options.precision)),
        limit_(options.max_length > 0 ? options.max_length : encoder_.model->trained_tokens()) {
    check_settings();
    const int64_t last = encoder_.model->num_layers();
    output_ = "hidden_states." + std::to_string(options.layer < 0 ? last : options.layer);
  }

  // What makes the rows what they are.
  std::string settings() const {
    nlohmann::ordered_json json;
    json["model"] = model_digest();
    json["output"] = output_;
    json["pool"] = options_.pool;
    json["max_length"] = limit_;
    json["window"] = options_.window;
    json["overlap"] = options_.overlap;
    json["precision"] = options_.precision == "bf16" ? "bf16" : "fp32";
    json["tokenizer"] = nlohmann::json::parse(write_config(encoder_.tokenizer.config()));
    return json.dump();
  }
  int64_t width() const { return encoder_.model->embedding_dim(); }

  // The next records, so many as go through the model together; false when these are the last.
  bool read(FastaReader& reader, std::vector<Record>& records);
  RowBlock embed(const std::vector<Record>& records);
  const SequenceChanges& changes() const { return changes_; }

 private:
  Record tokenize(const Sequence& sequence);
  void check_settings() const;
  std::string model_digest() const;
  // The rows of one record, pooled, added to `block`.
  void add_rows(const Record& record, const at::Tensor* pieces, RowBlock& block) const;
  at::Tensor own_rows(const Record& record, size_t piece, const at::Tensor& rows_ND) const;

  const EmbedSequencesOptions& options_;
  SequenceEncoder encoder_;
  int64_t limit_;
  std::string output_;
  SequenceChanges changes_;
};

void SequenceEmbedder::check_settings() const {
  const EmbedSequencesOptions& o = options_;
  const SequenceModel& model = *encoder_.model;
  if (o.layer < -1 || o.layer > model.num_layers())
    throw Error("--layer {}: the model has 0 (what enters the first layer) to {}, or -1 (the last)",
                o.layer, model.num_layers());
  if (o.pool != "mean" && o.pool != "cls" && o.pool != "none")
    throw Error("--pool {}: expected mean, cls or none", o.pool);
  if (o.pool == "cls" && !encoder_.tokenizer.vocabulary().adds_cls)
    throw Error("--pool cls: the model has no <cls> token");
  if (o.max_tokens < 1) throw Error("--max-tokens {}: expected 1 or more", o.max_tokens);
  if (model.max_tokens() > 0 && limit_ > model.max_tokens())
    throw Error("--max-length {}: the model has positions for {} tokens", limit_,
                model.max_tokens());
  const int64_t k = std::max<int64_t>(1, encoder_.tokenizer.vocabulary().k);
  if (o.window < 0 || o.overlap < 0 || (o.window == 0 && o.overlap > 0) ||
      (o.window > 0 && o.overlap >= o.window))
    throw Error("--window {} --overlap {}: the overlap must be less than the window", o.window,
                o.overlap);
  if (o.window % k != 0 || o.overlap % k != 0)
    throw Error("--window {} --overlap {}: expected multiples of {}, the letters of a token",
                o.window, o.overlap, k);
  if (o.window > encoder_.tokenizer.max_letters(limit_))
    throw Error("--window {}: {} tokens hold at most {} letters", o.window, limit_,
                encoder_.tokenizer.max_letters(limit_));
}

std::string SequenceEmbedder::model_digest() const {
  if (!is_hugging_face_folder(options_.checkpoint))
    return weights_digest(resolve_checkpoint(options_.checkpoint));
  return foreign_weights_digest(options_.checkpoint);
}

Record SequenceEmbedder::tokenize(const Sequence& sequence) {
  Record record;
  record.id = sequence.id;
  // Cut after cleaning: what becomes of a letter, as of a stop, depends on the whole sequence.
  const std::string letters = encoder_.tokenizer.clean(sequence, changes_).letters;
  SequenceTokens whole = encoder_.tokenizer.tokenize_clean({sequence.id, "", letters}, changes_);
  const auto num_tokens = static_cast<int64_t>(whole.ids.size());
  const auto num_letters = static_cast<int64_t>(letters.size());
  if (num_tokens <= limit_) {
    record.pieces = {{0, num_letters, 0, num_letters}};
    record.tokens.push_back(std::move(whole));
    return record;
  }
  if (options_.window == 0)
    throw Error(
        "'{}' has {} tokens, more than the {} that the model takes{}; pass --window {} "
        "(with --overlap) to embed longer sequences in pieces{}",
        sequence.id, num_tokens, limit_,
        options_.max_length > 0 ? " (--max-length)" : " by its training",
        encoder_.tokenizer.max_letters(limit_),
        encoder_.model->max_tokens() == 0
            ? fmt::format(", or --max-length {} to go beyond its training", num_tokens)
            : "");
  const int64_t k = std::max<int64_t>(1, encoder_.tokenizer.vocabulary().k);
  record.pieces = cut_into_pieces(num_letters, options_.window, options_.overlap, k);
  SequenceChanges counted_already;
  for (const auto& piece : record.pieces) {
    const Sequence part{sequence.id, "",
                        letters.substr(static_cast<size_t>(piece.begin),
                                       static_cast<size_t>(piece.end - piece.begin))};
    record.tokens.push_back(encoder_.tokenizer.tokenize_clean(part, counted_already));
    if (static_cast<int64_t>(record.tokens.back().ids.size()) > limit_)
      throw Error("'{}': {} letters give {} tokens, more than {}; pass a smaller --window",
                  sequence.id, options_.window, record.tokens.back().ids.size(), limit_);
  }
  return record;
}

bool SequenceEmbedder::read(FastaReader& reader, std::vector<Record>& records) {
  const size_t window_tokens = static_cast<size_t>(options_.max_tokens) * kBatchesAWindow;
  size_t tokens = 0;
  for (Sequence sequence; records.size() < kRecordsAWindow && tokens < window_tokens;) {
    if (!reader.next(sequence)) return false;
    try {
      records.push_back(tokenize(sequence));
    } catch (const Error& error) {
      throw Error("{}:{}: {}", options_.fasta.string(), reader.header_line(), error.what());
    }
    for (const auto& piece : records.back().tokens) tokens += piece.ids.size();
  }
  return true;
}

// The rows of the sequence's own tokens that this piece answers for.
at::Tensor SequenceEmbedder::own_rows(const Record& record, size_t piece,
                                      const at::Tensor& rows_ND) const {
  const SequencePiece& part = record.pieces[piece];
  const std::vector<int64_t>& starts = record.tokens[piece].starts;
  std::vector<int64_t> own;
  for (size_t i = 0; i < starts.size(); ++i) {
    if (starts[i] == SequenceTokens::kAdded) continue;
    const int64_t letter = part.begin + starts[i];
    if (letter >= part.own_begin && letter < part.own_end) own.push_back(static_cast<int64_t>(i));
  }
  const auto count = static_cast<int64_t>(own.size());
  if (count > 0 && own.back() - own.front() + 1 == count)
    return rows_ND.narrow(0, own.front(), count);
  return rows_ND.index_select(0, at::tensor(own, at::kLong));
}

void SequenceEmbedder::add_rows(const Record& record, const at::Tensor* pieces,
                                RowBlock& block) const {
  std::vector<at::Tensor> parts;
  for (size_t i = 0; i < record.pieces.size(); ++i)
    parts.push_back(options_.pool == "cls" ? pieces[i].narrow(0, 0, 1)
                                           : own_rows(record, i, pieces[i]));
  at::Tensor rows_ND = parts.size() == 1 ? parts.front() : at::cat(parts);
  if (options_.pool != "none") {
    if (rows_ND.size(0) == 0)
      throw Error("'{}' has no letter that the model reads: there is nothing to average",
                  record.id);
    rows_ND = rows_ND.mean(0, true);
  }
  rows_ND = rows_ND.contiguous();
  block.ids.push_back(record.id);
  block.num_rows.push_back(rows_ND.size(0));
  const float* first = rows_ND.const_data_ptr<float>();
  block.values.insert(block.values.end(), first, first + rows_ND.numel());
}

RowBlock SequenceEmbedder::embed(const std::vector<Record>& records) {
  std::vector<const std::vector<int32_t>*> pieces;
  std::vector<size_t> num_tokens;
  for (const auto& record : records) {
    for (const auto& tokens : record.tokens) {
      pieces.push_back(&tokens.ids);
      num_tokens.push_back(tokens.ids.size());
    }
  }
  std::vector<at::Tensor> rows(pieces.size());
  for (const auto& batch : pack_by_length(num_tokens, static_cast<size_t>(options_.max_tokens))) {
    stop_here_if_requested();
    std::vector<const std::vector<int32_t>*> lists;
    for (const size_t i : batch) lists.push_back(pieces[i]);
    const auto given = forward_packed(*encoder_.model, lists, output_);
    for (size_t i = 0; i < batch.size(); ++i) rows[batch[i]] = given[i];
  }
  RowBlock block;
  size_t first = 0;
  for (const auto& record : records) {
    add_rows(record, &rows[first], block);
    first += record.pieces.size();
  }
  return block;
}

// Goes to where the journal ends, if the input is still the one it was begun with.
void go_on(FastaReader& reader, const RowJournal& journal, const fs::path& part) {
  if (journal.num_records() == 0) return;
  reader.skip(journal.num_records());
  if (reader.digest() != journal.mark())
    throw Error(
        "{}: was begun with another input: its first {} records are not those of this file; pass "
        "--force to begin anew",
        part.string(), journal.num_records());
  log_info("going on after {} records of {}", journal.num_records(), part.string());
}

}  // namespace

std::vector<SequencePiece> cut_into_pieces(int64_t num_letters, int64_t window, int64_t overlap,
                                           int64_t unit) {
  std::vector<SequencePiece> pieces;
  const int64_t step = window - overlap, shared = overlap / 2 / unit * unit;
  for (int64_t begin = 0;; begin += step) {
    const int64_t end = std::min(num_letters, begin + window);
    const int64_t own_begin = begin == 0 ? 0 : begin + shared;
    if (!pieces.empty()) pieces.back().own_end = own_begin;
    pieces.push_back({begin, end, own_begin, end});
    if (end == num_letters) return pieces;
  }
}

void embed_sequences(const EmbedSequencesOptions& options) {
  check_rows_path(options.out, options.pool != "none");
  require_absent_or_force(options.out, options.force);
  const fs::path part = options.out.string() + ".part";
  if (options.force) fs::remove(part);
  SequenceEmbedder embedder(options);
  RowJournal journal(part, embedder.settings(), embedder.width());
  const CatchStopSignals signals;
  FastaReader reader(options.fasta, {.allow_empty = false, .digest = true});
  go_on(reader, journal, part);
  Progress progress("embedding", 0, "sequences");
  progress.start_at(journal.num_records());
  try {
    for (bool more = true; more;) {
      std::vector<Record> records;
      more = embedder.read(reader, records);
      if (records.empty()) break;
      const std::string digest = reader.digest();
      journal.append(embedder.embed(records), digest);
      progress.advance(static_cast<int64_t>(records.size()));
    }
  } catch (const Interrupted&) {
    log_warning("what is done stands in {}; the same command goes on with it", part.string());
    throw;
  }
  for (const auto& line : embedder.changes().describe()) log_warning("{}", line);
  write_rows(journal, options.out);
  fs::remove(part);
  log_info("{}: {} sequences, {} rows of {} numbers", options.out.string(), journal.num_records(),
           journal.num_rows(), journal.width());
}

}  // namespace cohesin
