"""Sizes of YOLOv3, as in Darknet's `yolov3.cfg`."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Yolov3Config:
    """All there is to choose."""

    classes: int = 80
    stem_channels: int = 32
    stages: tuple[tuple[int, int], ...] = ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4))
    """(channels, residual blocks), each at half the size of the one before."""
    anchors_px: tuple[tuple[tuple[int, int], ...], ...] = (
        ((116, 90), (156, 198), (373, 326)),
        ((30, 61), (62, 45), (59, 119)),
        ((10, 13), (16, 30), (33, 23)),
    )
    """(width, height) of the boxes that each output starts from, in pixels of the input; coarsest first."""
    side_px: int = 416
    """Of the square that is looked at, a multiple of 32."""
    same_object_iou: float = 0.45
    """Of two boxes with the same name that overlap more, one stays."""

    @property
    def output_channels(self) -> int:
        """For each of three boxes: place, size, whether there is anything, and what."""
        return 3 * (5 + self.classes)
