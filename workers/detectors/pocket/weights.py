"""Files of weights, read as NumPy arrays."""

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError, safe_open

from workers.detectors.errors import WeightsError

SHIPPED_WEIGHTS = Path(__file__).parent / "weights.safetensors"
Tensors = dict[str, NDArray[Any]]


def read_tensors(path: Path, *, without: str | None = None) -> Tensors:
    """Return every tensor of a safetensors file, but those whose names begin with `without`.

    Raises `WeightsError` where it cannot be read.
    """
    try:
        with safe_open(path, framework="np") as file:
            names = [name for name in file.keys() if not (without and name.startswith(without))]  # noqa: SIM118  (not a dict)
            return {name: file.get_tensor(name) for name in names}
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read the pocket detector's weights {path}: {error}") from error


def rows_of(tensors: Tensors, name: str) -> NDArray[np.float32]:
    """A table kept as int8, and what one step of each row is."""
    rows, steps = tensors[f"{name}.rows"], tensors[f"{name}.steps"]
    return np.asarray(rows.astype(np.float32) * np.asarray(steps, np.float32)[:, None], np.float32)


def network_weights(tensors: Tensors) -> dict[str, NDArray[np.float32]]:
    """The network's parameters by name, float32. The tables have been checked."""
    found = {
        key.removeprefix("network."): np.asarray(value, np.float32)
        for key, value in tensors.items()
        if key.startswith("network.")
    }
    return found | {"regions.image_classes.weight": rows_of(tensors, "classes")}
