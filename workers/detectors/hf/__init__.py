"""Detectors of the `transformers` library: `-d hf:MODEL`, a model of the hub or a folder on the worker.

One file a family: `grounding` (Grounding DINO, MM-Grounding-DINO, LLMDet), `omdet` (OmDet-Turbo), `owl`
(OWLv2, OWL-ViT) find what is named; `fixed` (RT-DETR, D-FINE, DETR, RF-DETR, …) what it was trained on.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.detectors.hf.detector import HfDetector

__all__ = ["load"]


def load(name: str, *, device: str, weights: Path | None = None, **_: object) -> "HfDetector":
    """Return the detector of `hf:MODEL`; see `loading.load_model`."""
    from workers.detectors.hf.loading import load_model  # transformers only when a network is wanted

    return load_model(name, device=device, weights=weights)
