#include "cohesin/base/memory.h"

#include <malloc.h>

namespace cohesin {

void keep_freed_memory() {
  constexpr int kLargestKept = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, kLargestKept);
}

}  // namespace cohesin
