"""Cohesin: multi-modal foundation models of genomics, from Python.

The functions are those of the command `cohesin`, on AnnData and MuData objects or on files:
`prepare` makes a cohort, `split` folds, `fit` and `crossval` train, `predict` and `embed` ask a
trained model, `evaluate` and `scores` tell how good it is. A user's mistake raises CohesinError,
which says what to do; what the library says goes to logging's logger "cohesin".
"""

import sys as _sys


def _load():
    torch = _sys.modules.get("torch")
    found = getattr(torch, "__version__", "").split("+")[0]
    hint = f"; torch {found} is imported: cohesin runs beside the version that it was built with only"
    try:
        from . import _native
    except ImportError as error:
        raise ImportError(f"{error}{hint if torch else ''}") from error
    if torch and found != _native.torch_version:
        raise ImportError(f"cohesin was built with libtorch {_native.torch_version}{hint}")
    return _native


_native = _load()

from ._native import CohesinError  # noqa: E402
from .predictions import Embeddings, Predictions, read_predictions  # noqa: E402
from .verbs import (  # noqa: E402
    crossval, embed, evaluate, explain, fit, predict, prepare, report, scores, simulate, split)

__version__ = _native.version
__all__ = [
    "CohesinError", "Embeddings", "Predictions", "crossval", "embed", "evaluate", "explain", "fit",
    "predict", "prepare", "read_predictions", "report", "scores", "simulate", "split"]
