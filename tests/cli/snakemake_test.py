"""The example workflow gives the same scores as one `crossval`. Skipped where Snakemake is not installed.
Usage: snakemake_test.py COHESIN_BINARY"""

import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "snakemake"
SETTING = ["task.deep_path=false", "train.epochs=2", 'baselines=["majority"]']


def main(binary):
    if shutil.which("snakemake") is None:
        print("skipped: no snakemake on the PATH")
        return 77
    path = f"{pathlib.Path(binary).resolve().parent}{os.pathsep}{os.environ['PATH']}"
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)

        def run(*words):
            subprocess.run(words, cwd=folder, check=True, env={**os.environ, "PATH": path})

        run("cohesin", "simulate", "omics", "--out", "simulated", "--samples", "45", "--genes", "20",
            "--classes", "2", "--missing-fraction", "0")
        run("cohesin", "prepare", "omics", "--modality", "rnaseq=simulated/rnaseq.tsv.gz", "--unit", "rnaseq=tpm",
            "--modality", "methylation=simulated/methylation.tsv.gz", "--unit", "methylation=beta",
            "--labels", "simulated/labels.tsv", "--out", "cohort.h5mu")
        shutil.copy(ROOT / "examples" / "classification.json", folder)
        config = (EXAMPLE / "config.yaml").read_text().replace("folds: 5", "folds: 3")
        config = config.replace("set: []", f"set: {SETTING!r}")
        (folder / "config.yaml").write_text(config)
        run("snakemake", "--snakefile", str(EXAMPLE / "Snakefile"), "--configfile", "config.yaml", "--cores", "2")
        run("cohesin", "crossval", "classification.json", "--data", "cohort.h5mu", "--folds", "result.folds.tsv",
            "--out", "whole", "--without", "methylation", "--threads", "1",
            *[word for one in SETTING for word in ("--set", one)])
        for file in ["predictions.tsv", "scores.json", "report.html"]:
            if (folder / "whole" / file).read_bytes() != (folder / "result" / file).read_bytes():
                print(f"{file} differs from that of one crossval")
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
