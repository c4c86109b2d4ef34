// The other side of anndata_roundtrip.py: `write FOLDER` makes files of known content for anndata
// and mudata to open; `show FILE` prints what our readers found in theirs, as JSON.
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <string>

#include "cohesin/io/h5ad.h"
#include "cohesin/io/h5mu.h"
#include "cohesin/io/npy.h"

namespace cohesin {
namespace {

using nlohmann::json;

MultiOmics known_cohort() {
  MultiOmics cohort;
  cohort.obs.index = {"S1", "S2", "S3", "S4"};
  cohort.obs.set({"patient", std::vector<std::string>{"P1", "P1", "P2", "P3"}});
  cohort.obs.set({"subtype", std::vector<std::string>{"LumA", "", "Basal", "LumA"}});
  cohort.obs.set({"time_days", std::vector<double>{10, 20.5, std::nan(""), 3}});
  cohort.obs.set({"event", std::vector<double>{1, 0, 1, 0}});
  Modality rna{"rnaseq", Unit::kTpm, {}, {"A", ""}, {}};
  rna.table = {{"S1", "S2", "S3"}, {"ENSG1", "ENSG2"}, {1, 2, 3, 4, 5, kNotMeasured}};
  Modality methylation{"methylation", Unit::kBeta, {}, {"A", "C", "D"}, {}};
  methylation.table = {{"S4", "S2"}, {"ENSG1", "ENSG3", "ENSG4"}, {.1F, .2F, .3F, .4F, .5F, .6F}};
  cohort.modalities = {rna, methylation};
  index_samples(cohort);
  return cohort;
}

AnnotatedMatrix known_matrix() {
  AnnotatedMatrix matrix;
  matrix.table = {{"S1", "S2", "S3"}, {"g1", "g2"}, {1, 2, 3, kNotMeasured, 5, 6.5F}};
  matrix.obs.index = matrix.table.samples;
  matrix.obs.set({"id", std::vector<std::string>{"x", "y", "z"}});
  matrix.obs.set({"label", std::vector<std::string>{"a", "", "a"}});
  matrix.var.index = matrix.table.features;
  matrix.unit = "tpm";
  matrix.obsm.push_back({"X_cohesin", 3, {1, 2, 3, 4, 5, 6, 7, 8, 9}});
  matrix.layers.push_back({"count", 2, {0, 1, 2, 3, 4, 5}});
  matrix.uns = {{"p_value", 1e-4}, {"background", std::vector<double>{0.3, 0.2, 0.2, 0.3}}};
  return matrix;
}

void write_files(const std::filesystem::path& folder) {
  write_h5mu(known_cohort(), folder / "cohort.h5mu");
  write_h5mu(known_cohort(), folder / "cohort_gzip.h5mu", 4);
  write_h5ad(known_matrix(), folder / "matrix.h5ad");
  AnnotatedMatrix embedding;
  embedding.table.samples = embedding.obs.index = {"S1", "S2"};
  embedding.obsm.push_back({"X_cohesin", 2, {1, 2, 3, 4}});
  write_h5ad(embedding, folder / "embedding.h5ad");
  write_npy(folder / "embedding.npy", embedding.obsm[0].values, {2, 2});
}

json as_json(const Column& column) {
  auto values = json::array();
  if (column.is_text()) return column.text();
  for (const double number : column.numbers())
    values.push_back(std::isnan(number) ? json() : json(number));
  return values;
}

json as_json(const std::vector<float>& values) {
  return as_json(Column{"", std::vector<double>(values.begin(), values.end())});
}

json as_json(const Frame& frame) {
  json shown{{"index", frame.index}, {"columns", json::object()}};
  for (const auto& column : frame.columns) shown["columns"][column.name] = as_json(column);
  return shown;
}

json show_cohort(const std::filesystem::path& path) {
  std::vector<std::string> unitless;
  const MultiOmics cohort = read_h5mu(path, &unitless);
  json shown{{"obs", as_json(cohort.obs)}, {"unitless", unitless}, {"mod", json::object()}};
  for (const auto& modality : cohort.modalities)
    shown["mod"][modality.name] = {
        {"unit", unit_name(modality.unit)},    {"samples", modality.table.samples},
        {"features", modality.table.features}, {"gene_names", modality.gene_names},
        {"row_of", modality.row_of},           {"X", as_json(modality.table.values)}};
  return shown;
}

json show_matrix(const std::filesystem::path& path) {
  const AnnotatedMatrix matrix = read_h5ad(path, {true, true, {}});
  json shown{{"obs", as_json(matrix.obs)},
             {"var", as_json(matrix.var)},
             {"unit", matrix.unit},
             {"X", as_json(matrix.table.values)},
             {"obsm", json::object()}};
  for (const auto& part : matrix.obsm) shown["obsm"][part.name] = as_json(part.values);
  return shown;
}

}  // namespace
}  // namespace cohesin

int main(int argc, char** argv) {
  const std::string verb = argc == 3 ? argv[1] : "";
  const std::filesystem::path path = argc == 3 ? argv[2] : "";
  try {
    if (verb == "write") {
      cohesin::write_files(path);
    } else if (verb == "show") {
      const auto shown =
          path.extension() == ".h5mu" ? cohesin::show_cohort(path) : cohesin::show_matrix(path);
      std::puts(shown.dump().c_str());
    } else {
      std::fputs("usage: anndata_tool write FOLDER | show FILE\n", stderr);
      return 2;
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "error: %s\n", error.what());
    return 1;
  }
  return 0;
}
