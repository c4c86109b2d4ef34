#!/bin/bash
# From nothing to a report on the TCGA-BRCA cohort: builds, fetches the data, prepares it, pre-trains and
# cross-validates, with each modality hidden too. About ten minutes on two cores after the build.
set -euo pipefail
cd "$(dirname "$0")"

tools/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)" --target cohesin_cli
tools/fetch_demo_data.sh
PATH=$PWD/build/release/cli:$PATH
data=demo-data/brca
out=demo-run
mkdir -p "$out"

# The classes are numbers in the table; the names follow from their published sizes.
printf '0\tLumA\n1\tHer2\n2\tLumB\n3\tBasal\n4\tNormal\n' >"$out/classes.tsv"
cohesin prepare omics --force \
  --modality rnaseq=$data/rna.csv --unit rnaseq=other \
  --modality methylation=$data/methylation.csv --unit methylation=m_value \
  --labels $data/target.csv --class-names target="$out/classes.tsv" \
  --out "$out/cohort.h5mu"
cohesin split --force --data "$out/cohort.h5mu" --folds 5 --stratify target --out "$out/folds.tsv"
cohesin crossval examples/classification.json --set task.target=target --force \
  --data "$out/cohort.h5mu" --folds "$out/folds.tsv" \
  --without methylation --without rnaseq --out "$out/crossval"
cp "$out/crossval/report.html" "$out/report.html"
echo "the scores: $PWD/$out/crossval/scores.json"
echo "the report: $PWD/$out/report.html"
