"""The functions that users call: one a verb of the command, with its options as keyword arguments."""

import contextlib
import json
import pathlib
import tempfile

import numpy as np

from . import _native, cohorts
from .notebook import shown
from .predictions import Embeddings, Predictions, from_native, names


@contextlib.contextmanager
def _work(progress=True, threads=0):
    """A folder for what must be a file meanwhile, with the log and the number of threads set."""
    before = _native.get_threads()
    with tempfile.TemporaryDirectory(prefix="cohesin-") as folder, shown(progress):
        if threads:
            _native.set_threads(threads)
        try:
            yield pathlib.Path(folder)
        finally:
            _native.set_threads(before)


def _assignments(settings):
    """{"train.epochs": 3} -> ["train.epochs=3"]"""
    return [f"{key}={json.dumps(value)}" for key, value in (settings or {}).items()]


def _one_or_many(values):
    return [values] if isinstance(values, str) else list(values)


def _read_json(path):
    return json.loads(pathlib.Path(path).read_text())


def prepare(data, out, *, force=False, **options):
    """Reads, checks and joins the tables of a cohort into one MuData file.

    data: a mapping from names of modalities to tables (a path, an AnnData, a data frame of samples by
        features, or a list of these), or a MuData.
    out: the .h5mu file to write; `out`.prepare.tsv has what was matched, changed or left out.
    options: those of `cohesin prepare omics`, with _ for -. `unit`, `orientation` and `class_names` are mappings:
        unit={"rnaseq": "tpm"}; `labels` may be a data frame whose index names samples, `genes` a list,
        `class_names` {"column": {"0": "LumA"}}.
    Returns the rows (modality, what, count, first) of that file.
    """
    cohorts.check_data(data)
    if cohorts.is_path(data):
        raise TypeError('say which modality a file holds, as in {"rnaseq": path}')
    with _work() as folder:
        arguments = cohorts.table_arguments(data, folder, **options)
        return _native.prepare(out=pathlib.Path(out), force=force, **arguments)


def simulate(out, **options):
    """Writes the tables of a simulated cohort to the folder `out`; options as of `cohesin simulate omics`."""
    with _work():
        return _native.simulate(out=pathlib.Path(out), **options)


def split(data, *, folds=None, fractions=None, leave_out=None, stratify=(), out=None, **options):
    """Divides the samples by patient; returns a mapping sample -> fold, or train, valid, test.

    One of `folds` (a number), `fractions` (0.7, 0.15, 0.15) and `leave_out` (a column) is needed. `stratify`: a
    column, or several. `out`: keep the file. options: min_size, group, seed, force.
    """
    with _work() as folder:
        path = pathlib.Path(out) if out else folder / "split.tsv"
        _native.split(data=cohorts.prepared_path(data, folder), folds=folds, leave_out=leave_out, out=path,
                      fractions=None if fractions is None else list(fractions),
                      stratify=_one_or_many(stratify), **options)
        rows = [line.split("\t") for line in path.read_text().splitlines()[1:]]
        return {row[0]: row[1] for row in rows}


def fit(recipe, data, out, *, split=None, settings=None, progress=True, threads=0, **options):
    """Pre-trains or fine-tunes, as the recipe's task says; returns the run folder.

    recipe: a mapping, or the path of a JSON file. settings: single keys, {"train.epochs": 3}.
    data: the path of a prepared cohort, a MuData, or a mapping of tables that state their units (adata.uns["unit"]).
    out: the run folder; its weights, log and settings stay there.
    split: a mapping sample -> train, valid or test, or a file; without it all samples train.
    options: init, seed, resume, force, pretrain_on_unassigned, allow_shared_patients, device, precision.
    Ctrl-C puts the training away and raises KeyboardInterrupt; the same call with resume=True goes on.
    """
    with _work(progress, threads) as folder:
        _native.train(recipe=cohorts.recipe_path(recipe, folder), data=cohorts.prepared_path(data, folder),
                      out=pathlib.Path(out), split=cohorts.split_path(split, folder, "split"),
                      assignments=_assignments(settings), threads=threads, **options)
    return pathlib.Path(out)


