"""The pocket detector: open-vocabulary, small enough to ship with the package."""

from workers.detectors.pocket.detector import DEFAULT_THRESHOLD, PocketDetector
from workers.detectors.pocket.loading import load

__all__ = ["DEFAULT_THRESHOLD", "PocketDetector", "load"]
