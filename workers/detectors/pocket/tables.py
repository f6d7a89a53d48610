"""What must lie beside the network in a file of weights: the tables of names, and the sharpness.

Legend: K ImageNet names, N known names, S spellings of taught names, D sentence embedding, C image channels.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from workers.detectors.errors import WeightsError
from workers.detectors.pocket.config import PocketConfig

_REMEDY = "it is no pocket detector's, or another version exported it: export it anew"


class _Shaped(Protocol):
    @property
    def shape(self) -> tuple[int, ...]: ...


def check_tables(tensors: Mapping[str, _Shaped], config: PocketConfig, path: Path) -> None:
    """Raise `WeightsError`, one line that names the first, where a table is missing or has another shape."""
    for name, expected in _expected_shapes(config).items():
        if name not in tensors:
            raise WeightsError(f"{path} lacks {name!r}: {_REMEDY}")
        found = tuple(tensors[name].shape)
        if len(found) != len(expected) or not all(map(_fits, found, expected)):
            wanted = ", ".join("any" if size is None else str(size) for size in expected)
            raise WeightsError(f"{path} holds {name!r} of shape {found} instead of ({wanted}): {_REMEDY}")
    for name in ("classes", "names", "taught"):
        rows, steps = tensors[f"{name}.rows"].shape[0], tensors[f"{name}.steps"].shape[0]
        if rows != steps or rows == 0:
            raise WeightsError(f"{path} holds {rows} rows of {name!r} and {steps} steps: {_REMEDY}")
    if tensors["names.rows"].shape[0] < config.image_classes:
        raise WeightsError(f"{path} holds fewer names than ImageNet's {config.image_classes}: {_REMEDY}")


def _expected_shapes(config: PocketConfig) -> dict[str, tuple[int | None, ...]]:
    return {
        "scale": (1,),
        "classes.rows": (config.image_classes, config.image_channels),  # K, C
        "classes.steps": (config.image_classes,),
        "names.rows": (None, config.text_channels),  # N, D
        "names.steps": (None,),
        "names.mean": (config.text_channels,),
        "taught.rows": (None, config.text_channels),  # S, D
        "taught.steps": (None,),
    }


def _fits(found: int, expected: int | None) -> bool:
    return expected is None or found == expected
