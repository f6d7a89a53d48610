"""Where drawn pictures go: a segment of a video, or files of their own. Nobody else asks which kind it is."""

from pathlib import PurePosixPath
from types import TracebackType
from typing import Protocol, Self

import cv2
import numpy as np
from numpy.typing import NDArray

from api_client.contract import Source
from api_client.errors import MediaError
from api_client.media.frames.canvas import RgbCanvas
from api_client.media.frames.decode import DrawableFrame
from api_client.media.frames.encode import SegmentWriter
from api_client.media.pictures.packing import PicturePack
from tasks.work import RenderWork

Picture = NDArray[np.uint8]

_QUALITY = {
    ".jpg": (cv2.IMWRITE_JPEG_QUALITY, 95),
    ".webp": (cv2.IMWRITE_WEBP_QUALITY, 95),
    ".png": (cv2.IMWRITE_PNG_COMPRESSION, 3),
    ".tiff": (),
    ".bmp": (),
}
"""Formats that are written again as what they were."""
_SAME_FORMAT = {".jpeg": ".jpg", ".jpe": ".jpg", ".jfif": ".jpg", ".tif": ".tiff", ".dib": ".bmp"}


class PartOutput(Protocol):
    """Takes the drawn frames of one part, in order. A context manager; complete when its block ends."""

    def __enter__(self) -> Self:
        """Begin."""
        ...

    def write(self, frame: DrawableFrame) -> None:
        """Add a frame that was drawn on."""
        ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End; after an exception nothing is left."""
        ...


def part_output(work: RenderWork) -> PartOutput:
    """Return what suits the footage."""
    footage = work.manifest.footage
    if footage.pictures:
        return PictureOutput(PicturePack(work.output_dir / "pictures.zip"), footage)
    return VideoOutput(SegmentWriter(work.output_dir / "segment.mp4", footage.video))


class VideoOutput:
    """A `PartOutput`."""

    def __init__(self, writer: SegmentWriter) -> None:
        self._writer = writer

    def __enter__(self) -> Self:
        self._writer.__enter__()
        return self

    def write(self, frame: DrawableFrame) -> None:
        """Add a frame at its time."""
        self._writer.write_drawn(frame.canvas, frame.pts)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._writer.__exit__(kind, error, trace)


class PictureOutput:
    """A `PartOutput`: each picture in a file of its own. Those nobody could decode are left out."""

    def __init__(self, pack: PicturePack, footage: Source) -> None:
        self._pack, self._footage = pack, footage

    def __enter__(self) -> Self:
        self._pack.__enter__()
        return self

    def write(self, frame: DrawableFrame) -> None:
        """Add a picture, in the format it had where OpenCV writes that, else as JPEG."""
        spec = self._footage.picture(frame.frame_index)
        if spec is not None and frame.readable:
            assert isinstance(frame.canvas, RgbCanvas), "pictures of a set are decoded to RGB"
            name, data = encoded_picture(spec.name, frame.canvas.rgb)
            self._pack.add(name, data)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pack.__exit__(kind, error, trace)


def encoded_picture(name: str, picture: Picture) -> tuple[str, bytes]:
    """(name of the annotated picture's file, its bytes). `cat.heic` becomes `cat.heic.jpg`."""
    suffix = PurePosixPath(name).suffix.lower()
    suffix = _SAME_FORMAT.get(suffix, suffix)
    if suffix not in _QUALITY:
        name, suffix = f"{name}.jpg", ".jpg"
    done, data = cv2.imencode(suffix, cv2.cvtColor(picture, cv2.COLOR_RGB2BGR), _QUALITY[suffix])
    if not done:
        raise MediaError(f"{name} cannot be written: {picture.shape[1]}x{picture.shape[0]} is too large")
    return name, data.tobytes()
