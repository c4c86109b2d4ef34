#include "cohesin/run/inspect.h"

#include <array>
#include <fstream>
#include <nlohmann/json.hpp>
#include <span>
#include <string_view>

#include "cohesin/base/error.h"
#include "cohesin/io/foreign_weights.h"
#include "cohesin/io/hdf5.h"
#include "cohesin/run/inspect_kinds.h"

namespace cohesin {
namespace {

using Json = nlohmann::ordered_json;

bool is_plain(const Json& json) {
  for (const auto& value : json)
    if (value.is_structured()) return false;
  return true;
}

std::string scalar_text(const Json& json) {
  if (json.is_number_float()) return fmt::format("{:.6g}", json.get<double>());
  return json.is_string() ? json.get<std::string>() : json.dump();
}

// On one line: "samples 769, features 500, unit tpm"; lists in brackets.
std::string inline_text(const Json& json) {
  if (!json.is_structured()) return scalar_text(json);
  std::string text;
  for (const auto& item : json.items()) {
    text += text.empty() ? "" : ", ";
    if (json.is_object()) text += item.key() + " ";
    text += inline_text(item.value());
  }
  return json.is_array() ? "[" + text + "]" : text;
}

void add_lines(const Json& object, const std::string& indent, std::string& text) {
  for (const auto& item : object.items()) {
    const Json& value = item.value();
    const bool nested = value.is_object() && !value.empty();
    if (nested && (indent.empty() || !is_plain(value)) && !value.contains("dtype")) {
      text += fmt::format("{}{}:\n", indent, item.key());
      add_lines(value, indent + "  ", text);
    } else if (value.is_array() && !is_plain(value)) {  // a table: a line or an entry a row
      text += fmt::format("{}{}:\n", indent, item.key());
      for (const auto& row : value) {
        std::string entry = indent + "    " + inline_text(row) + "\n";
        if (row.is_object() && !is_plain(row)) {
          entry.clear();
          add_lines(row, indent + "    ", entry);
        }
        text += entry.replace(indent.size(), 4, "  - ");
      }
    } else {
      text += fmt::format("{}{}: {}\n", indent, item.key(),
                          value.empty() ? "none" : inline_text(value));
    }
  }
}

std::string inspect_hdf5(const std::filesystem::path& path) {
  const Hdf5File file = Hdf5File::open(path);
  const Hdf5Group root = file.root();
  if (root.has_group("mod")) return inspect_cohort(path);
  if (root.has("obs") && root.has("var")) return inspect_h5ad(path);
  if (root.has("targets") && root.has("tracks")) return inspect_tracks(path);
  throw Error(
      "{}: an HDF5 file with neither /mod (MuData) nor /obs and /var (AnnData) nor /targets and "
      "/tracks (tracks along a genome)",
      path.string());
}

// Weights that are never read here, by their name or their first bytes, are refused with what to
// do.
void refuse_pickles(const std::filesystem::path& path, std::string_view start) {
  const std::string extension = path.extension().string();
  bool is_weights = false;
  for (const char* name : {".bin", ".pt", ".pth", ".ckpt", ".pkl", ".joblib"})
    is_weights = is_weights || extension == name;
  const bool is_pickle = start[0] == '\x80' && start[1] >= 2 && start[1] <= 5;
  const bool is_pytorch =
      start.starts_with("PK\x03\x04") && start.find("data.pkl") != std::string_view::npos;
  if (is_weights || is_pickle || is_pytorch)
    refuse_foreign_weights(std::as_bytes(std::span(start)), path);
}

std::string inspect_file(const std::filesystem::path& path) {
  const std::string extension = path.extension().string();
  if (is_hdf5(path) || extension == ".h5mu" || extension == ".h5ad") return inspect_hdf5(path);
  std::array<char, 512> start{};
  std::ifstream stream(path, std::ios::binary);
  stream.read(start.data(), start.size());
  if (stream.gcount() == 0) throw Error("{}: is empty", path.string());
  refuse_pickles(path, {start.data(), start.size()});
  // A safetensors header is a JSON object after 8 bytes of length, which no text has.
  const bool has_header = start[8] == '{' && start[7] == '\0';
  if (extension == ".safetensors" || has_header) return inspect_safetensors(path);
  if (extension == ".json" || start[0] == '{') return inspect_json_file(path);
  return inspect_text_table(path);
}

}  // namespace

std::string json_as_lines(std::string_view json) {
  std::string text;
  add_lines(Json::parse(json), "", text);
  return text;
}

std::string inspect(const InspectOptions& options) {
  const auto& path = options.path;
  std::error_code failure;
  const auto status = std::filesystem::status(path, failure);
  if (!std::filesystem::exists(status))
    throw Error("{}: there is no such file or folder", path.string());
  if (!std::filesystem::is_directory(status) && !std::filesystem::is_regular_file(status))
    throw Error("{}: is neither a file nor a folder", path.string());
  const std::string json =
      std::filesystem::is_directory(status) ? inspect_folder(path) : inspect_file(path);
  return options.json ? json : json_as_lines(json);
}

}  // namespace cohesin
