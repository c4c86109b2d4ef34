"""The Python package against the command. Run by tools/check_python.sh, which says where both are:
PYTHONPATH and COHESIN_BINARY."""

import json
import logging
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import warnings

import numpy as np

import cohesin

try:
    import anndata
    import mudata
except ImportError:
    anndata = mudata = None
needs_anndata = unittest.skipIf(anndata is None, "anndata and mudata are not installed")

BINARY = pathlib.Path(os.environ.get("COHESIN_BINARY", "build/release/cli/cohesin")).resolve()
CONTINUOUS = {"rnaseq": {"edges": "continuous"}, "methylation": {"edges": "continuous"}}
TRAIN = {"epochs": 4, "batch_size": 16, "learning_rate": 0.01, "validation_fraction": 0}
SHALLOW = {
    "model": {"name": "mojo"}, "tokenizers": CONTINUOUS, "train": TRAIN, "baselines": ["majority"],
    "task": {"name": "classification", "target": "class", "deep_path": False, "shallow_path": True,
             "shallow_hidden_size": 8}}
SURVIVAL = dict(SHALLOW, task=dict(SHALLOW["task"], name="survival"), baselines=[])
SURVIVAL["task"] = {key: value for key, value in SURVIVAL["task"].items() if key != "target"}
DEEP = {
    "tokenizers": CONTINUOUS, "train": dict(TRAIN, epochs=1),
    "model": {"name": "mojo", "token_embed_dim": 8, "init_gene_embed_dim": 8, "conv_init_embed_dim": 8, "embed_dim": 8,
              "num_downsamples": 2, "stem_kernel_shape": 3, "num_layers": 1, "num_attention_heads": 2,
              "ffn_embed_dim": 16, "num_hidden_layers_head": 0},
    "task": {"name": "classification", "target": "class", "hidden_sizes": [4]}}

# Trains until it is stopped.
STOPPED = """
import json, sys, cohesin
cohesin.fit(json.loads(sys.argv[1]), sys.argv[2], sys.argv[3], settings={"train.epochs": 1000000}, threads=1)
"""


def setUpModule():
    logging.getLogger("cohesin").setLevel(logging.ERROR)


def command(*words):
    return subprocess.run([BINARY, *map(str, words)], capture_output=True, text=True)


