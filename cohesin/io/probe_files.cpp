#include "cohesin/io/probe_files.h"

#include <algorithm>
#include <cctype>
#include <optional>
#include <set>
#include <string_view>

#include "cohesin/base/error.h"
#include "cohesin/io/delimited.h"
#include "cohesin/io/text_reader.h"

namespace cohesin {

namespace {

// Names of columns, without case and what is no letter or digit; the first that is there counts.
constexpr std::string_view kProbeColumns[] = {"probe",
                                              "probes",
                                              "probeid",
                                              "probeids",
                                              "ilmnid",
                                              "name",
                                              "id",
                                              "idref",
                                              "cpg",
                                              "compositeelementref",
                                              "compositeelement"};
constexpr std::string_view kGeneColumns[] = {
    "gene",          "genes",           "geneid",    "ensembl",    "ensemblid",
    "ensemblgeneid", "genename",        "symbol",    "genesymbol", "hugo",
    "hugosymbol",    "ucscrefgenename", "genesuniq", "genenames"};
constexpr std::string_view kChromosomeColumns[] = {"chromosome", "chrom", "chr", "cpgchrm"};

std::string plain_name(std::string_view name) {
  std::string plain;
  for (const unsigned char c : name)
    if (std::isalnum(c) != 0) plain += static_cast<char>(std::tolower(c));
  return plain;
}

template <typename Names>
std::optional<size_t> find_column(const std::vector<std::string>& header, const Names& names) {
  for (const auto name : names) {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found != header.end()) return static_cast<size_t>(found - header.begin());
  }
  return std::nullopt;
}

// "chrX", "x" and "X" are one.
std::string plain_chromosome(std::string_view name) {
  std::string plain;
  for (const unsigned char c : trim(name)) plain += static_cast<char>(std::toupper(c));
  return plain.starts_with("CHR") ? plain.substr(3) : plain;
}

// Fields between separators; quotes may hold them, as in a manifest saved by a spreadsheet.
std::vector<std::string> cut(const std::string& line, char separator) {
  std::vector<std::string> fields(1);
  bool quoted = false;
  for (const char c : line) {
    if (c == '"') {
      quoted = !quoted;
    } else if (c == separator && !quoted) {
      fields.emplace_back();
    } else {
      fields.back() += c;
    }
  }
  for (auto& field : fields) field = trim(field);
  return fields;
}

class ProbeMapParser {
 public:
  ProbeMapParser(const std::filesystem::path& path, const ProbeMapOptions& options)
      : reader_(path) {
    for (const auto& name : options.without_chromosomes) {
      const std::string plain = plain_chromosome(name);
      if (plain.empty()) throw Error("--without-chromosomes: a name is empty");
      left_out_.insert(plain);
    }
  }

  ProbeMap parse();

 private:
  bool next_record(std::string& line);
  void skip_to_assay();
  bool take_columns(const std::vector<std::string>& header);
  bool read_header(const std::string& line);
  void read_pair(const std::string& line);
  void check_chromosomes() const;

