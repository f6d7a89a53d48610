"""Detic (Zhou et al. 2022, arXiv 2201.02605): detection of twenty-one thousand classes, or of any one names.

The files, in the order a picture goes through them: preprocessing; resnet, convnext or swin; fpn; centernet;
roi_pooling and cascade; classifier; selection; mask_head; postprocessing; pasting.
"""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import torch

    from workers.detectors.clip_text import ClipTextEncoder
    from workers.detectors.detic.detector import DeticDetector
    from workers.detectors.detic.rescoring import DeticRescorer

__all__ = ["load", "load_rescorer", "load_text_encoder"]


def load(
    name: str,
    *,
    device: "str | torch.device",
    weights: Path | None = None,
    cache: Path | None = None,
    **_: object,
) -> "DeticDetector":
    """Return the Detic of that name on a device; see `loading.load_detic`, which takes more options."""
    from workers.detectors.detic.loading import load_detic  # torch only when a network is wanted

    return load_detic(name, device=device, weights=weights, cache=cache)


def load_rescorer(name: str, **_: object) -> "DeticRescorer":
    """Return what asks words of the regions that the Detic of that name kept: no weights, no torch."""
    from workers.detectors.detic.config import release
    from workers.detectors.detic.rescoring import DeticRescorer

    return DeticRescorer(release(name).config)


def load_text_encoder() -> "ClipTextEncoder":
    """Return what turns words into vectors, without the network."""
    from workers.detectors.clip_text import ClipTextEncoder  # torch only when words are new

    return ClipTextEncoder.official()