def crossval(recipe, data, folds, out, *, without=(), settings=None, progress=True, threads=0, **options):
    """Trains and tests fold by fold, beside the recipe's baselines; returns the scores as scores.json has them.

    folds: a mapping sample -> fold (see `split`), or a file. without: modalities to hide, once each.
    out: the result folder; report.html, predictions.tsv, scores.json and each fold's checkpoint stay there.
    options: those of `fit`, permute_labels (a seed), and fold: that fold alone, after which None is returned.
    """
    with _work(progress, threads) as folder:
        _native.crossval(recipe=cohorts.recipe_path(recipe, folder), data=cohorts.prepared_path(data, folder),
                         folds=cohorts.split_path(folds, folder, "fold"), out=pathlib.Path(out),
                         without=_one_or_many(without), assignments=_assignments(settings), threads=threads,
                         **options)
    return None if options.get("fold") else _read_json(pathlib.Path(out) / "scores.json")


def predict(checkpoint, data, *, without=(), member=None, base=None, coverage=0.9, progress=True, threads=0,
            **tables):
    """Predictions for every sample of `data`, as arrays.

    checkpoint: a run folder, a checkpoint, or a crossval folder (all folds answer together; `member` names one,
        fold_0 or baseline:NAME). base: an adapter's base, if it is not where it was.
    data: as of `fit`; for tables `tables` are the options of `prepare`.
    without: modalities that are hidden, once each, in rows of their own. coverage: of the sets of classes.
    """
    with _work(progress, threads) as folder:
        return from_native(_native.predict(
            checkpoint=pathlib.Path(checkpoint), member=member, base=base, without=_one_or_many(without),
            coverage=coverage, **cohorts.source_arguments(data, folder, tables)))


def embed(checkpoint, data, *, layer=-1, per_feature=False, hidden=None, member=None, base=None, progress=True,
          threads=0, **tables):
    """The embeddings of the samples: [samples, D], or [samples, positions, D] with `per_feature`.

    layer: a transformer layer, from 1 (-1: the last). hidden: a modality kept from the model. The rest as of
    `predict`; of a crossval folder name one `member`, for each has a space of its own.
    """
    with _work(progress, threads) as folder:
        out = folder / "embeddings.npy"
        _native.embed(checkpoint=pathlib.Path(checkpoint), member=member, base=base, layer=layer,
                      per_feature=per_feature, hidden=hidden, out=out,
                      **cohorts.source_arguments(data, folder, tables))
        samples = pathlib.Path(f"{out}.samples.txt").read_text().splitlines()
        return Embeddings(names(samples), np.load(out))


def evaluate(checkpoint, data, *, split=None, part="test", without=(), progress=True, threads=0, **options):
    """Scores a checkpoint on a cohort with labels; without `split` on all of its samples.

    options: member, base, missing_genes, allow_shared_patients, seed.
    """
    with _work(progress, threads) as folder:
        out = folder / "scores.json"
        _native.evaluate(checkpoint=pathlib.Path(checkpoint), data=cohorts.prepared_path(data, folder), out=out,
                         split=cohorts.split_path(split, folder, "split"), part=part,
                         without=_one_or_many(without), **options)
        return _read_json(out)


def explain(checkpoint, data, out, *, split=None, progress=True, threads=0, **options):
    """Which genes of which modality speak for a class or a risk; returns the content of explanation.json.

    out: a folder; its attributions.tsv has every gene. options: method, baseline, steps, top, samples, gmt, ... as of
    `cohesin explain`.
    """
    with _work(progress, threads) as folder:
        _native.explain(checkpoint=pathlib.Path(checkpoint), data=cohorts.prepared_path(data, folder),
                        out=pathlib.Path(out), split=cohorts.split_path(split, folder, "split"), **options)
        return _read_json(pathlib.Path(out) / "explanation.json")


def scores(predictions, *, seed=0):
    """Scores of a table of predictions, ours or another tool's: Predictions, or a file."""
    with _work() as folder:
        path = predictions
        if isinstance(predictions, Predictions):
            path = folder / "predictions.tsv"
            predictions.write(path)
        _native.score(predictions=pathlib.Path(path), out=folder / "scores.json", seed=seed)
        return _read_json(folder / "scores.json")


def report(folder, out, *, force=False):
    """Writes the page of a run or result folder."""
    with _work():
        _native.report(pathlib.Path(folder), pathlib.Path(out), force)
    return pathlib.Path(out)
