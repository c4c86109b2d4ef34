#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "cohesin/io/hdf5.h"
#include "cohesin/omics/frame.h"

// The stored elements of AnnData's on-disk format (anndata.readthedocs.io, "fileformat-prose"),
// shared by h5ad and h5mu. Every element carries `encoding-type` and `encoding-version`.
namespace cohesin {

// A dataframe (encoding-version 0.2.0, or 0.1.0 with `__categories`). Columns: string-array,
// categorical (code -1 = missing), nullable integer, boolean and string, numbers; booleans become
// 0 and 1, integers beyond 2^53 text. Throws Error naming the column.
Frame read_frame(const Hdf5Group& parent, const std::string& name);

// Text columns are stored as categoricals where values repeat or are missing, else as
// string-arrays; numbers as int64 where all are whole and none is missing, else as float64.
// `index_name` is the index's name in pandas; a column of that name must equal the index.
void write_frame(Hdf5Group& parent, const std::string& name, const Frame& frame,
                 const std::string& index_name = "_index");

// A matrix [num_rows, num_columns], row-major: a dense dataset of any number type, or a CSR or CSC
// group; what a sparse one does not store is 0. Throws Error when its shape is another or its index
// structure is broken.
std::vector<float> read_matrix(const Hdf5Group& parent, const std::string& name, uint64_t num_rows,
                               uint64_t num_columns);

// The rows `rows`, in that order, of such a matrix. Of a dense or a CSR one no others are read.
std::vector<float> read_matrix_rows(const Hdf5Group& parent, const std::string& name,
                                    const std::vector<int64_t>& rows, uint64_t num_rows,
                                    uint64_t num_columns);

// The same checks without reading the values.
void check_matrix(const Hdf5Group& parent, const std::string& name, uint64_t num_rows,
                  uint64_t num_columns);

// A dense float32 matrix.
void write_matrix(Hdf5Group& parent, const std::string& name, std::span<const float> values,
                  uint64_t num_rows, uint64_t num_columns, int compression = 0);

// A group of named elements ("dict").
Hdf5Group create_mapping(Hdf5Group& parent, const std::string& name);

void mark_encoding(Hdf5Object& object, const std::string& type, const std::string& version);

}  // namespace cohesin
