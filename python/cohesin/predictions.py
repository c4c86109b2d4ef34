"""What models answer, as numpy arrays beside the names of the samples."""

import dataclasses
import pathlib
from typing import List, Optional

import numpy as np

from . import _native

_TEXT = ("samples", "fold", "modalities", "hidden", "cohort", "unusual", "label", "predicted", "set", "risk_group")


@dataclasses.dataclass
class Predictions:
    """The content of predictions.tsv, a row a sample (and modality hidden). What a task does not have is None;
    an unknown outcome is "" or NaN."""

    samples: np.ndarray
    modalities: np.ndarray  # those used, comma-separated
    hidden: np.ndarray  # the modality that was hidden, or ""
    fold: Optional[np.ndarray] = None
    cohort: Optional[np.ndarray] = None
    unusual: Optional[np.ndarray] = None  # modalities further off than any training sample's, comma-separated
    # classification
    classes: Optional[List[str]] = None  # K names
    label: Optional[np.ndarray] = None
    predicted: Optional[np.ndarray] = None
    probability: Optional[np.ndarray] = None  # [n, K]
    coverage: Optional[float] = None  # of the sets
    set: Optional[np.ndarray] = None  # conformal sets: classes joined by ;
    # survival
    time_days: Optional[np.ndarray] = None
    event: Optional[np.ndarray] = None  # 1 = observed
    risk: Optional[np.ndarray] = None  # higher = earlier
    horizons_days: Optional[np.ndarray] = None  # H
    survival: Optional[np.ndarray] = None  # [n, H] probability to live beyond each
    risk_group: Optional[np.ndarray] = None
    # regression
    targets: Optional[List[str]] = None  # T names
    target_values: Optional[np.ndarray] = None  # [n, T]
    predicted_values: Optional[np.ndarray] = None  # [n, T]

    def __len__(self):
        return len(self.samples)

    def text(self):
        """The text of predictions.tsv, as the command writes it."""
        columns = {}
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            if isinstance(value, np.ndarray):
                value = value.ravel().tolist()
            columns[field.name] = value
        return _native.predictions_text(**columns)

    def write(self, path):
        pathlib.Path(path).write_text(self.text(), encoding="utf-8")

    def to_pandas(self):
        """A data frame with the columns of predictions.tsv."""
        import pandas

        columns = {"sample": self.samples}
        for name in ("fold", "modalities", "hidden", "cohort", "label", "predicted"):
            columns[name] = getattr(self, name)
        for k, name in enumerate(self.classes or []):
            columns[f"probability:{name}"] = self.probability[:, k]
        if self.coverage:
            columns[f"set:{self.coverage:g}"] = self.set
        for name in ("time_days", "event", "risk"):
            columns[name] = getattr(self, name)
        for k, days in enumerate(self.horizons_days if self.horizons_days is not None else []):
            columns[f"survival:{days:g}"] = self.survival[:, k]
        columns["risk_group"] = self.risk_group
        for k, name in enumerate(self.targets or []):
            columns[f"target:{name}"] = self.target_values[:, k]
            columns[f"predicted:{name}"] = self.predicted_values[:, k]
        columns["unusual"] = self.unusual
        return pandas.DataFrame({name: values for name, values in columns.items() if values is not None})


@dataclasses.dataclass
class Embeddings:
    samples: np.ndarray
    values: np.ndarray  # [n, D], or [n, positions, D] where asked per feature

    def __len__(self):
        return len(self.samples)


def names(values):
    return np.array(values, dtype=str)


def from_native(columns):
    for name in _TEXT:
        if name in columns:
            rows = columns[name]
            columns[name] = names(rows) if rows or name in ("samples", "modalities", "hidden") else None
    if "event" in columns:
        columns["event"] = np.array(columns["event"], dtype=np.int64)
    return Predictions(**columns)


def read_predictions(path):
    """A table of predictions, ours or another tool's."""
    return from_native(_native.read_predictions(pathlib.Path(path)))
