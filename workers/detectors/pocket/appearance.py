"""What a region looks like beyond words: 128 numbers in which example pictures are compared.

ImageNet's classifier tells a thousand kinds apart along a few directions of its map. The 128 strongest of
them (its singular vectors) say more of a breed than its names do, and are a linear function of its logits, so
that the network need not say anything new. `training.pocket.appearance` makes the file.

Legend: R regions, K ImageNet's names, P numbers of an appearance, N ordinary regions, G numbers compared.
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.weights import read_tensors, rows_of

APPEARANCE_TABLES = Path(__file__).parent / "appearance.safetensors"
CHANNELS = 128


@dataclass(frozen=True, kw_only=True)
class Appearance:
    """From ImageNet's logits to an appearance, and what ordinary things look like."""

    directions_KP: Floats
    middle_P: Floats
    """Of ordinary regions: taken off, so that int8 is spent on differences."""
    ordinary_NG: Floats
    """Embedding and appearance of regions of ordinary photographs."""

    @classmethod
    def shipped(cls) -> "Appearance":
        """Read the shipped tables. Raises `WeightsError` where they are damaged."""
        tensors = read_tensors(APPEARANCE_TABLES)
        return cls(
            directions_KP=rows_of(tensors, "directions"),
            middle_P=tensors["middle"].astype(np.float32),
            ordinary_NG=rows_of(tensors, "ordinary"),
        )

    def of(self, image_logits_RK: Floats) -> Floats:
        """(R, P): of about unit length."""
        return np.asarray(image_logits_RK @ self.directions_KP - self.middle_P, np.float32)
