#pragma once

#include <string>
#include <vector>

#include "cohesin/io/h5ad.h"
#include "cohesin/io/hdf5.h"

// An AnnData inside an open file: the root of an h5ad, or /mod/NAME of an h5mu.
namespace cohesin {

AnnotatedMatrix read_annotated(const Hdf5Group& group, const H5adWanted& wanted);

// X (left out where there is no feature), obs, var and the empty mappings that AnnData expects,
// except those in `others`, which the caller writes.
void write_annotated(Hdf5Group& group, const Table& table, const Frame& obs, const Frame& var,
                     const std::string& var_index_name, const std::vector<std::string>& others,
                     int compression);

// uns/unit; nothing is written for an empty unit.
void write_unit(Hdf5Group& uns, const std::string& unit);

}  // namespace cohesin
