#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cohesin/io/row_journal.h"
#include "cohesin/omics/frame.h"

namespace cohesin {

// The ends of names that write_rows() knows: ".h5ad", ".npy", ".tsv" of one row a record,
// ".safetensors" of any number. Throws Error for another, or one that cannot hold the rows.
void check_rows_path(const std::filesystem::path& path, bool one_row_a_record);

// What the journal holds as a file of the field, in the journal's order, whole or not at all;
// memory holds one block and the ids. h5ad: obsm/X_cohesin [N,D], obs names made unique by -1, -2,
// ..., the ids themselves in obs/id. npy: [N,D], ids in PATH.samples.txt. tsv: sample e0 e1 ...
// safetensors: `values` [rows,D], `offsets` [N+1] (record i has the rows offsets[i] up to
// offsets[i+1]), ids in PATH.samples.txt.
void write_rows(const RowJournal& journal, const std::filesystem::path& path);

// The rows as X of an h5ad with these frames, whose indices are made unique in the same way; one
// block at a time.
void write_rows_as_x(const RowJournal& journal, Frame obs, Frame var,
                     const std::filesystem::path& path);

// Each row as several of `var`'s length, one after the other: the first goes into X, the others
// into the layers of these names.
void write_rows_as_layers(const RowJournal& journal, Frame obs, Frame var,
                          const std::vector<std::string>& layers,
                          const std::filesystem::path& path);

}  // namespace cohesin
