"""Every detector there is: its names, what makes it, what it needs, and what it can do.

One table for both sides. A client refuses a wrong name and tells what there is without having any detector
installed; a worker imports from here, by name, the module whose `load` makes the detector.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from importlib.util import find_spec
from typing import Literal

from api_client.errors import SettingsError

PYTHON = "python"
"""The kind that is code of the job's own choice, and needs the worker's leave."""


@dataclass(frozen=True, kw_only=True)
class DetectorKind:
    """Detectors that one module makes."""

    names: tuple[str, ...]
    """As given to `client submit -d`; of a kind that says what to load, its form alone ("hf:MODEL")."""
    summary: str
    module: str = ""
    """Of workers, with a function `load(name, *, device, weights, cache, threads)`; "" for one's own code."""
    pattern: str | None = None
    """What a name looks like that says what to load; None where it is one of `names`."""
    packages: tuple[str, ...] = ()
    """Imported by it, and brought by its extra."""
    extra: str = "local"
    """Of the distribution: what installs it."""
    besides: tuple[str, ...] = ()
    """Imported by it, and brought by no extra."""
    weights: str
    """Where its weights come from."""
    needs_weights_file: bool = False
    """Whether there are no weights but those given with --weights."""
    licence: str
    """Of code and weights."""
    vocabulary: Literal["open", "fixed", "either"]
    """Whether it finds anything that can be named, or what it was trained on alone."""
    has_masks: bool = False
    takes_phrases_apart: bool = False
    """Whether phrases are found by their parts; others read them whole, or know names alone."""
    keeps_regions: Literal["yes", "some", "no"] = "no"
    """Whether other words can be asked of what it saw, without looking again; "some": OWLv2 and OWL-ViT."""

    @property
    def kind(self) -> str:
        """What stands before the colon."""
        return self.names[0].partition(":")[0]

    def fits(self, name: str) -> bool:
        """Whether it makes the detector of that name."""
        return name in self.names if self.pattern is None else re.fullmatch(self.pattern, name) is not None

    def missing(self) -> tuple[str, ...]:
        """The packages it needs that this Python has not."""
        return tuple(package for package in (*self.packages, *self.besides) if not _is_here(package))


KINDS = (
    DetectorKind(
        names=("pocket",),
        summary="12 MB, ships with Horatio, needs no GPU",
        module="workers.detectors.pocket",
        packages=("onnxruntime", "safetensors", "tokenizers"),
        weights="in the package",
        licence="Apache-2.0",
        vocabulary="open",
        takes_phrases_apart=True,
        keeps_regions="yes",
    ),
    DetectorKind(
        names=(
            "detic-swinb",
            "detic-convnext",
            "detic-r50",
            "detic-r18",
            "detic-swinb-lvis",
            "detic-r50-lvis",
            "detic-swinb-lvis-base",
            "detic-r50-lvis-base",
            "boxsup-swinb-lvis",
            "boxsup-r50-lvis",
        ),
        summary="Detic (2022): twenty-one thousand classes, or any words",
        module="workers.detectors.detic",
        packages=("torch", "torchvision", "open_clip"),
        extra="detic",
        weights="downloaded once, or --weights FILE",
        licence="Apache-2.0",
        vocabulary="open",
        takes_phrases_apart=True,
        has_masks=True,
        keeps_regions="yes",
    ),
    DetectorKind(
        names=("hf:MODEL",),
        summary="transformers' detectors: a model of the hub, or a folder on the worker",
        module="workers.detectors.hf",
        pattern=r"hf:[A-Za-z0-9._/-]+",
        packages=("torch", "torchvision", "transformers"),
        extra="hf",
        weights="downloaded once by the hub's client, or the folder's",
        licence="its own",
        vocabulary="either",
        keeps_regions="some",
    ),
    DetectorKind(
        names=("yolov3",),
        summary="YOLOv3 (2018): 80 kinds of things, to compare with",
        module="workers.detectors.yolov3",
        packages=("torch", "torchvision"),
        extra="detic",
        weights="yolov3.weights of Darknet's site, with --weights FILE",
        needs_weights_file=True,
        licence="public domain",
        vocabulary="fixed",
    ),
    DetectorKind(
        names=("detectron2:CONFIG,WEIGHTS",),
        summary="any model of detectron2, where that is installed",
        module="workers.detectors.detectron2_adapter",
        pattern=r"detectron2:[A-Za-z0-9._:/-]+,[A-Za-z0-9._:/-]+",
        packages=("torch",),
        extra="detic",
        besides=("detectron2",),
        weights="yours",
        licence="its own",
        vocabulary="fixed",
        has_masks=True,
    ),
    DetectorKind(
        names=("python:MODULE:FACTORY",),
        summary="a detector of your own, where workers may run it",
        pattern=r"python:[A-Za-z_][\w.]*:[A-Za-z_]\w*",
        weights="yours",
        licence="yours",
        vocabulary="either",
    ),
)

DETECTORS = tuple(name for kind in KINDS if kind.pattern is None for name in kind.names)
"""Those that are found by name alone."""

SHIPPED_WEIGHTS = {"pocket": "90045062bf45de23501ca8c33d781dcefd7101d5efbba8d29bc272568648ce78"}
"""Sha256 of the weights that come with this version, of detectors that come with weights."""


def detector_kind(name: str) -> DetectorKind:
    """Return what makes that detector; raise `SettingsError`, with the nearest name, where nothing does."""
    for kind in KINDS:
        if kind.fits(name):
            return kind
    for kind in KINDS:
        if kind.pattern is not None and name.partition(":")[0] == kind.kind:
            raise SettingsError(f"the detector {name!r} is incomplete: write {kind.names[0]}")
    near = get_close_matches(name.lower(), DETECTORS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(_all_names())}"
    raise SettingsError(f"there is no detector {name!r}: {hint}")


def check_detector_name(name: str) -> str:
    """Return the name; raise `SettingsError`, with the nearest one known, where it cannot be a detector."""
    detector_kind(name)
    return name


def check_weights_are_given(name: str, *, given: bool) -> None:
    """Raise `SettingsError` where the detector has no weights but those that are given with it."""
    if detector_kind(name).needs_weights_file and not given:
        raise SettingsError(f"the detector {name!r} needs its weights ({detector_kind(name).weights})")


def _all_names() -> Iterator[str]:
    for kind in KINDS:
        yield from kind.names


def _is_here(package: str) -> bool:
    """Whether it could be imported; nothing is."""
    try:
        return find_spec(package) is not None
    except ValueError:  # a module that was put into `sys.modules` by hand
        return False
