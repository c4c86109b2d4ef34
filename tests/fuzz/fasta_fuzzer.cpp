// Any bytes are either FASTA, whose records every tokenizer takes or refuses, or an Error.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "cohesin/base/error.h"
#include "cohesin/encode/sequence_tokenizer.h"
#include "cohesin/io/fasta.h"

namespace {

std::vector<cohesin::SequenceTokenizer> make_tokenizers() {
  std::vector<cohesin::SequenceTokenizer> made;
  for (const char* name : {"esm", "nt", "one_hot"}) {
    for (const char* mode : {"policies", "hub", "original"}) {
      cohesin::SequenceTokenizerConfig config;
      config.name = name;
      config.mode = mode;
      if (config.name == "one_hot" && config.mode == "hub") continue;
      made.emplace_back(config);
    }
  }
  return made;
}

void tokenize(const cohesin::SequenceTokenizer& tokenizer, const cohesin::Sequence& record) {
  cohesin::SequenceChanges changes;
  try {
    const auto tokens = tokenizer.tokenize(record, changes);
    tokenizer.decode(tokens.ids);
    if (tokens.ids.size() != tokens.starts.size()) __builtin_trap();
    for (const int64_t start : tokens.starts)
      if (start >= static_cast<int64_t>(record.letters.size())) __builtin_trap();
  } catch (const cohesin::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  static const auto kTokenizers = make_tokenizers();
  const int file = memfd_create("fuzz", 0);
  if (write(file, data, size) != static_cast<ssize_t>(size)) __builtin_trap();
  try {
    cohesin::FastaReader reader("/dev/fd/" + std::to_string(file),
                                {.allow_empty = true, .digest = true});
    for (cohesin::Sequence record; reader.next(record);)
      for (const auto& tokenizer : kTokenizers) tokenize(tokenizer, record);
    if (reader.digest().size() != 64) __builtin_trap();
  } catch (const cohesin::Error&) {
  }
  close(file);
  return 0;
}
