"""`crossval --jobs`: the same bytes as one job, a failed fold fails the whole, ctrl-C stops all folds.
Usage: jobs_test.py COHESIN_BINARY"""

import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
SEARCH = '"search": {"inner_folds": 2, "space": {"task.shallow_hidden_size": {"values": [4, 8]}}}'
QUICK = ["--set", "task.deep_path=false", "--set", "train.epochs=3", "--set", 'baselines=["majority","mlp"]']
SAME = ["predictions.tsv", "scores.json", "report.html", "fold_0/search.tsv", "fold_2/config.json",
        "baselines/mlp/predictions.tsv"]


def check(what, holds, process=None):
    if holds:
        return
    print(f"failed: {what}")
    if process is not None:
        print(process.stderr)
    sys.exit(1)


class Workplace:
    def __init__(self, binary, folder):
        self.binary, self.folder = str(pathlib.Path(binary).resolve()), folder
        self.run("simulate", "omics", "--out", "simulated", "--samples", "60", "--genes", "20", "--classes", "2",
                 "--missing-fraction", "0")
        self.run("prepare", "omics", "--modality", "rnaseq=simulated/rnaseq.tsv.gz", "--unit", "rnaseq=tpm",
                 "--modality", "methylation=simulated/methylation.tsv.gz", "--unit", "methylation=beta",
                 "--labels", "simulated/labels.tsv", "--out", "cohort.h5mu")
        recipe = (ROOT / "examples" / "classification.json").read_text().rstrip()
        self.folder.joinpath("recipe.json").write_text(recipe[:-1] + ", " + SEARCH + "}")
        self.run("split", "--data", "cohort.h5mu", "--folds", "3", "--stratify", "class", "--out", "folds.tsv")

    def words(self, out, *more, recipe="recipe.json"):
        return [self.binary, "crossval", str(recipe), "--data", "cohort.h5mu",
                "--folds", "folds.tsv", "--out", out, *more]

    def run(self, *words):
        subprocess.run([self.binary, *words], cwd=self.folder, check=True, capture_output=True, text=True)

    def crossval(self, out, *more):
        return subprocess.run(self.words(out, *more), cwd=self.folder, capture_output=True, text=True)

    def read(self, *names):
        return self.folder.joinpath(*names).read_bytes()


def same_bytes(work):
    one = work.crossval("one", *QUICK, "--threads", "1")
    check("one job", one.returncode == 0, one)
    two = work.crossval("two", *QUICK, "--threads", "2", "--jobs", "2")
    check("two jobs", two.returncode == 0, two)
    for file in SAME:
        check(f"{file} has the same bytes", work.read("one", file) == work.read("two", file))
    check("lines stand under their fold", "fold 2: " in two.stderr, two)
    again = work.crossval("two", *QUICK, "--threads", "2", "--jobs", "3", "--resume")
    check("resumed", again.returncode == 0 and work.read("one", "scores.json") == work.read("two", "scores.json"),
          again)


def failure(work):
    shutil.copytree(work.folder / "two", work.folder / "broken")
    for name in ("predictions.tsv", "search.tsv"):
        (work.folder / "broken" / "fold_1" / name).unlink()
    (work.folder / "broken" / "fold_1" / "search.tsv").write_text("trial\n")
    broken = work.crossval("broken", *QUICK, "--threads", "2", "--jobs", "2", "--resume")
    check("a failed fold is code 1", broken.returncode == 1, broken)
    check("with its message", "error: fold 1: " in broken.stderr and "is of another search" in broken.stderr, broken)


def interrupt(work):
    slow = ["--set", "task.deep_path=false", "--set", "train.epochs=500000", "--set", "train.seeds=1",
            "--set", "baselines=[]", "--threads", "2", "--jobs", "3"]
    plain = ROOT / "examples" / "classification.json"
    process = subprocess.Popen(work.words("slow", *slow, recipe=plain), cwd=work.folder, stderr=subprocess.PIPE,
                               text=True)
    deadline = time.time() + 120
    folds = [work.folder / "slow" / f"fold_{k}" / "checkpoints" for k in range(3)]
    while time.time() < deadline and not all(fold.is_dir() and any(fold.iterdir()) for fold in folds):
        if process.poll() is not None:
            check(f"still training: {process.stderr.read()}", False)
        time.sleep(0.1)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=120)
    check(f"ctrl-C is code 130, not {process.returncode}: {said}", process.returncode == 130)
    for k in range(3):
        record = work.read("slow", f"fold_{k}", "run.json").decode()
        check(f"fold {k} was put away", "stopped by a signal" in record)
        check(f"fold {k} has a checkpoint", (work.folder / "slow" / f"fold_{k}" / "latest").exists())
    time.sleep(0.5)
    left = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True).stdout
    check("no fold goes on", str(work.words("slow")[0]) + " crossval" not in
          "\n".join(line for line in left.splitlines() if "--out slow" in line))


def main(binary):
    with tempfile.TemporaryDirectory() as name:
        work = Workplace(binary, pathlib.Path(name))
        same_bytes(work)
        failure(work)
        interrupt(work)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
