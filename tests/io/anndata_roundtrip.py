"""Our h5ad and h5mu files open in anndata and mudata with the same values, and theirs in ours.

usage: anndata_roundtrip.py ANNDATA_TOOL      (exit code 77: the packages are not installed)
"""

import json
import math
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

try:
    import anndata
    import mudata
    import numpy as np
    import pandas as pd
    import scipy.sparse as sparse
except ImportError as missing:
    print(f"SKIPPED: {missing}; install tests/requirements.txt")
    sys.exit(77)

warnings.filterwarnings("ignore")
TOOL = sys.argv[1]


def run(*args):
    return subprocess.run([TOOL, *map(str, args)], check=True, capture_output=True, text=True).stdout


def show(path):
    return json.loads(run("show", path))


def plain(values):
    """Numbers or text as JSON has them, missing as None (numbers) or '' (text)."""
    values = list(values)
    is_text = any(isinstance(v, str) for v in values)
    missing = "" if is_text else None
    return [missing if pd.isna(v) else v if is_text else float(v) for v in values]


def same(found, expected, what):
    def close(a, b):
        if isinstance(a, (int, float)) and isinstance(b, (int, float)):
            return math.isclose(a, b, rel_tol=1e-6)
        return a == b

    found, expected = list(found), list(expected)
    good = len(found) == len(expected) and all(map(close, found, expected))
    assert good, f"{what}: found {found}, expected {expected}"


def check_our_cohort(path):
    cohort = mudata.read_h5mu(path)
    assert list(cohort.mod) == ["rnaseq", "methylation"]
    same(cohort.obs_names, ["S1", "S2", "S3", "S4"], "obs")
    same(plain(cohort.obs["patient"]), ["P1", "P1", "P2", "P3"], "patient")
    same(plain(cohort.obs["subtype"]), ["LumA", "", "Basal", "LumA"], "subtype")
    same(cohort.obs["subtype"].cat.categories, ["Basal", "LumA"], "subtype categories")
    same(plain(cohort.obs["time_days"]), [10, 20.5, None, 3], "time_days")
    assert cohort.obs["event"].dtype == np.int64
    rna, methylation = cohort["rnaseq"], cohort["methylation"]
    assert rna.X.dtype == np.float32 and rna.uns["unit"] == "tpm"
    assert methylation.uns["unit"] == "beta"
    same(plain(rna.X.ravel()), [1, 2, 3, 4, 5, None], "rnaseq X")
    same(plain(methylation.X.ravel()), [0.1, 0.2, 0.3, 0.4, 0.5, 0.6], "methylation X")
    same(rna.obs_names, ["S1", "S2", "S3"], "rnaseq obs")
    same(methylation.obs_names, ["S4", "S2"], "methylation obs")
    same(rna.var_names, ["ENSG1", "ENSG2"], "rnaseq var")
    same(rna.var["gene_id"], ["ENSG1", "ENSG2"], "gene_id")
    same(plain(rna.var["gene_name"]), ["A", ""], "gene_name")
    same(cohort.obsm["rnaseq"].ravel(), [True, True, True, False], "presence of rnaseq")
    same(cohort.obsm["methylation"].ravel(), [False, True, False, True], "presence of methylation")
    same(cohort.obsmap["methylation"], [0, 2, 0, 1], "map of methylation")
    same(cohort.varmap["methylation"], [0, 0, 1, 2, 3], "features of methylation")
    return cohort


def check_our_matrix(folder):
    matrix = anndata.read_h5ad(folder / "matrix.h5ad")
    same(plain(matrix.X.ravel()), [1, 2, 3, None, 5, 6.5], "X")
    same(plain(matrix.obs["id"]), ["x", "y", "z"], "obs/id")
    same(plain(matrix.obs["label"]), ["a", "", "a"], "obs/label")
    same(matrix.obsm["X_cohesin"].ravel(), range(1, 10), "obsm")
    same(matrix.layers["count"].ravel(), range(6), "layers")
    assert matrix.uns["unit"] == "tpm" and matrix.uns["p_value"] == 1e-4
    same(matrix.uns["background"], [0.3, 0.2, 0.2, 0.3], "uns list")
    embedding = anndata.read_h5ad(folder / "embedding.h5ad")
    assert embedding.shape == (2, 0) and embedding.X is None
    same(embedding.obsm["X_cohesin"].ravel(), [1, 2, 3, 4], "embedding")
    same(np.load(folder / "embedding.npy").ravel(), [1, 2, 3, 4], "npy")
    matrix.write_h5ad(folder / "again.h5ad")
    assert show(folder / "again.h5ad") == show(folder / "matrix.h5ad")


