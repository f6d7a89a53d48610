"""From a detector's name to the detector. Only what is asked for is imported.

Detectors of one's own: `-d python:MODULE:FACTORY` loads with `FACTORY(device=…, weights=…)` anything that is
a `Detector`. A job would so choose code to run, so a worker does it only where its own settings allow it
(`HORATIO_ALLOW_PYTHON_DETECTORS`).
"""

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, cast

from api_client.detectors import check_detector_name
from api_client.errors import SettingsError
from workers.detectors.protocol import Detector

if TYPE_CHECKING:
    import torch


class Factory(Protocol):
    """Makes a detector. Raises `HoratioError` where it cannot."""

    def __call__(self, *, device: "torch.device", weights: Path | None) -> Detector:
        """weights: a file the user gave, or None for the detector's own."""
        ...


def load_detector(
    name: str,
    *,
    device: "torch.device",
    weights: Path | None = None,
    cache: Path | None = None,
    allow_python: bool = False,
) -> Detector:
    """Return the detector of that name, ready to detect.

    cache: where a detector keeps official weights that it downloads; None for a place of its own.
    Raises `SettingsError` where the name is unknown, not allowed here, or not importable.
    """
    kind, _, rest = check_detector_name(name).partition(":")
    if kind == "python":
        return _python_factory(name, rest, allow_python)(device=device, weights=weights)
    if kind == "detectron2":
        return _loader("detectron2_adapter")(name, device=device, weights=weights)
    if kind == "pocket":
        return cast("Factory", import_module("workers.detectors.pocket").load)(device=device, weights=weights)
    return _loader("detic")(name, device=device, weights=weights, cache=cache)


class _Loader(Protocol):
    def __call__(self, name: str, *, device: "torch.device", **files: Path | None) -> Detector: ...


def _loader(module: str) -> _Loader:
    return cast("_Loader", import_module(f"workers.detectors.{module}").load)


def _python_factory(name: str, target: str, allowed: bool) -> Factory:
    if not allowed:
        raise SettingsError(
            f"the detector {name!r} is code of one's own, which this worker does not run: "
            "set HORATIO_ALLOW_PYTHON_DETECTORS=1 for the worker if you trust whoever submits jobs"
        )
    module, _, attribute = target.partition(":")
    try:
        return cast("Factory", getattr(import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"the detector {name!r} cannot be imported by the worker ({error}): install its package there"
        ) from error
