#pragma once

namespace cohesin {

// Asks the C library (glibc) to keep large blocks that were freed for the next ones:
// a model allocates the same sizes again and again, and each fresh block costs page faults. For
// programs, at their start; a library leaves the choice to its host.
void keep_freed_memory();

}  // namespace cohesin
