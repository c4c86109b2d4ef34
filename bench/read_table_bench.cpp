// A table of numbers from CSV and gzipped CSV: read_table against std::getline + strtod, and
// against inflating the bytes alone (the floor for gzip).
#include <benchmark/benchmark.h>
#include <zlib.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include "cohesin/base/philox.h"
#include "cohesin/io/delimited.h"

namespace cohesin {
namespace {

constexpr int64_t kSamples = 500, kGenes = 17000;

std::string table_text() {
  std::string text = "sample";
  for (int64_t g = 0; g < kGenes; ++g) text += fmt::format(",GENE{}", g);
  RandomStream random(1, "bench");
  for (int64_t s = 0; s < kSamples; ++s) {
    text += fmt::format("\nsample{}", s);
    for (int64_t g = 0; g < kGenes; ++g)
      text += random.uniform() < 0.2 ? ",0.0" : fmt::format(",{:.4f}", 40 * random.uniform());
  }
  return text + "\n";
}

const std::filesystem::path& plain_file() {
  static const std::filesystem::path path = [] {
    auto name = std::filesystem::temp_directory_path() / "cohesin_bench.csv";
    std::ofstream(name) << table_text();
    return name;
  }();
  return path;
}

const std::filesystem::path& gzip_file() {
  static const std::filesystem::path path = [] {
    auto name = std::filesystem::temp_directory_path() / "cohesin_bench.csv.gz";
    const std::string text = table_text();
    gzFile file = gzopen(name.c_str(), "wb6");
    gzwrite(file, text.data(), static_cast<unsigned>(text.size()));
    gzclose(file);
    return name;
  }();
  return path;
}

void count_values(benchmark::State& state) {
  state.SetItemsProcessed(state.iterations() * kSamples * kGenes);
}

void naive_plain(benchmark::State& state) {
  for (auto step : state) {
    std::ifstream file(plain_file());
    std::string line, field;
    std::getline(file, line);
    std::vector<std::vector<float>> rows;
    while (std::getline(file, line)) {
      std::istringstream fields(line);
      std::getline(fields, field, ',');
      std::vector<float> row;
      while (std::getline(fields, field, ','))
        row.push_back(static_cast<float>(std::strtod(field.c_str(), nullptr)));
      rows.push_back(std::move(row));
    }
    benchmark::DoNotOptimize(rows.data());
  }
  count_values(state);
}

void ours(benchmark::State& state, const std::filesystem::path& path) {
  for (auto step : state) {
    const Table table = read_table(path);
    benchmark::DoNotOptimize(table.values.data());
  }
  count_values(state);
}
void read_table_plain(benchmark::State& state) { ours(state, plain_file()); }
void read_table_gzip(benchmark::State& state) { ours(state, gzip_file()); }

void inflate_alone(benchmark::State& state) {
  std::vector<char> buffer(1 << 20);
  for (auto step : state) {
    gzFile file = gzopen(gzip_file().c_str(), "rb");
    gzbuffer(file, 1 << 18);
    while (gzread(file, buffer.data(), static_cast<unsigned>(buffer.size())) > 0)
      benchmark::DoNotOptimize(buffer.data());
    gzclose(file);
  }
  count_values(state);
}

BENCHMARK(naive_plain)->Unit(benchmark::kMillisecond);
BENCHMARK(read_table_plain)->Unit(benchmark::kMillisecond);
BENCHMARK(inflate_alone)->Unit(benchmark::kMillisecond);
BENCHMARK(read_table_gzip)->Unit(benchmark::kMillisecond);

}  // namespace

}  // namespace cohesin

int main(int argc, char** argv) {
  cohesin::plain_file();  // made before the clock runs
  cohesin::gzip_file();
  benchmark::Initialize(&argc, argv);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
