"""Detectors: what turns frames and a vocabulary into detections."""

from workers.detectors.detections import Detections, Regions
from workers.detectors.protocol import (
    Detector,
    EmbeddedVocabulary,
    Frame,
    Naming,
    Progress,
    Rescorer,
    Search,
    Searchable,
    TextEncoder,
)

__all__ = [
    "Detections",
    "Detector",
    "EmbeddedVocabulary",
    "Frame",
    "Naming",
    "Progress",
    "Regions",
    "Rescorer",
    "Search",
    "Searchable",
    "TextEncoder",
]
