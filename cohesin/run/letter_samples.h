#pragma once

#include "cohesin/omics/multi_omics.h"

namespace cohesin {

// Each letter of a cohort's sequences as a sample of its own, in order: "NAME:PLACE" with the place
// from 1, its `patient`, and of the column `target` (text, a character a letter) its character; '?'
// is not known. A cohort without such a column, where that is allowed, gives no labels; a sample
// whose text is empty has none known. Throws Error naming the first sample whose text has not the
// length of its sequence.
MultiOmics letters_as_samples(const MultiOmics& cohort, const std::string& target,
                              bool column_may_lack = false);

}  // namespace cohesin
