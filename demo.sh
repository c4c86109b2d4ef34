#!/bin/bash
# From nothing to a report on the TCGA-BRCA cohort: builds, fetches the data, prepares it, pre-trains and
# cross-validates, with each modality hidden too. About ten minutes on two cores after the build.
set -euo pipefail
cd "$(dirname "$0")"

tools/setup.sh
cmake --preset release >/dev/null
cmake --build --preset release --parallel "$(nproc)"
tools/fetch_demo_data.sh
PATH=$PWD/build/release/cli:$PATH
out=demo-run
mkdir -p "$out"

cohesin prepare omics --force \
  --modality rnaseq=demo-data/brca/rna.csv --unit rnaseq=other \
  --modality methylation=demo-data/brca/methylation.csv --unit methylation=beta \
  --labels demo-data/brca/target.csv \
  --out "$out/cohort.h5mu"
cohesin split --force --data "$out/cohort.h5mu" --folds 5 --stratify target --out "$out/folds.tsv"
cohesin crossval examples/classification.json --force --data "$out/cohort.h5mu" --folds "$out/folds.tsv" \
  --without methylation --without rnaseq --out "$out/crossval"
cp "$out/crossval/report.html" "$out/report.html"
echo "the report: $PWD/$out/report.html"
