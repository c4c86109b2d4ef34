#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace cohesin {

struct EmbedSequencesOptions {
  std::filesystem::path checkpoint;  // run folder, checkpoint or Hugging Face folder
  std::filesystem::path fasta;       // plain, gzip or bgzip; "-" = standard input
  std::filesystem::path out;         // .h5ad, .npy, .tsv or .safetensors; see write_rows()
  int64_t layer = -1;                // hidden state; -1 = the last, after the final norm
  std::string pool = "mean";         // mean over the sequence's tokens, cls, or none: every token
  int64_t max_tokens = 4096;         // of a batch
  int64_t max_length = 0;            // tokens of a sequence; 0: those of the model's training
  int64_t window = 0;                // letters of a piece of longer sequences; 0: an error
  int64_t overlap = 0;               // letters that neighbouring pieces share
  std::vector<std::string> letters;  // settings of the tokenizer, "ambiguous=error"
  std::string precision = "auto";    // of matrix products: fp32 (auto) or bf16
  bool force = false;
};

// Embeds every record in the input's order. Sequences go through the model without padding, those
// of like length together, so that results do not depend on their neighbours. What is done stands
// in OUT.part with a digest of the input; the same options go on with it. Memory does not grow with
// the input, but for some bytes a record. Throws Error naming record and line, Interrupted after a
// signal.
//
// With `window`, a longer sequence is cut into pieces; the overlap is context: each token's row
// comes from the piece in which it lies farther from a cut. `mean` is over these rows, `cls` the
// mean of the pieces' <cls>.
void embed_sequences(const EmbedSequencesOptions& options);

// A piece [begin,end) of a sequence, and the letters of it whose rows count.
struct SequencePiece {
  int64_t begin = 0, end = 0;
  int64_t own_begin = 0, own_end = 0;
};
// Pieces of `window` letters that share `overlap`; cuts between own letters fall on multiples of
// `unit` letters from a piece's begin.
std::vector<SequencePiece> cut_into_pieces(int64_t num_letters, int64_t window, int64_t overlap,
                                           int64_t unit);

}  // namespace cohesin
