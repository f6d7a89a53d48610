"""From a detector's name to the detector. Only what is asked for is imported.

Detectors of one's own: `-d python:MODULE:FACTORY` loads with `FACTORY(device=…, weights=…)` anything that is
a `Detector`. A job would so choose code to run, so a worker does it only where its own settings allow it
(`HORATIO_ALLOW_PYTHON_DETECTORS`).
"""

from importlib import import_module
from pathlib import Path
from typing import Protocol, cast

from api_client.detectors import PYTHON, DetectorKind, detector_kind
from api_client.errors import SettingsError
from api_client.install_command import install_command
from workers.detectors.protocol import Detector, Rescorer, TextEncoder

_CALLED = {"torch": "PyTorch", "onnxruntime": "ONNX Runtime"}
"""What people call a package whose import has another name."""


class Factory(Protocol):
    """Makes a detector. Raises `HoratioError` where it cannot."""

    def __call__(self, *, device: str, weights: Path | None) -> Detector:
        """device: as torch names it. weights: a file the user gave, or None for the detector's own."""
        ...


class _Load(Protocol):
    """What a module of the table has under the name `load`."""

    def __call__(
        self, name: str, *, device: str, weights: Path | None, cache: Path | None, threads: int
    ) -> Detector: ...


class _LoadRescorer(Protocol):
    """What a module of the table has under the name `load_rescorer`, where it keeps regions."""

    def __call__(self, name: str, *, weights: Path | None) -> Rescorer: ...


def load_detector(
    name: str,
    *,
    device: str,
    weights: Path | None = None,
    cache: Path | None = None,
    threads: int = 0,
    allow_python: bool = False,
) -> Detector:
    """Return the detector of that name, ready to detect.

    cache: where a detector keeps official weights that it downloads; None for a place of its own.
    threads: what a detector that keeps threads of its own computes with on the CPU; 0 for one per core.
    Raises `SettingsError` where the name is unknown, not allowed here, or not importable.
    """
    kind = detector_kind(name)
    if kind.kind == PYTHON:
        return _python_factory(name, allow_python)(device=device, weights=weights)
    _check_installed(name, kind)
    load = cast("_Load", import_module(kind.module).load)
    return load(name, device=device, weights=weights, cache=cache, threads=threads)


def _check_installed(name: str, kind: DetectorKind) -> None:
    """What no extra brings, the detector's own module tells of: it knows how it is to be had."""
    missing = [package for package in kind.missing() if package not in kind.besides]
    if missing:
        packages = ", ".join(_CALLED.get(package, package) for package in missing)
        raise SettingsError(
            f"the detector {name!r} needs {packages}, which this worker has not: "
            f"`{install_command(kind.extra)}` there, or use the detector 'pocket'"
        )


def load_rescorer(name: str, *, weights: Path | None = None, allow_python: bool = False) -> Rescorer | None:
    """Return what asks words of the regions that the detector of that name kept, or None where it keeps none.

    Neither torch nor ONNX Runtime is needed, but by detectors of one's own that import them.
    Raises `SettingsError` where the name is unknown, not allowed here, or not importable.
    """
    kind = detector_kind(name)
    if kind.kind == PYTHON:
        return getattr(_python_factory(name, allow_python)(device="cpu", weights=weights), "rescorer", None)
    if kind.keeps_regions == "no":
        return None
    load = cast("_LoadRescorer | None", getattr(import_module(kind.module), "load_rescorer", None))
    return None if load is None else load(name, weights=weights)


def load_text_encoder(name: str, *, allow_python: bool = False) -> TextEncoder | None:
    """Return what turns words into vectors for the detector of that name, without its network.

    None where it cannot be had without. Raises `SettingsError` as `load_rescorer`, and where a package is
    missing.
    """
    kind = detector_kind(name)
    if kind.kind == PYTHON:
        return getattr(_python_factory(name, allow_python)(device="cpu", weights=None), "text_encoder", None)
    _check_installed(name, kind)
    load = getattr(import_module(kind.module), "load_text_encoder", None)
    return None if load is None else cast("TextEncoder", load())


def _python_factory(name: str, allowed: bool) -> Factory:
    if not allowed:
        raise SettingsError(
            f"the detector {name!r} is code of one's own, which this worker does not run: "
            "set HORATIO_ALLOW_PYTHON_DETECTORS=1 for the worker if you trust whoever submits jobs"
        )
    module, _, attribute = name.removeprefix(f"{PYTHON}:").partition(":")
    try:
        return cast("Factory", getattr(import_module(module), attribute))
    except (ImportError, AttributeError) as error:
        raise SettingsError(
            f"the detector {name!r} cannot be imported by the worker ({error}): install its package there"
        ) from error
