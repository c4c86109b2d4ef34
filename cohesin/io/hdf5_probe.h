#pragma once

#include <filesystem>
#include <functional>

namespace cohesin {

// The HDF5 library takes a file's word for where its text lies and how long it is, and dies or eats
// the memory on some damaged ones (its global heap, H5HG_read). So a child process does the reading
// first, with a minute of processor time and memory in proportion to the file. If it is killed, or
// if `read` throws, this throws Error; otherwise the caller reads in this process and meets the
// same bytes. `read` must open the file itself and do what the caller will do, in the same order,
// but for the large numeric data.
void probe_hdf5(const std::filesystem::path& path, const std::function<void()>& read);

}  // namespace cohesin
