#include "cohesin/run/genome_variants.h"

#include <ATen/ATen.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cohesin/base/file.h"
#include "cohesin/io/text_table.h"
#include "cohesin/run/sequence_encoder.h"
#include "cohesin/run/variant_windows.h"
#include "tests/run/sequence_workplace.h"

namespace cohesin {
namespace {

using testing::random_letters;

const std::string kVcfHeader = "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\n";
const std::string kGenome = random_letters("ACGT", 400, 7);

// Trained on 48 tokens of 3 bases: windows of 141.
class Workplace : public testing::SequenceWorkplace {
 public:
  Workplace() : SequenceWorkplace("nucleotide_transformer", "nt_v2_tiny") {}
  GenomeVariantsOptions options(const std::string& rows,
                                const std::string& fasta = ">chr1\n" + kGenome + "\n") const {
    GenomeVariantsOptions options;
    options.checkpoint = path() / "model";
    options.genome = write("genome.fa", fasta);
    options.vcf = write("in.vcf", kVcfHeader + rows);
    options.out = path() / "out.tsv";
    options.force = true;
    return options;
  }
  TextTable scored(const GenomeVariantsOptions& options) const {
    score_genome_variants(options);
    return read_text_table(options.out);
  }
};

std::string row(int64_t position, const std::string& ref, const std::string& alt) {
  return fmt::format("chr1\t{}\t.\t{}\t{}\n", position, ref, alt);
}
std::string base(int64_t position) { return kGenome.substr(static_cast<size_t>(position) - 1, 1); }
std::string another(const std::string& base) { return base == "A" ? "C" : "A"; }

class OneByOne {
 public:
  explicit OneByOne(const Workplace& work) : encoder_(load_sequence_encoder(work / "model")) {}
  at::Tensor output(const std::string& letters, const std::string& name,
                    int64_t hidden = -1) const {
    const std::vector<int32_t> ids = encoder_.tokenizer.tokenize(letters);
    at::Tensor input =
        at::tensor(std::vector<int64_t>(ids.begin(), ids.end()), at::kLong).unsqueeze(0);
    if (hidden >= 0) input[0][hidden] = encoder_.model->mask_token();
    Batch batch;
    batch.tensors["input_ids"] = input;
    return encoder_.model->forward(batch, {name}).at(name)[0];
  }
  // log p of the token at `place`, hidden.
  double log_p(const std::string& letters, int64_t place) const {
    const int32_t id = encoder_.tokenizer.tokenize(letters)[static_cast<size_t>(place)];
    return at::log_softmax(output(letters, "logits", place)[place], -1)[id].item<double>();
  }
  at::Tensor mean(const std::string& letters) const {
    const at::Tensor rows = output(letters, "hidden_states.3").to(at::kDouble);
    return rows.slice(0, 1, rows.size(0)).mean(0);
  }

