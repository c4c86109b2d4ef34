#include "cohesin/io/fasta.h"

#include <algorithm>
#include <cassert>
#include <cctype>

#include "cohesin/base/error.h"

namespace cohesin {
namespace {

// What a file that begins with this line is, as far as one line tells; empty where it does not.
std::string guess_format(std::string_view line) {
  const auto begins = [line](std::string_view start) {
    return line.substr(0, start.size()) == start;
  };
  if (begins("@")) return "FASTQ or SAM";
  if (begins("LOCUS")) return "GenBank";
  if (begins("ID   ")) return "EMBL or Swiss-Prot text";
  if (begins("CLUSTAL")) return "a CLUSTAL alignment";
  if (begins("# STOCKHOLM")) return "a Stockholm alignment";
  if (begins("##fileformat=VCF")) return "VCF";
  if (begins("##gff")) return "GFF";
  if (begins("{") || begins("[")) return "JSON";
  if (begins("<")) return "a web page or XML";
  if (begins("version https://git-lfs")) return "a Git LFS pointer; fetch it with 'git lfs pull'";
  if (line.find('\t') != std::string_view::npos) return "a table";
  const bool is_letters = std::all_of(line.begin(), line.end(), [](char c) {
    return std::isalpha(static_cast<unsigned char>(c)) != 0 || c == '*' || c == '-';
  });
  return is_letters ? "a sequence without a header" : "";
}

}  // namespace

FastaReader::FastaReader(const std::filesystem::path& path, FastaOptions options)
    : options_(options), reader_(path == "-" ? std::filesystem::path("/dev/stdin") : path) {
  find_first_header();
}

void FastaReader::find_first_header() {
  constexpr size_t kShown = 40;
  std::string_view line;
  while (reader_.next_line(line)) {
    const std::string_view text = trim(line);
    if (text.empty()) continue;
    if (text.front() == '>') {
      take_header(text);
      return;
    }
    const std::string found = guess_format(text);
    reader_.fail("expected a FASTA header ('>' and a name), got '{}'{}", text.substr(0, kShown),
                 found.empty() ? "" : "; it looks like " + found);
  }
  throw Error("{}: holds no sequence; expected FASTA", reader_.path().string());
}

void FastaReader::take_header(std::string_view line) {
  if (line.find('\r') != std::string_view::npos)
    reader_.fail(
        "lines end in CR alone (old Macintosh); convert them, for example with: tr '\\r' '\\n'");
  if (line.size() < 2 || line[1] == ' ' || line[1] == '\t')
    reader_.fail("'>' without a name; every sequence needs one right after '>'");
  header_ = line;
  has_header_ = true;
  next_header_line_ = reader_.line_number();
}

void FastaReader::add_to_digest(std::string_view line) {
  if (!options_.digest) return;
  sum_.update(line);
  sum_.update("\n");
}

bool FastaReader::pass(std::string* letters) {
  if (!has_header_) return false;
  const std::string name = header_.substr(1, header_.find_first_of(" \t") - 1);
  header_line_ = next_header_line_;
  add_to_digest(header_);
  has_header_ = false;
  bool is_empty = true;
  std::string_view line;
  while (!has_header_ && reader_.next_line(line)) {
    const std::string_view text = trim(line);
    if (text.empty()) continue;
    if (text.front() == '>') {
      take_header(text);
      continue;
    }
    if (text.find('>') != std::string_view::npos)
      reader_.fail(
          "'>' inside a line of sequence '{}'; were files joined of which one lacked its last line "
          "end?",
          name);
    is_empty = false;
    add_to_digest(text);
    if (letters != nullptr) letters->append(text);
  }
  if (is_empty && !options_.allow_empty)
    throw Error("{}:{}: sequence '{}' has no letters; remove it, or complete the file",
                reader_.path().string(), header_line_, name);
  ++num_records_;
  return true;
}

bool FastaReader::next(Sequence& record) {
  if (!has_header_) return false;
  const std::string_view header = std::string_view(header_).substr(1);
  const size_t end = header.find_first_of(" \t");
  record.id = header.substr(0, end);
  record.description = end == std::string_view::npos ? "" : trim(header.substr(end));
  record.letters.clear();
  return pass(&record.letters);
}

void FastaReader::skip(int64_t count) {
  const int64_t before = num_records_;
  while (num_records_ < before + count)
    if (!pass(nullptr))
      throw Error("{}: has {} sequences, fewer than the {} that were read from it before",
                  reader_.path().string(), num_records_, before + count);
}

std::string FastaReader::digest() const {
  assert(options_.digest);
  return Sha256(sum_).finish();
}

}  // namespace cohesin
