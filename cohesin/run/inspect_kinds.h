#pragma once

#include <filesystem>
#include <string>
#include <string_view>

// One function a kind of file or folder, for inspect.cpp alone. Each returns a JSON object that
// starts with `kind` and `path`, and throws Error where the content is broken.
namespace cohesin {

// Data (inspect_data.cpp).
std::string inspect_cohort(const std::filesystem::path& path);
std::string inspect_h5ad(const std::filesystem::path& path);
std::string inspect_tracks(const std::filesystem::path& path);
std::string inspect_text_table(const std::filesystem::path& path);  // told apart by its header

// Models and what they leave (inspect_model.cpp).
std::string inspect_safetensors(const std::filesystem::path& path);
std::string inspect_json_file(const std::filesystem::path& path);  // recipe or scores
std::string inspect_folder(const std::filesystem::path& path);     // checkpoint, run or crossval

// The JSON object of any of them as indented lines.
std::string json_as_lines(std::string_view json);

}  // namespace cohesin
