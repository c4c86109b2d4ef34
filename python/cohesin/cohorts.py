"""Objects of Python as files that the library reads: it reads files only, in one way."""

import json
import os
import pathlib
from collections.abc import Mapping

from . import _native


def is_mudata(data):
    return hasattr(data, "mod") and hasattr(data, "obsmap")


def is_anndata(data):
    return hasattr(data, "write_h5ad") and hasattr(data, "var_names") and not is_mudata(data)


def is_path(data):
    return isinstance(data, (str, os.PathLike))


def _assignments(values):
    """{"rnaseq": "tpm"} -> ["rnaseq=tpm"]"""
    return None if values is None else [f"{os.fspath(name)}={value}" for name, value in values.items()]


def _table(data, path):
    """The path of a table: itself, or `path` plus an ending after an AnnData or a data frame was
    written there."""
    if is_path(data):
        return os.fspath(data)
    if is_anndata(data):
        path = path.with_suffix(".h5ad")
        data.write_h5ad(path, convert_strings_to_categoricals=False)
    elif hasattr(data, "to_csv"):
        path = path.with_suffix(".tsv")
        data.to_csv(path, sep="\t", index_label="sample")
    else:
        raise TypeError(f"expected a path, an AnnData or a data frame, not {type(data).__name__}")
    return str(path)


def _lines(values, path):
    """A file with one value a line; a path stays itself."""
    if values is None or is_path(values):
        return values
    path.write_text("".join(f"{value}\n" for value in values))
    return path


def _pairs(values, path, header=None):
    """A file of two columns from a mapping; a path stays itself."""
    if values is None or is_path(values):
        return values
    if not hasattr(values, "items"):
        raise TypeError(f"expected a path or a mapping, not {type(values).__name__}")
    rows = [header] if header else []
    rows += list(values.items())
    path.write_text("".join(f"{key}\t{value}\n" for key, value in rows))
    return path


def _labels_of(mudata, path):
    """The columns that stand for the cohort as a whole, not pulled from a modality."""
    columns = [name for name in mudata.obs.columns if str(name).split(":")[0] not in mudata.mod]
    return _table(mudata.obs[columns], path) if columns else None


def _modalities(data, folder):
    """["NAME=FILE", ...] of a mapping, and its labels where it has its own."""
    if is_mudata(data):
        path = folder / "tables.h5mu"
        data.write(path)
        return [f"{name}={path}" for name in data.mod], _labels_of(data, folder / "labels_of_mudata")
    modalities = []
    for name, tables in data.items():
        for number, table in enumerate(tables if isinstance(tables, (list, tuple)) else [tables]):
            modalities.append(f"{name}={_table(table, folder / f'{name}_{number}')}")
    return modalities, None


def check_data(data):
    if is_anndata(data):
        raise TypeError('an AnnData holds one modality: say which, as in {"rnaseq": adata}')
    if not (is_path(data) or is_mudata(data) or isinstance(data, Mapping)):
        raise TypeError("expected the path of a prepared cohort, a MuData, or a mapping from names of modalities "
                        f"to tables, not {type(data).__name__}")


def table_arguments(data, folder, labels=None, genes=None, aliases=None, gene_lengths=None, class_names=None,
                    masked_probes=None, unit=None, orientation=None, cohort=None, **options):
    """The keyword arguments of the library's readers for tables: those of `prepare`."""
    modality, own_labels = _modalities(data, folder)
    labels = own_labels if labels is None else _table(labels, folder / "labels")
    names = {} if class_names is None else class_names
    return dict(
        options, modality=modality, labels=labels, unit=_assignments(unit), orientation=_assignments(orientation),
        cohort=_assignments(cohort), genes=_lines(genes, folder / "genes.txt"),
        aliases=_pairs(aliases, folder / "aliases.tsv"),
        gene_lengths=_pairs(gene_lengths, folder / "gene_lengths.tsv"),
        class_names=[f"{column}={_pairs(values, folder / f'class_names_{number}.tsv')}"
                     for number, (column, values) in enumerate(names.items())],
        masked_probes=_lines(masked_probes, folder / "masked_probes.txt"))


def source_arguments(data, folder, tables):
    """What predict and embed read: a prepared cohort, or tables read on the way."""
    check_data(data)
    if isinstance(data, Mapping) and not is_mudata(data):
        return table_arguments(data, folder, **tables)
    if set(tables) - {"missing_genes"}:
        raise TypeError(f"{', '.join(sorted(tables))}: only for tables, as in {{\"rnaseq\": table}}")
    return dict(tables, data=prepared_path(data, folder))


def prepared_path(data, folder):
    """The path of a prepared cohort: itself, or a file in `folder`. Tables state their units themselves (uns)."""
    check_data(data)
    if is_path(data):
        return os.fspath(data)
    path = folder / "cohort.h5mu"
    if is_mudata(data):
        data.write(path)
    else:
        _native.prepare(out=path, **table_arguments(data, folder))
    return path


def recipe_path(recipe, folder):
    """The path of a recipe: itself, or a file with the JSON of a mapping."""
    if is_path(recipe):
        return recipe
    path = folder / "recipe.json"
    path.write_text(json.dumps(recipe, indent=2))
    return path


def split_path(split, folder, column):
    """The path of a split file: itself, or one written from a mapping sample -> part."""
    return _pairs(split, pathlib.Path(folder) / f"{column}.tsv", ("sample", column))