class Workplace(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        holder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(holder.cleanup)
        cls.folder = pathlib.Path(holder.name)
        cohesin.simulate(cls.folder / "simulated", samples=48, genes=16, classes=2, missing_fraction=0.2, seed=3)
        cls.tables = {name: cls.folder / "simulated" / f"{name}.tsv.gz" for name in ("rnaseq", "methylation")}
        cls.cohort = cls.folder / "cohort.h5mu"
        cls.found = cohesin.prepare(cls.tables, cls.cohort, labels=cls.folder / "simulated" / "labels.tsv",
                                    unit={"rnaseq": "tpm", "methylation": "beta"})
        cls.run_folder = cohesin.fit(SHALLOW, cls.cohort, cls.folder / "run")


class TheCommandsAnswers(Workplace):
    def text_of_command(self, checkpoint, *words):
        out = self.folder / "of_command.tsv"
        done = command("predict", "--checkpoint", checkpoint, "--data", self.cohort, "--out", out, "--force", *words)
        self.assertEqual(done.returncode, 0, done.stderr)
        return out.read_text()

    def test_prepare_writes_the_same_bytes_and_says_what_it_found(self):
        out = self.folder / "prepared_by_command.h5mu"
        done = command("prepare", "omics", "--modality", f"rnaseq={self.tables['rnaseq']}", "--unit", "rnaseq=tpm",
                       "--modality", f"methylation={self.tables['methylation']}", "--unit", "methylation=beta",
                       "--labels", self.folder / "simulated" / "labels.tsv", "--out", out)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(out.read_bytes(), self.cohort.read_bytes())
        self.assertIn(("rnaseq", "features", 16), [row[:3] for row in self.found])

    def test_predictions_are_those_of_the_command_to_the_byte(self):
        ours = cohesin.predict(self.run_folder, self.cohort, without="methylation")
        self.assertEqual(ours.text(), self.text_of_command(self.run_folder, "--without", "methylation"))
        self.assertEqual(ours.probability.shape, (len(ours), 2))
        np.testing.assert_allclose(ours.probability.sum(axis=1), 1, atol=1e-6)

    def test_survival_is_that_of_the_command_to_the_byte(self):
        run = cohesin.fit(SURVIVAL, self.cohort, self.folder / "survival", threads=1)
        ours = cohesin.predict(run, self.cohort)
        self.assertEqual(ours.text(), self.text_of_command(run))
        self.assertEqual(ours.survival.shape, (len(ours), len(ours.horizons_days)))
        self.assertIsNone(ours.probability)

    def test_tables_of_predictions_can_be_read_and_scored(self):
        ours = cohesin.predict(self.run_folder, self.cohort)
        ours.write(self.folder / "written.tsv")
        again = cohesin.read_predictions(self.folder / "written.tsv")
        self.assertEqual(again.text(), ours.text())
        scores = cohesin.scores(ours)
        self.assertEqual(scores, cohesin.scores(self.folder / "written.tsv"))
        self.assertEqual(scores["task"], "classification")
        self.assertEqual(scores["scores"], cohesin.evaluate(self.run_folder, self.cohort)["scores"])

    def test_crossval_returns_the_scores_and_leaves_a_report(self):
        folds = cohesin.split(self.cohort, folds=2, stratify="class")
        self.assertEqual(set(folds.values()), {"0", "1"})
        out = self.folder / "crossval"
        scores = cohesin.crossval(SHALLOW, self.cohort, folds, out, without=["methylation"])
        self.assertEqual(scores, json.loads((out / "scores.json").read_text()))
        self.assertEqual(list(scores["baselines"]), ["majority"])
        self.assertTrue((out / "report.html").exists())
        again = cohesin.crossval(SHALLOW, self.cohort, folds, out, without=["methylation"], resume=True)
        self.assertEqual(again, scores)  # what Python holds becomes the same files
        self.assertEqual(len(cohesin.predict(out, self.cohort)), 48)

    def test_embeddings_are_arrays_beside_the_names(self):
        run = cohesin.fit(DEEP, self.cohort, self.folder / "deep", threads=1)
        embeddings = cohesin.embed(run, self.cohort)
        self.assertEqual(embeddings.values.shape, (48, 8))
        self.assertEqual(sorted(embeddings.samples), sorted(cohesin.predict(run, self.cohort).samples))
        self.assertEqual(cohesin.embed(run, self.cohort, per_feature=True).values.ndim, 3)

    def test_explain_returns_the_genes_of_each_class(self):
        out = self.folder / "explanation"
        found = cohesin.explain(self.run_folder, self.cohort, out, method="occlusion", baseline="mask", top=0)
        self.assertEqual(found, json.loads((out / "explanation.json").read_text()))
        self.assertTrue((out / "attributions.tsv").exists())

    def test_the_version_is_that_of_the_command(self):
        self.assertEqual(command("--version").stdout.split()[1], cohesin.__version__)


@needs_anndata
class Objects(Workplace):
    def setUp(self):
        warnings.simplefilter("ignore")  # mudata's own, on every cohort whose omics share genes
        self.mudata = mudata.read_h5mu(self.cohort)
        self.text = cohesin.predict(self.run_folder, self.cohort).text()

    def test_a_mudata_gives_what_its_file_gives(self):
        self.assertEqual(cohesin.predict(self.run_folder, self.mudata).text(), self.text)
        run = cohesin.fit(SHALLOW, self.mudata, self.folder / "of_mudata")
        self.assertEqual(cohesin.predict(run, self.mudata).text(), self.text)

    def test_anndata_tables_give_what_their_cohort_gives(self):
        tables = {name: self.mudata[name] for name in ("rnaseq", "methylation")}
        ours = cohesin.predict(self.run_folder, tables)
        expected = cohesin.predict(self.run_folder, self.cohort)
        order = {name: row for row, name in enumerate(ours.samples)}
        rows = [order[name] for name in expected.samples]
        np.testing.assert_array_equal(ours.probability[rows], expected.probability)

    def test_labels_may_stand_in_obs_or_in_a_data_frame(self):
        table = self.mudata["rnaseq"].copy()
        labels = self.mudata.obs.loc[table.obs_names, ["class"]]
        cohesin.prepare({"rnaseq": table}, self.folder / "by_frame.h5mu", labels=labels)
        table.obs["class"] = labels["class"].to_numpy()
        cohesin.prepare({"rnaseq": table}, self.folder / "by_obs.h5mu")
        splits = [cohesin.split(self.folder / f"by_{way}.h5mu", folds=2, stratify="class") for way in ("frame", "obs")]
        self.assertEqual(splits[0], splits[1])

    def test_an_anndata_alone_is_an_error_that_says_how(self):
        with self.assertRaisesRegex(TypeError, 'as in {"rnaseq": adata}'):
            cohesin.predict(self.run_folder, self.mudata["rnaseq"])

    def test_objects_are_left_as_they_were(self):
        table = self.mudata["rnaseq"].copy()
        table.obs["word"] = "text"
        before = table.copy()
        cohesin.predict(self.run_folder, {"rnaseq": table})
        self.assertEqual(table.obs["word"].dtype, before.obs["word"].dtype)
        np.testing.assert_array_equal(table.X, before.X)

    def test_predictions_become_a_data_frame_with_the_columns_of_the_file(self):
        frame = cohesin.predict(self.run_folder, self.cohort).to_pandas()
        self.assertEqual(list(frame.columns), self.text.splitlines()[0].split("\t"))


class Mistakes(Workplace):
    def test_a_mistake_raises_the_sentence_of_the_command(self):
        recipe = dict(SHALLOW, tokenizer={})
        with self.assertRaises(cohesin.CohesinError) as raised:
            cohesin.fit(recipe, self.cohort, self.folder / "unknown_key")
        path = self.folder / "unknown_key.json"
        path.write_text(json.dumps(recipe))
        said = command("train", path, "--data", self.cohort, "--out", self.folder / "unknown_key").stderr
        self.assertIn(str(raised.exception).split(": ", 1)[1], said)
        self.assertIsInstance(raised.exception, ValueError)

    def test_results_are_not_overwritten_unless_asked(self):
        with self.assertRaisesRegex(cohesin.CohesinError, "exists"):
            cohesin.fit(SHALLOW, self.cohort, self.run_folder)

    def test_arguments_that_do_not_fit_are_type_errors_that_name_them(self):
        with self.assertRaisesRegex(TypeError, "epochs"):
            cohesin.fit(SHALLOW, self.cohort, self.folder / "x", epochs=3)
        with self.assertRaisesRegex(TypeError, "seed: cannot be 'seven'"):
            cohesin.split(self.cohort, folds=2, seed="seven")
        with self.assertRaisesRegex(TypeError, "not int"):
            cohesin.predict(self.run_folder, 3)
        with self.assertRaisesRegex(TypeError, "unit: only for tables"):
            cohesin.predict(self.run_folder, self.cohort, unit={"rnaseq": "tpm"})

    def test_another_torch_in_the_process_is_refused(self):
        code = "import sys, types; torch = types.ModuleType('torch'); torch.__version__ = '1.0'; " \
               "sys.modules['torch'] = torch; import cohesin"
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
        self.assertIn("torch 1.0 is imported", done.stderr)
        self.assertNotEqual(done.returncode, 0)


class WhileItRuns(Workplace):
    def test_progress_goes_to_a_function(self):
        seen = []
        many_steps = {"train.epochs": 20, "train.batch_size": 1}  # it is shown ten times a second
        cohesin.fit(SHALLOW, self.cohort, self.folder / "progress", settings=many_steps, progress=seen.append)
        self.assertTrue(any("steps" in text for text in seen), seen)
        self.assertEqual(seen[-1], "")

    def test_the_log_goes_to_logging(self):
        with self.assertLogs("cohesin", "INFO") as logs:
            cohesin.fit(SHALLOW, self.cohort, self.folder / "logged")
        self.assertTrue(any("trained" in line for line in logs.output), logs.output)

    def test_ctrl_c_puts_the_training_away_and_raises(self):
        out = self.folder / "stopped"
        process = subprocess.Popen([sys.executable, "-c", STOPPED, json.dumps(SHALLOW), self.cohort, out],
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        deadline = time.monotonic() + 60
        while not list(out.rglob("log.jsonl")) and time.monotonic() < deadline and process.poll() is None:
            time.sleep(0.05)
        time.sleep(0.3)
        process.send_signal(signal.SIGINT)
        stderr = process.communicate(timeout=60)[1]
        self.assertIn("KeyboardInterrupt", stderr)
        self.assertTrue(list(out.rglob("*.safetensors")), "no checkpoint was left")
        self.assertEqual(json.loads((out / "run.json").read_text())["outcome"], "stopped by a signal")
        with self.assertRaisesRegex(cohesin.CohesinError, "resume|another"):  # other settings than it was begun with
            cohesin.fit(SHALLOW, self.cohort, out, resume=True)


if __name__ == "__main__":
    unittest.main()
