"""Detectors: what turns frames and a vocabulary into detections."""

from workers.detectors.detections import Detections, Regions
from workers.detectors.protocol import Detector, EmbeddedVocabulary, Frame, Progress, TextEncoder

__all__ = ["Detections", "Detector", "EmbeddedVocabulary", "Frame", "Progress", "Regions", "TextEncoder"]
