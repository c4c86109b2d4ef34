#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "cohesin/encode/sequence_tokenizer.h"

namespace cohesin {

// Walks over a sequence, each in one pass; tokens and the places where they begin are appended.

// k-mers side by side, cut from the left and anew after each N; the rest of a piece as single
// letters. '?' is <unk>; every other letter must be in the vocabulary.
void append_kmers(std::string_view letters, const SequenceVocabulary& vocabulary,
                  SequenceTokens& tokens);

// One token a letter; '?' is <unk>, every other letter must be in the vocabulary.
void append_letters(std::string_view letters, const SequenceVocabulary& vocabulary,
                    SequenceTokens& tokens);

// As EsmTokenizer of the transformers library: the longest word of the vocabulary at each place,
// special words such as <mask> too; white space separates and vanishes; a run of anything else is
// one <unk>. Returns where the first such run begins, if there is one.
std::optional<size_t> append_hub_words(std::string_view text, const SequenceVocabulary& vocabulary,
                                       SequenceTokens& tokens);

}  // namespace cohesin
