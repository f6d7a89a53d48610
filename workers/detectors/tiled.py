"""Any detector, looking at the whole frame and at each of its tiles.

Legend: N boxes of a frame, V views of it: the whole frame, and its tiles.
"""

from collections.abc import Callable, Iterator, Sequence
from itertools import islice

import numpy as np

from api_client.contract.tiling import Tiling
from vocabularies import Vocabulary
from workers.detectors.detections import Detections
from workers.detectors.facts import Facts, facts_of
from workers.detectors.merged_views import SAME_OBJECT_IOU, View, merged
from workers.detectors.protocol import Detector, EmbeddedVocabulary, Frame, Rescorer
from workers.detectors.tiles import Tile, tiles_of

Look = Callable[[Sequence[Frame]], list[Detections]]


class TiledDetector:
    """`Detector` by another one. Not thread-safe where that one is not."""

    def __init__(self, detector: Detector, tiling: Tiling) -> None:
        self.name = detector.name
        self.weights_digest = detector.weights_digest
        self.batch_size = detector.batch_size
        self.default_threshold = detector.default_threshold
        self.text_encoder = detector.text_encoder
        # what is kept of tiles is merged: it is asked like that of whole frames
        self.rescorer: Rescorer | None = getattr(detector, "rescorer", None)
        self._detector, self._tiling = detector, tiling

    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Tiles are looked at in batches of the detector's own size, those of several frames together.
        """
        if not frames:
            return []

        def look(pictures: Sequence[Frame]) -> list[Detections]:
            return self._detector.detect(pictures, vocabulary, threshold=threshold, regions=regions)

        height, width = frames[0].shape[:2]
        whole = Tile(x=0, y=0, width=width, height=height)
        tiles = tiles_of((height, width), self._tiling)
        seen = self._looked_at(frames, tiles, look)
        return [
            merged(
                [View(tile=whole, found=found), *(View(tile=tile, found=next(seen)) for tile in tiles)],
                frame_hw_px=(height, width),
                regions=regions,
            )
            for found in look(frames)
        ]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """What the detector says, and how frames are divided."""
        said = facts_of(self._detector, vocabulary)
        tiles = self._tiling.model_dump(mode="json", exclude_none=True)
        how = {**tiles, "whole_frame_too": True, "same_object_iou": SAME_OBJECT_IOU}
        return Facts(facts={**said.facts, "tiles": how}, notes=said.notes)

    def _looked_at(self, frames: Sequence[Frame], tiles: Sequence[Tile], look: Look) -> Iterator[Detections]:
        """What is found in every tile of every frame, in order."""
        pictures = (_cut(frame, tile) for frame in frames for tile in tiles)
        while batch := list(islice(pictures, max(1, self._detector.batch_size))):
            yield from look(batch)


def _cut(frame: Frame, tile: Tile) -> Frame:
    return np.ascontiguousarray(frame[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width])
