#pragma once

#include <hdf5.h>

#include <string>

#include "cohesin/base/error.h"
#include "cohesin/io/hdf5.h"

// What hdf5.cpp and hdf5_writer.cpp share; the only header that shows the C library.
namespace cohesin::hdf5 {

// Before the first use of the library: reasons go into Errors, not to stderr, and the library does
// nothing at exit (every file is closed by its owner; after a full disk its clean-up would crash).
void prepare_library();

// The innermost reason that the library recorded for its last failure.
std::string last_reason();

// Passes a handle or status on; a negative one becomes an Error: "WHERE: WHAT: REASON".
template <typename T>
T check(T result, const std::string& where, const char* what) {
  if (result < 0) throw Error("{}: {}: {}", where, what, last_reason());
  return result;
}

template <typename T>
hid_t memory_type();

// Variable-length UTF-8 text, as h5py writes it.
Hdf5Handle make_text_type(const std::string& where);

}  // namespace cohesin::hdf5
