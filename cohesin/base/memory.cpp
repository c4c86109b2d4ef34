#include "cohesin/base/memory.h"

#include <cstdlib>
#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace cohesin {

void keep_freed_memory() {
#ifdef __GLIBC__
  constexpr int kLargestKept = 1 << 30;
  mallopt(M_MMAP_THRESHOLD, kLargestKept);
  mallopt(M_TRIM_THRESHOLD, kLargestKept);
#endif
}

}  // namespace cohesin
