// How long the embeddings of a FASTA file take, model loaded. Usage: sequence_encoder_bench
// CHECKPOINT FASTA fp32|bf16 [MAX_TOKENS]; prints seconds, tokens and the process's peak memory.
// bench/esm2_bench.py runs it beside the package that people use today.
#include <ATen/ATen.h>

#include <chrono>
#include <cstdio>
#include <string>
#include <vector>

#include "bench/peak_memory.h"
#include "cohesin/base/memory.h"
#include "cohesin/data/pack_by_length.h"
#include "cohesin/io/fasta.h"
#include "cohesin/run/sequence_encoder.h"

int main(int argc, char** argv) {
  using namespace cohesin;
  if (argc < 4) {
    std::fprintf(stderr, "usage: %s CHECKPOINT FASTA fp32|bf16 [MAX_TOKENS]\n", argv[0]);
    return 2;
  }
  keep_freed_memory();
  const SequenceEncoder encoder = load_sequence_encoder(argv[1], {}, argv[3]);
  const size_t max_tokens = argc > 4 ? std::stoul(argv[4]) : 4096;
  std::vector<std::vector<int32_t>> sequences;
  std::vector<size_t> lengths;
  FastaReader reader(argv[2]);
  SequenceChanges changes;
  size_t total = 0;
  for (Sequence sequence; reader.next(sequence);) {
    sequences.push_back(encoder.tokenizer.tokenize(sequence, changes).ids);
    lengths.push_back(sequences.back().size());
    total += lengths.back();
  }
  const std::string output = "hidden_states." + std::to_string(encoder.model->num_layers());
  forward_packed(*encoder.model, {&sequences.front()}, output);  // what happens once
  const auto start = std::chrono::steady_clock::now();
  double sum = 0;
  for (const auto& batch : pack_by_length(lengths, max_tokens)) {
    std::vector<const std::vector<int32_t>*> lists;
    for (const size_t i : batch) lists.push_back(&sequences[i]);
    for (const auto& rows : forward_packed(*encoder.model, lists, output))
      sum += rows.mean().item<double>();
  }
  const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
  std::printf("%.3f %zu %.2f %.9f\n", seconds.count(), total, peak_gigabytes(), sum);
  return 0;
}