  TextReader reader_;
  char separator_ = 0;
  size_t num_fields_ = 0, probe_ = 0, gene_ = 1;
  std::optional<size_t> chromosome_;
  std::set<std::string> left_out_, seen_chromosomes_;
  ProbeMap map_;
};

bool ProbeMapParser::next_record(std::string& line) {
  while (reader_.next_line(line))
    if (!trim(line).empty()) return !line.starts_with("[Controls]");
  return false;
}

void ProbeMapParser::skip_to_assay() {
  for (std::string line; reader_.next_line(line);)
    if (line.starts_with("[Assay]")) return;
  throw Error("{}: begins as an Illumina manifest, but has no line [Assay]",
              reader_.path().string());
}

// Whether the fields name a column of probes and one of genes.
bool ProbeMapParser::take_columns(const std::vector<std::string>& header) {
  std::vector<std::string> plain;
  for (const auto& field : header) plain.push_back(plain_name(field));
  const auto probe = find_column(plain, kProbeColumns), gene = find_column(plain, kGeneColumns);
  if (!probe || !gene) return false;
  num_fields_ = header.size();
  probe_ = *probe;
  gene_ = *gene;
  chromosome_ = find_column(plain, kChromosomeColumns);
  map_.columns = header[probe_] + ", " + header[gene_];
  if (chromosome_) map_.columns += ", " + header[*chromosome_];
  return true;
}

// Whether the line is a header; else it is the first pair.
bool ProbeMapParser::read_header(const std::string& line) {
  separator_ = line.find('\t') != std::string::npos ? '\t' : ',';
  const auto fields = cut(line, separator_);
  if (take_columns(fields)) return true;
  num_fields_ = fields.size();
  if (num_fields_ == 2) return find_column({plain_name(fields[0])}, kProbeColumns).has_value();
  if (num_fields_ < 2) reader_.fail("expected probe and gene, got 1 field: '{}'", fields[0]);
  reader_.fail(
      "{} fields, and the first line does not name a column of probes (such as probe, probeID, "
      "IlmnID, Name) and one of genes (gene, gene_symbol, UCSC_RefGene_Name, genesUniq); or give "
      "two fields a line: probe, gene",
      num_fields_);
}

void ProbeMapParser::read_pair(const std::string& line) {
  const auto fields = cut(line, separator_);
  if (fields.size() != num_fields_)
    reader_.fail("expected {} fields, got {}", num_fields_, fields.size());
  const std::string& probe = fields[probe_];
  if (probe.empty()) reader_.fail("the probe's name is empty");
  if (chromosome_) {
    const std::string chromosome = plain_chromosome(fields[*chromosome_]);
    if (seen_chromosomes_.size() < 100) seen_chromosomes_.insert(chromosome);
    if (left_out_.count(chromosome) > 0)
      map_.on_left_out_chromosome.emplace(probe_base_name(probe));
  }
  std::string genes = fields[gene_];
  std::replace(genes.begin(), genes.end(), ',', ';');
  for (const auto gene : split(genes, ';'))
    if (const auto name = trim(gene); !means_missing(name) && name != ".")
      add_probe(map_, probe, std::string(name));
}

void ProbeMapParser::check_chromosomes() const {
  if (left_out_.empty()) return;
  const std::string where = reader_.path().string();
  if (!chromosome_)
    throw Error(
        "--without-chromosomes: {} has no column of chromosomes (chromosome, chrom, CHR or "
        "CpG_chrm in its header)",
        where);
  if (std::none_of(left_out_.begin(), left_out_.end(),
                   [this](const auto& name) { return seen_chromosomes_.count(name) > 0; }))
    throw Error("--without-chromosomes {}: {} has no probe there; its chromosomes are {}",
                fmt::join(left_out_, ","), where, fmt::join(seen_chromosomes_, ", "));
}

ProbeMap ProbeMapParser::parse() {
  std::string line;
  bool any = false, decided = false;
  while (next_record(line)) {
    if (!decided && (line.starts_with("Illumina") || line.starts_with("[Heading]"))) {
      skip_to_assay();
      continue;
    }
    if (line[0] == '#') {  // Xena's header is a comment that names the columns
      if (decided || !take_columns(cut(line.substr(1), '\t'))) continue;
      separator_ = '\t';
      decided = true;
      continue;
    }
    if (!decided) {
      decided = true;
      if (read_header(line)) continue;
    }
    read_pair(line);
    any = true;
  }
  if (!any) throw Error("{}: holds no record", reader_.path().string());
  if (map_.genes.empty()) throw Error("{}: no probe has a gene", reader_.path().string());
  check_chromosomes();
  return std::move(map_);
}

}  // namespace

ProbeMap read_probe_map(const std::filesystem::path& path, const ProbeMapOptions& options) {
  return ProbeMapParser(path, options).parse();
}

void read_masked_probes(const std::filesystem::path& path, ProbeMap& map) {
  TextReader reader(path, {"#"});
  bool is_first = true;
  for (std::string line; reader.next_line(line);) {
    if (trim(line).empty()) continue;
    const char separator = line.find('\t') != std::string::npos ? '\t' : ',';
    const auto fields = cut(line, separator);
    if (fields.size() > 1)
      reader.fail("expected one probe a line, got {} fields; cut out the column of probes to mask",
                  fields.size());
    const std::vector<std::string> header{plain_name(fields[0])};
    if (std::exchange(is_first, false) && find_column(header, kProbeColumns)) continue;
    if (map.masked.empty()) map.first_masked = fields[0];
    map.masked.insert(fields[0]);
  }
  if (map.masked.empty()) throw Error("{}: holds no probe", path.string());
}

}  // namespace cohesin
