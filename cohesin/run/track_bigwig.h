#pragma once

#include <filesystem>
#include <vector>

#include "cohesin/io/bigwig.h"
#include "cohesin/io/row_journal.h"
#include "cohesin/omics/frame.h"

namespace cohesin {

// ".bw", ".bigwig" or ".bigWig".
bool is_bigwig_path(const std::filesystem::path& path);

// The file of each track: `out` itself for one, for several OUT.TRACK.bw, with _ for what is no
// letter, number, '.', '-' or '+' in the name. Throws Error when there are more than 200, or two
// would have one file.
std::vector<std::filesystem::path> bigwig_paths(const std::filesystem::path& out,
                                                const std::vector<std::string>& tracks);

// Rows of the journal (chrom, start and end in `obs`) as one bigWig a track, into `paths`.
void write_rows_as_bigwigs(const RowJournal& journal, const Frame& obs,
                           const std::map<std::string, int64_t>& chrom_lengths,
                           const std::vector<std::filesystem::path>& paths);

}  // namespace cohesin
