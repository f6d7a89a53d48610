"""The network by ONNX Runtime, on the CPU.

Three graphs, because between them boxes are chosen, which NumPy does. All of a frame's regions go through the
second and the third at once, one frame after the other: so no frame's numbers depend on another's.
"""

from collections.abc import Iterable, Sequence

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.onnx_session import session
from workers.detectors.pocket.sight import Sight

CONFIG = PocketConfig()
LEVELS = ("level_8", "level_16", "level_32")
DENSE_PARTS = ("backbone", "pyramid", "localisation")


class OnnxNetwork:
    """`Network` by the graphs that `training.pocket.graphs` writes."""

    def __init__(self, weights: dict[str, Floats], *, threads: int) -> None:
        """weights: by the names of `PocketNetwork`'s parameters. Raises what `session` raises."""
        self._dense = session("dense", _of(weights, DENSE_PARTS), threads=threads)
        self._second_look = session("second_look", _of(weights, ("refinement",)), threads=threads)
        self._naming = session("naming", _of(weights, ("regions",)), threads=threads)

    def look(
        self, images_BHW3: NDArray[np.uint8], *, borders_xyxy: Sequence[float], least: float
    ) -> list[Sight]:
        """See `Network.look`."""
        asked = {
            "images": images_BHW3,
            "borders": np.array(borders_xyxy, np.float32),
            "least": np.array([least], np.float32),
        }
        objectness_BP, boxes_BP4, image_map, *levels, selected_N3 = self._dense.run(None, asked)
        height, width = images_BHW3.shape[1:3]
        sights: list[Sight] = []
        for frame in range(len(images_BHW3)):
            point_R = selected_N3[selected_N3[:, 0] == frame, 2]
            sights.append(
                OnnxSight(
                    self._second_look,
                    self._naming,
                    objectness_R=objectness_BP[frame, point_R],
                    boxes_R4=boxes_BP4[frame, point_R],
                    sides=np.array([width, height] * 2, np.float32),
                    image_map=image_map[frame : frame + 1],
                    levels={
                        name: level[frame : frame + 1] for name, level in zip(LEVELS, levels, strict=True)
                    },
                )
            )
        return sights


class OnnxSight:
    """`Sight` by two graphs."""

    def __init__(
        self,
        second_look: onnxruntime.InferenceSession,
        naming: onnxruntime.InferenceSession,
        *,
        objectness_R: Floats,
        boxes_R4: Floats,
        sides: Floats,
        image_map: Floats,
        levels: dict[str, Floats],
    ) -> None:
        self.objectness_R = objectness_R
        self.boxes_R4 = boxes_R4
        self._second_look = second_look
        self._naming = naming
        self._unit_R4 = boxes_R4 / sides
        self._image_map = image_map
        self._levels = levels
        self._inside_RF: Floats | None = None

    def judge(self) -> tuple[Floats, Floats]:
        """See `Sight.judge`."""
        if len(self.boxes_R4) == 0:  # the graphs cannot pool nothing
            return np.zeros(0, np.float32), np.zeros((0, 4), np.float32)
        quality, shifts, self._inside_RF = self._second_look.run(
            None, {"boxes": self._unit_R4, **self._levels}
        )
        return quality, shifts

    def name(self, chosen: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """See `Sight.name`."""
        if len(chosen) == 0:
            return np.zeros((0, CONFIG.text_channels), np.float32), np.zeros(
                (0, CONFIG.image_classes), np.float32
            )
        assert self._inside_RF is not None, "judged before it is named"
        asked = {
            "boxes": self._unit_R4[chosen],
            "inside": self._inside_RF[chosen],
            "image_map": self._image_map,
        }
        embedding, image_logits = self._naming.run(None, asked)
        return embedding, image_logits


def _of(weights: dict[str, Floats], parts: Iterable[str]) -> dict[str, Floats]:
    """Those of some parts of the network, named as in the graphs."""
    return {f"network.{name}": value for name, value in weights.items() if name.partition(".")[0] in parts}
