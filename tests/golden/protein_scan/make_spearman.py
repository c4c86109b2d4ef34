"""Writes spearman.json: rank correlations of the published predictors of a deep mutational scan."""
import csv
import gzip
import io
import json
import math
import pathlib
import sys

import scipy
from scipy.stats import spearmanr

HERE = pathlib.Path(__file__).parent


def number(text):
    try:
        return float(text)
    except ValueError:
        return math.nan


def main(table):
    with gzip.open(table) as packed:
        rows = list(csv.DictReader(io.TextIOWrapper(packed, encoding="utf-8-sig")))
    predictors = [name for name in rows[0] if name.startswith("mutation_effect_prediction")]
    cases = []
    for measured in ["2500", "39", "km"]:
        for predicted in predictors:
            pairs = [(number(row[measured]), number(row[predicted])) for row in rows]
            known = [pair for pair in pairs if not any(map(math.isnan, pair))]
            cases.append({
                "measured": measured,
                "predicted": predicted,
                "count": len(known),
                "spearman": float(spearmanr(*zip(*known)).statistic),
            })
    made = {"made_with": {"scipy": scipy.__version__}, "cases": cases}
    (HERE / "spearman.json").write_text(json.dumps(made, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
