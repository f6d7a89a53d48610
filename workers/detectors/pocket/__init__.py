"""The pocket detector: open-vocabulary, small enough to ship with the package."""

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workers.detectors.pocket.detector import PocketDetector
    from workers.detectors.pocket.rescoring import PocketRescorer
    from workers.detectors.pocket.text_encoder import MiniLMTextEncoder

__all__ = ["DEFAULT_THRESHOLD", "load", "load_rescorer", "load_text_encoder"]

DEFAULT_THRESHOLD = 0.55
"""Below this, more boxes are wrong than right on photographs."""


def load(
    _name: str = "pocket", *, device: str, weights: Path | None = None, threads: int = 0, **_: object
) -> "PocketDetector":
    """Return the detector on a device; see `loading.load`."""
    from workers.detectors.pocket import loading  # ONNX Runtime only when a network is wanted

    return loading.load(device=device, weights=weights, threads=threads)


def load_rescorer(_name: str = "pocket", *, weights: Path | None = None) -> "PocketRescorer":
    """Return what asks words of regions that were kept; see `known_words.load_rescorer`."""
    from workers.detectors.pocket.known_words import load_rescorer

    return load_rescorer(weights=weights)


def load_text_encoder() -> "MiniLMTextEncoder":
    """Return what turns words into vectors, without the network."""
    from workers.detectors.pocket.text_encoder import MiniLMTextEncoder

    return MiniLMTextEncoder()