 private:
  SequenceEncoder encoder_;
};

double number(const TextTable& table, size_t row, const std::string& column) {
  return std::stod(table.rows[row][table.column(column)]);
}

TEST(GenomeVariants, ScoresAreThoseOfOneWindowAtATime) {
  const Workplace work;
  const OneByOne model(work);
  const std::string alt = another(base(200));
  const TextTable out = work.scored(work.options(row(200, base(200), alt)));
  EXPECT_EQ(fmt::format("{}", fmt::join(out.header, " ")),
            "chrom pos id ref alt allele sample haplotype transcript target reference alternative "
            "effect consequence");
  ASSERT_EQ(out.rows.size(), 3U);
  // Base 70 of the window is in its token 23, behind <cls>.
  const std::string reference = kGenome.substr(199 - 70, 141);
  std::string changed = reference;
  changed[70] = alt[0];
  EXPECT_EQ(out.rows[0][out.column("target")], "log_likelihood_ratio");
  EXPECT_NEAR(number(out, 0, "reference"), model.log_p(reference, 24), 2e-5);
  EXPECT_NEAR(number(out, 0, "alternative"), model.log_p(changed, 24), 2e-5);
  EXPECT_NEAR(number(out, 0, "effect"), model.log_p(changed, 24) - model.log_p(reference, 24),
              4e-5);
  const at::Tensor a = model.mean(reference), b = model.mean(changed);
  EXPECT_EQ(out.rows[1][out.column("target")], "embedding_distance");
  EXPECT_NEAR(number(out, 1, "effect"), 1 - at::cosine_similarity(a, b, 0).item<double>(), 1e-6);
  EXPECT_EQ(out.rows[1][out.column("reference")], "");
  EXPECT_EQ(out.rows[2][out.column("target")], "embedding_l2");
  EXPECT_NEAR(number(out, 2, "effect"), (a - b).norm().item<double>(), 1e-5);
  EXPECT_GT(number(out, 2, "effect"), 1e-4);
}

TEST(GenomeVariants, SeveralTokensAreHiddenOneAtATime) {
  const Workplace work;
  const OneByOne model(work);
  // Bases 199 to 203 of the genome are 70 to 74 of the window: tokens 23 and 24.
  const std::string ref = kGenome.substr(199, 5);
  std::string alt = ref;
  for (char& letter : alt) letter = another({letter})[0];
  const std::string reference = kGenome.substr(199 - 70, 141);
  std::string changed = reference;
  changed.replace(70, 5, alt);
  // An insertion of 4 bases: the window keeps its length, the allele is bases 70 to 74.
  const std::string inserted = base(200) + "GGTG";
  std::string longer = reference.substr(0, 70) + inserted + kGenome.substr(200, 66);
  ASSERT_EQ(longer.size(), 141U);
  // A deletion of 4 bases: more of the right flank comes in.
  const std::string shorter = reference.substr(0, 71) + kGenome.substr(204, 70);
  const TextTable out = work.scored(work.options(
      row(200, ref, alt) + row(200, base(200), inserted) + row(200, ref, ref.substr(0, 1))));
  const auto both = [&](const std::string& letters) {
    return model.log_p(letters, 24) + model.log_p(letters, 25);
  };
  EXPECT_NEAR(number(out, 0, "reference"), both(reference), 3e-5);
  EXPECT_NEAR(number(out, 0, "alternative"), both(changed), 3e-5);
  EXPECT_NEAR(number(out, 3, "reference"), model.log_p(reference, 24), 3e-5);
  EXPECT_NEAR(number(out, 3, "alternative"), both(longer), 3e-5);
  EXPECT_NEAR(number(out, 6, "reference"), both(reference), 3e-5);
  EXPECT_NEAR(number(out, 6, "alternative"), model.log_p(shorter, 24), 3e-5);
}

TEST(GenomeVariants, MultiallelicRowsAreSplitAndBatchesChangeNothing) {
  const Workplace work;
  std::string rows;
  for (int64_t position = 100; position < 300; position += 7) {
    std::string alts;
    for (const char* letter : {"A", "C", "G", "T"})
      if (base(position) != letter) alts += alts.empty() ? letter : std::string(",") + letter;
    rows += row(position, base(position), alts);
  }
  GenomeVariantsOptions options = work.options(rows);
  const TextTable together = work.scored(options);
  EXPECT_EQ(together.rows.size(), 29U * 3 * 3);
  EXPECT_EQ(together.rows[3][together.column("allele")], "2");
  options.max_tokens = 1;
  const TextTable alone = work.scored(options);
  for (size_t i = 0; i < alone.rows.size(); ++i)
    EXPECT_NEAR(number(together, i, "effect"), number(alone, i, "effect"), 5e-5);
  // The same letters as slices of the chromosome, in lower case.
  std::string fasta = ">chr1:0-250\n" + kGenome.substr(0, 250) + "\n>chr1:150-400|x\n";
  for (const char letter : kGenome.substr(150)) fasta += static_cast<char>(letter - 'A' + 'a');
  const std::string one = row(170, base(170), another(base(170)));
  const TextTable whole = work.scored(work.options(one));
  EXPECT_EQ(work.scored(work.options(one, fasta + "\n")).rows, whole.rows);
}

TEST(GenomeVariants, WindowsBeyondTheSequence) {
  const Workplace work;
  const OneByOne model(work);
  const std::string alt = another(base(11));
  GenomeVariantsOptions options =
      work.options(row(11, base(11), alt) + row(200, base(200), another(base(200))));
  const TextTable padded = work.scored(options);
  ASSERT_EQ(padded.rows.size(), 6U);
  // 60 N are 60 tokens; of 1 + 60 + 27 there is room for 48, the allele's (60 + 3) in the middle:
  // 40 to 86 of the tokens behind <cls>, which are N from 40 to 59 and then all the bases.
  const std::string seen = std::string(20, 'N') + kGenome.substr(0, 81);
  EXPECT_NEAR(number(padded, 0, "reference"), model.log_p(seen, 1 + 20 + 3), 2e-5);
  options.out_of_range = "drop";
  const TextTable dropped = work.scored(options);
  ASSERT_EQ(dropped.rows.size(), 3U);
  EXPECT_EQ(dropped.rows[0][1], "200");
  options.out_of_range = "error";
  EXPECT_ERROR(score_genome_variants(options),
               "in.vcf:3: chr1:11: the window -60 to 81 reaches beyond the sequence 0 to 400");
  options.out_of_range = "cut";
  EXPECT_ERROR(score_genome_variants(options), "expected pad, drop or error");
}

TEST(GenomeVariants, VariantsThatDoNotFitTheGenome) {
  const Workplace work;
  const std::string good = row(200, base(200), another(base(200)));
  GenomeVariantsOptions options = work.options(good + row(201, another(base(201)), base(201)));
  EXPECT_ERROR(
      score_genome_variants(options),
      fmt::format("in.vcf:4: chr1:201: REF is {}, the genome has {}; is it another assembly?",
                  another(base(201)), base(201)));
  EXPECT_FALSE(std::filesystem::exists(options.out));
  options.ref_mismatch = "skip";
  EXPECT_EQ(work.scored(options).rows.size(), 3U);
  // Outside the sequences: left out, unless nothing is left.
  EXPECT_EQ(work.scored(work.options(good + "chr2\t5\t.\tA\tC\nchr1\t401\t.\tA\tC\n")).rows.size(),
            3U);
  EXPECT_ERROR(score_genome_variants(work.options("1\t5\t.\tA\tC\n")),
               "none of its 1 variants could be scored");
  EXPECT_ERROR(score_genome_variants(
                   work.options(row(200, base(200), base(200) + random_letters("ACGT", 80, 1)))),
               "in.vcf:3: an allele of 81 letters reaches beyond the window of 141");
}

TEST(GenomeVariants, AVcfComesBackWithEffectsInItsInfo) {
  const Workplace work;
  const std::string alt = another(base(200));
  GenomeVariantsOptions options = work.options("");
  const TextTable table = work.scored(work.options(row(200, base(200), alt)));
  options.vcf = work.write("in.vcf",
                           "##fileformat=VCFv4.2\n#CHROM\tPOS\tID\tREF\tALT\tQUAL\tFILTER"
                           "\tINFO\nchr1\t150\t.\tA\t<DEL>\t.\t.\tEND=160\nchr1\t200\tx\t" +
                               base(200) + "\t*," + alt + "\t.\tPASS\t.\n");
  options.out = work / "out.vcf";
  score_genome_variants(options);
  const std::string text = read_text(options.out);
  using ::testing::HasSubstr;
  EXPECT_THAT(text, HasSubstr("##INFO=<ID=embedding_distance,Number=A,Type=Float,"));
  EXPECT_THAT(text, HasSubstr("chr1\t150\t.\tA\t<DEL>\t.\t.\tEND=160\n"));
  const auto effect = [&](size_t i) { return table.rows[i][table.column("effect")]; };
  EXPECT_THAT(text,
              HasSubstr("\tPASS\tlog_likelihood_ratio=.," + effect(0) + ";embedding_distance=.," +
                        effect(1) + ";embedding_l2=.," + effect(2) + "\n"));
}

TEST(GenomeVariants, BadRequestsAreRefusedBeforeWork) {
  const Workplace work;
  GenomeVariantsOptions options = work.options(row(200, base(200), another(base(200))));
  options.window = 100;
  EXPECT_ERROR(score_genome_variants(options), "--window 100: expected a multiple of 3");
  options.window = 60;
  EXPECT_EQ(work.scored(options).rows.size(), 3U);
  options.window = 300;  // rotary positions go on
  EXPECT_EQ(work.scored(options).rows.size(), 3U);
  options.ref_mismatch = "ignore";
  EXPECT_ERROR(score_genome_variants(options), "--ref-mismatch ignore: expected error or skip");
  options = work.options(row(200, base(200), another(base(200))));
  options.out = work / "out.csv";
  EXPECT_ERROR(score_genome_variants(options), "name it .tsv (a table) or .vcf");
  options.out = work / "out.vcf.gz";
  EXPECT_ERROR(score_genome_variants(options), "in.vcf:2: has no column INFO");
  const testing::SequenceWorkplace protein;
  options.out = work / "out.tsv";
  options.checkpoint = protein / "model";
  EXPECT_ERROR(score_genome_variants(options), "--genome needs a language model of DNA");
}

TEST(VariantWindows, AllelesWithoutTheLettersThatTheyShare) {
  const Genome::Stretch stretch{100, "AACCGGTTAACCGGTT"};
  const auto windows = [&](int64_t position, const std::string& ref, const std::string& alt) {
    return variant_windows(stretch, {"c", position, ".", ref, alt, 1, 1}, 12);
  };
  const auto part = [](const AlleleWindow& window) {
    return window.letters.substr(static_cast<size_t>(window.begin),
                                 static_cast<size_t>(window.end - window.begin));
  };
  const VariantWindows substitution = windows(108, "TAA", "TCA");
  EXPECT_EQ(substitution.reference.letters, "ACCGGTTAACCG");
  EXPECT_EQ(substitution.alternative.letters, "ACCGGTTCACCG");
  EXPECT_EQ(part(substitution.reference), "A");
  EXPECT_EQ(part(substitution.alternative), "C");
  const VariantWindows insertion = windows(108, "T", "TGG");
  EXPECT_EQ(insertion.alternative.letters, "ACCGGTTGGAAC");
  EXPECT_EQ(part(insertion.reference), "T");
  EXPECT_EQ(part(insertion.alternative), "TGG");
  const VariantWindows deletion = windows(102, "ACC", "A");
  EXPECT_EQ(deletion.reference.letters, "NNNNNAACCGGT");
  EXPECT_EQ(deletion.alternative.letters, "NNNNNAAGGTTA");
  EXPECT_EQ(part(deletion.reference), "ACC");
  EXPECT_EQ(part(deletion.alternative), "A");
}

}  // namespace
}  // namespace cohesin