def their_obs(names):
    """Every kind of column that a dataframe of anndata can have."""
    n = len(names)
    pick = lambda values: [values[i % len(values)] for i in range(n)]
    return pd.DataFrame(
        {
            "text": pick(["x", "y", "z"]),
            "unique": [f"u{i}" for i in range(n)],
            "category": pd.Categorical(pick(["b", "a", None])),
            "ordered": pd.Categorical(pick(["lo", "hi"]), categories=["lo", "hi"], ordered=True),
            "number_category": pd.Categorical(pick([10, 20])),
            "float": pick([1.5, float("nan"), -3.0]),
            "float32": np.array(pick([1.5, 2.5]), dtype="float32"),
            "int32": np.array(pick([1, -2]), dtype="int32"),
            "uint8": np.array(pick([1, 255]), dtype="uint8"),
            "flag": pick([True, False]),
            "nullable_int": pd.array(pick([1, None, 3]), dtype="Int64"),
            "nullable_flag": pd.array(pick([True, None, False]), dtype="boolean"),
            "nullable_text": pd.array(pick(["q", None, "r"]), dtype="string"),
            "ünïcode": pick(["å", "ß"]),
        },
        index=names,
    )


def check_their_matrices(folder):
    dense = np.array([[1, 0, 3], [0, 5, 0], [7, 0, 9], [0, 0, 0]], dtype=float)
    forms = {
        "float64": dense,
        "float32": dense.astype("float32"),
        "float16": dense.astype("float16"),
        "int32": dense.astype("int32"),
        "int64": dense.astype("int64"),
        "uint16": dense.astype("uint16"),
        "fortran": np.asfortranarray(dense),
        "csr": sparse.csr_matrix(dense),
        "csc": sparse.csc_matrix(dense),
        "csr32": sparse.csr_matrix(dense.astype("float32")),
        "csr_int": sparse.csr_matrix(dense.astype("int64")),
        "csr_array": sparse.csr_array(dense),
    }
    names = ["S1", "S2", "S3", "S4"]
    for form, x in forms.items():
        for compression in [None, "gzip", "lzf"]:
            matrix = anndata.AnnData(x, their_obs(names), pd.DataFrame(index=["g1", "g2", "g3"]))
            matrix.obsm["X_pca"] = np.arange(8, dtype="float64").reshape(4, 2)
            path = folder / f"{form}.h5ad"
            matrix.write_h5ad(path, compression=compression)
            try:
                found = show(path)
            except subprocess.CalledProcessError as error:
                assert compression == "lzf" and "filter 32000 'lzf'" in error.stderr, error.stderr
                continue
            same(found["X"], dense.ravel(), f"X as {form}")
            same(found["obsm"]["X_pca"], range(8), "obsm")
            same(found["obs"]["index"], names, "obs")
            for column in matrix.obs:
                same(found["obs"]["columns"][column], plain(matrix.obs[column]), column)


def check_their_cohort(folder):
    rna = anndata.AnnData(
        np.array([[1, 2], [3, np.nan], [5, 6]]),
        their_obs(["S1", "S2", "S3"]),
        pd.DataFrame({"gene_name": ["A", "B"]}, index=["ENSG1", "ENSG2"]),
    )
    rna.uns["unit"] = "tpm"
    methylation = anndata.AnnData(
        sparse.csc_matrix(np.array([[0.0, 0.1], [0.2, 0]])),
        pd.DataFrame(index=["S4", "S2"]),
        pd.DataFrame(index=["ENSG2", "ENSG1"]),
    )
    cohort = mudata.MuData({"rna": rna, "methylation": methylation})
    cohort.obs["patient"] = ["P1", "P2", "P3", "P4"]
    cohort.write(folder / "theirs.h5mu")
    found = show(folder / "theirs.h5mu")
    same(found["obs"]["index"], ["S1", "S2", "S3", "S4"], "obs")
    same(found["obs"]["columns"]["patient"], ["P1", "P2", "P3", "P4"], "patient")
    same(found["obs"]["columns"]["rna:category"], plain(rna.obs["category"]) + [""], "pulled")
    same(found["unitless"], ["methylation"], "modalities without unit")
    same(found["mod"]["rna"]["X"], [1, 2, 3, None, 5, 6], "rna X")
    same(found["mod"]["rna"]["gene_names"], ["A", "B"], "gene names")
    same(found["mod"]["rna"]["row_of"], [0, 1, 2, -1], "rna rows")
    same(found["mod"]["methylation"]["X"], [0, 0.1, 0.2, 0], "methylation X")
    same(found["mod"]["methylation"]["row_of"], [-1, 1, -1, 0], "methylation rows")


def main():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run("write", folder)
        for file in ["cohort.h5mu", "cohort_gzip.h5mu"]:
            cohort = check_our_cohort(folder / file)
            cohort.write(folder / "again.h5mu")
            ours, again = show(folder / file), show(folder / "again.h5mu")
            assert ours == again, f"{file} through mudata: {again}, expected {ours}"
        check_our_matrix(folder)
        check_their_matrices(folder)
        check_their_cohort(folder)
    print(f"same values in anndata {anndata.__version__} and mudata {mudata.__version__}")


main()
