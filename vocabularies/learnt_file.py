"""`.vocab`: what `client learn` makes of example pictures, as Parquet that says what it is.

One row an entry: its label, or none where it is one to hold the others against; how many examples it was
learnt from; and a discriminant, weights and bias, over the numbers in which a detector compares regions.
Detector, weights digest and calibration are in the metadata. It holds no picture.

Legend: L looks, E entries, G numbers that are compared.
"""

import hashlib
import io
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from vocabularies.errors import VocabularyError
from vocabularies.label import clean_label
from vocabularies.learnt import LearntLabels

_METADATA = b"horatio.learnt"
_VERSION = 1
_MOST_BYTES = 64 << 20
"""Thousands of entries."""


@dataclass(frozen=True, kw_only=True, eq=False)
class LearntEntries:
    """What was learnt from pictures, to be compared with the regions of one detector."""

    labels: tuple[str, ...]
    """Of the entries to find; those to hold them against come after them in the rows below."""
    examples_E: NDArray[np.int32]
    weights_EG: NDArray[np.float32]
    bias_E: NDArray[np.float32]
    slope: float
    """From a margin to the logarithm of odds, with `offset`."""
    offset: float
    space: str
    """Which numbers are compared, as the detector's rescorer names them."""
    detector: str
    weights_digest: str

    def check_fits(self, space: str, weights_digest: str) -> None:
        """Raise `VocabularyError` where looks of these weights cannot be compared with what was learnt."""
        if (self.space, self.weights_digest) != (space, weights_digest):
            raise VocabularyError(
                f"{self.labels[0]!r} was learnt with the detector {self.detector!r} and other weights "
                f"({self.weights_digest[:12]}…): learn it again with the one that looks"
            )

    def chances(self, compared_LG: NDArray[np.float32]) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """(L, labels) the probability of each entry to find, and (L,) that a look shows none of them.

        By odds against everything ordinary, however high: of two that are both sure the surer is likelier.
        """
        margin_LE = compared_LG @ self.weights_EG.T + self.bias_E
        logit_LE = np.float32(self.slope) * margin_LE + np.float32(self.offset)
        peak_L1 = logit_LE.max(axis=1, keepdims=True).clip(0)
        odds_LE, ordinary_L1 = np.exp(logit_LE - peak_L1), np.exp(-peak_L1)
        found = odds_LE[:, : len(self.labels)]
        none_L = ordinary_L1[:, 0] / (ordinary_L1[:, 0] + found.sum(axis=1))
        return found / (ordinary_L1 + odds_LE.sum(axis=1, keepdims=True)), none_L


def learnt_bytes(entries: LearntEntries) -> bytes:
    """Return the file's bytes: the same for equal entries."""
    known = {
        "version": _VERSION,
        "detector": entries.detector,
        "weights_digest": entries.weights_digest,
        "space": entries.space,
        "slope": entries.slope,
        "offset": entries.offset,
    }
    count = len(entries.bias_E)
    labels = [*entries.labels, *[None] * (count - len(entries.labels))]
    table = pa.table(
        {
            "label": pa.array(labels, pa.string()),
            "examples": pa.array(entries.examples_E, pa.int32()),
            "weights": pa.array(list(entries.weights_EG.astype(np.float32)), pa.list_(pa.float32())),
            "bias": pa.array(entries.bias_E.astype(np.float32), pa.float32()),
        }
    ).replace_schema_metadata({_METADATA: json.dumps(known).encode()})
    file = io.BytesIO()
    pq.write_table(table, file, compression="zstd")
    return file.getvalue()


def learnt_entries(data: bytes, name: str) -> LearntEntries:
    """Return what the bytes of a `.vocab` file hold. Raises `VocabularyError`, one line."""
    try:
        table = pq.read_table(io.BytesIO(data))
        known = json.loads((table.schema.metadata or {})[_METADATA])
        labels = [label for label in table["label"].to_pylist() if label is not None]
        entries = LearntEntries(
            labels=tuple(clean_label(label) for label in labels),
            examples_E=table["examples"].to_numpy(),
            weights_EG=np.array(table["weights"].to_pylist(), np.float32),
            bias_E=table["bias"].to_numpy(),
            slope=float(known["slope"]),
            offset=float(known["offset"]),
            space=str(known["space"]),
            detector=str(known["detector"]),
            weights_digest=str(known["weights_digest"]),
        )
        usable = known["version"] == _VERSION and entries.weights_EG.ndim == 2 and len(labels) > 0
    except (pa.ArrowException, OSError, KeyError, TypeError, ValueError) as error:
        raise VocabularyError(f"{name!r} is no vocabulary that `client learn` wrote ({error})") from None
    if not usable or not np.isfinite(entries.weights_EG).all() or not np.isfinite(entries.bias_E).all():
        raise VocabularyError(f"{name!r} was written by another version or is damaged: learn it again")
    return entries


def read_learnt_file(path: Path) -> LearntLabels:
    """Return the labels a `.vocab` file tells, and remember its bytes for `remembered_bytes`."""
    try:
        data = path.read_bytes() if path.stat().st_size <= _MOST_BYTES else b""
    except OSError as error:
        raise VocabularyError(f"the vocabulary {str(path)!r} cannot be read ({error.strerror})") from None
    entries = learnt_entries(data, str(path))
    learnt = LearntLabels(
        labels=entries.labels,
        sha256=hashlib.sha256(data).hexdigest(),
        detector=entries.detector,
        weights_digest=entries.weights_digest,
    )
    _read[learnt.sha256] = data
    return learnt


_read: dict[str, bytes] = {}
"""The files this process has read, by digest: whoever submits a job stores them beside it."""


def remembered_bytes(sha256: str) -> bytes | None:
    """Return the bytes of a `.vocab` file that this process has read, or None."""
    return _read.get(sha256)
