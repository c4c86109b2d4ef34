#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <variant>
#include <vector>

#include "cohesin/omics/frame.h"
#include "cohesin/omics/table.h"

namespace cohesin {

// A matrix beside X: one row a sample (obsm), or of X's shape (layers).
struct NamedMatrix {
  std::string name;  // "X_cohesin"
  size_t num_columns = 0;
  std::vector<float> values;  // [samples, num_columns], row-major
};

// A plain entry of `uns`.
using UnsValue = std::variant<std::string, double, std::vector<double>, std::vector<std::string>>;

// An AnnData: samples x features with a frame for each axis.
struct AnnotatedMatrix {
  Table table;  // X; samples = obs index, features = var index
  Frame obs;
  Frame var;
  std::string unit;  // uns/unit as written ("tpm"); empty where the file states none
  std::vector<NamedMatrix> obsm;
  std::vector<NamedMatrix> layers;
  std::map<std::string, UnsValue> uns;  // without `unit`
};

// What to read besides obs, var and uns.
struct H5adWanted {
  bool x = true;  // else it is checked, not read
  bool obsm = false;
  std::vector<std::string> layers;
};

// AnnData files of encoding-version 0.1.0 (anndata 0.7 and later; frames of both versions). X may
// be dense of any number type, CSR or CSC; it may be absent only where there is no feature. varm,
// obsp, varp, raw and nested or exotic entries of uns are not read. Throws Error naming the file
// and the path inside it.
AnnotatedMatrix read_h5ad(const std::filesystem::path& path, const H5adWanted& wanted = {});

// The same content gives the same bytes; written whole or not at all. `compression` 1..9 is gzip.
// The index of obs and var is that of `table`. Without features X is left out, as AnnData has it.
void write_h5ad(const AnnotatedMatrix& matrix, const std::filesystem::path& path,
                int compression = 0);

}  // namespace cohesin
