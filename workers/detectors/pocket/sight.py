"""What the detector asks of whatever computes the network: ONNX Runtime on a CPU, torch on a GPU.

Legend: B frames, H W pixels, R regions of a frame, D sentence embedding, K ImageNet names.
"""

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import Floats


class Sight(Protocol):
    """What the network makes of one frame."""

    objectness_R: Floats
    """Of the proposals, best first, 0..1: how good a box is here, by the first look."""
    boxes_R4: Floats
    """Their boxes in pixels of the turned input, inside the picture."""

    def judge(self) -> tuple[Floats, Floats]:
        """Look again at every proposal: logits of a good fit (R,), shifts (R, 4) for `shifted`."""
        ...

    def name(self, chosen: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """Embeddings (chosen, D), not of unit length, and ImageNet logits (chosen, K) of some proposals.

        To be called after `judge`, which reads what naming needs too.
        """
        ...


class Network(Protocol):
    """Looks at frames. What it says of a frame does not depend on the frames beside it."""

    def look(
        self, images_BHW3: NDArray[np.uint8], *, borders_xyxy: Sequence[float], least: float
    ) -> list[Sight]:
        """Return one sight a frame.

        images_BHW3: as `preprocessing.stack` makes them. borders_xyxy: where the picture lies in them.
        least: the objectness over which a point is proposed.
        """
        ...
