#!/usr/bin/env python3
"""What the shared gene axis gives: MOJO on simulated cohorts, aligned against permuted.

For each seed: `cohesin simulate omics`; once as it is, once with the gene names of the methylation
table shuffled (the same numbers, no longer beside the expression of their own gene); `prepare omics`
and `crossval` with the same recipe and folds for both. Prints weighted F1 a seed, and the mean
difference with its standard error; baselines see the same tables.

    tools/axis_experiment.py --cohesin build/release/cli/cohesin --out axis --seeds 10
"""
import argparse
import gzip
import json
import pathlib
import random
import statistics
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def permute_genes(source, target, seed):
    """Copies a table of samples by genes with the gene names of its header shuffled."""
    with gzip.open(source, "rt") as text:
        header, rest = text.readline(), text.read()
    corner, *genes = header.rstrip("\n").split("\t")
    random.Random(seed).shuffle(genes)
    with gzip.open(target, "wt") as text:
        text.write("\t".join([corner, *genes]) + "\n" + rest)


def run(command, log):
    with open(log, "a") as out:
        out.write(" ".join(map(str, command)) + "\n")
        out.flush()
        if subprocess.run(list(map(str, command)), stdout=out, stderr=out).returncode != 0:
            sys.exit(f"failed, see {log}: {' '.join(map(str, command))}")


def crossval(args, simulated, methylation, out):
    """Weighted F1 by method: the model's and each baseline's, both omics shown."""
    scores = out / "crossval" / "scores.json"
    if not scores.exists():
        out.mkdir(parents=True, exist_ok=True)
        log = out / "log.txt"
        common = ["--force", "--threads", args.threads]
        run([args.cohesin, "prepare", "omics",
             "--modality", f"rnaseq={simulated / 'rnaseq.tsv.gz'}", "--unit", "rnaseq=tpm",
             "--modality", f"methylation={methylation}", "--unit", "methylation=beta",
             "--labels", simulated / "labels.tsv", "--label-id", "sample",
             "--out", out / "cohort.h5mu", *common], log)
        settings = [word for setting in args.set for word in ("--set", setting)]
        run([args.cohesin, "crossval", args.recipe, "--data", out / "cohort.h5mu",
             "--folds", simulated / "folds.tsv", "--out", out / "crossval", *settings, *common], log)
    content = json.loads(scores.read_text())

    def both(rows):
        row = next(row for row in rows if not row["hidden"])
        return row["metrics"]["weighted_f1"]["mean"]

    found = {"mojo": both(content["scores"])}
    found.update((name, both(rows)) for name, rows in content.get("baselines", {}).items())
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--cohesin", default=ROOT / "build" / "release" / "cli" / "cohesin")
    parser.add_argument("--recipe", default=ROOT / "examples" / "aligned_axis.json")
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--first-seed", type=int, default=11, help="the recipe was chosen on seeds 1 to 3")
    parser.add_argument("--samples", type=int, default=300)
    parser.add_argument("--genes", type=int, default=96)
    parser.add_argument("--classes", type=int, default=3)
    parser.add_argument("--missing-fraction", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--set", action="append", default=[], help="recipe setting, as in crossval")
    args = parser.parse_args()

    differences = []
    for seed in range(args.first_seed, args.first_seed + args.seeds):
        folder = args.out / f"seed_{seed}"
        folder.mkdir(parents=True, exist_ok=True)
        simulated, permuted = folder / "simulated", folder / "permuted.tsv.gz"
        if not (simulated / "truth.json").exists():
            run([args.cohesin, "simulate", "omics", "--out", simulated, "--samples", args.samples,
                 "--genes", args.genes, "--classes", args.classes,
                 "--missing-fraction", args.missing_fraction, "--seed", seed, "--force"],
                folder / "log.txt")
        permute_genes(simulated / "methylation.tsv.gz", permuted, seed)
        aligned = crossval(args, simulated, simulated / "methylation.tsv.gz", folder / "aligned")
        control = crossval(args, simulated, permuted, folder / "permuted")
        if seed == args.first_seed:
            print("seed\taligned\tpermuted\tdifference\t"
                  + "\t".join(name for name in aligned if name != "mojo"))
        differences.append(aligned["mojo"] - control["mojo"])
        print(f"{seed}\t{aligned['mojo']:.3f}\t{control['mojo']:.3f}\t{differences[-1]:+.3f}\t"
              + "\t".join(f"{value:.3f}" for name, value in aligned.items() if name != "mojo"),
              flush=True)
    mean = statistics.mean(differences)
    error = statistics.stdev(differences) / len(differences) ** 0.5 if len(differences) > 1 else 0.0
    print(f"mean difference {mean:+.3f} (standard error {error:.3f}, {len(differences)} seeds, "
          f"aligned ahead in {sum(d > 0 for d in differences)})")


if __name__ == "__main__":
    main()
