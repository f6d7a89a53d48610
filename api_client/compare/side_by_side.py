"""Both jobs in one picture, A on the left and B on the right: as a video, and as pictures of some frames."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

import av
import numpy as np
from av.video.stream import VideoStream

from api_client.compare.agreement import Disagreement
from api_client.compare.panels import panel_video
from api_client.contract.source import ChunkSpec, VideoSpec
from api_client.log.boxes import LoggedBox
from api_client.log.palette import Rgb as Colour
from api_client.media.assemble.remux import assemble
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.colour import Rgb
from api_client.media.frames.encode import SegmentWriter

_GAP_PX = 8
_GAP_COLOUR: Colour = (16, 16, 16)
_HIGHLIGHT: Colour = (255, 176, 0)
_EDGE: Colour = (0, 0, 0)

Pairs = Iterator[tuple[int, int, Rgb]]
"""Frame index, its pts, and the picture of both."""


def pairs(chunks: Iterable[ChunkSpec], left: Iterator[Rgb], right: Iterator[Rgb]) -> Pairs:
    """Yield every frame of both jobs beside each other."""
    for chunk in chunks:
        for frame_index, pts in zip(chunk.frame_indices, chunk.pts, strict=True):
            yield frame_index, pts, _beside(next(left), next(right))


def with_pictures(
    frames: Pairs, worst: Mapping[int, Disagreement], directory: Path, written: list[Path]
) -> Pairs:
    """Yield the frames on, having written some of them as PNG, whose paths are added to `written`."""
    for frame_index, pts, rgb in frames:
        if frame_index in worst:
            path = directory / f"disagreement-{len(written) + 1}-frame-{frame_index:06d}.png"
            _write_png(path, _marked(rgb, worst[frame_index]))
            written.append(path)
        yield frame_index, pts, rgb


def write_video(frames: Pairs, video: VideoSpec, sound: Path | None, output: Path) -> list[str]:
    """Write a video of both, each frame at its own time, with the source's sound; return notes for people.

    video: the source's. Uses a file beside the output while it works.
    """
    panel = panel_video(video)
    both = panel.model_copy(update={"width_px": 2 * panel.width_px + _GAP_PX})
    segment = output.with_name(f".{output.stem}-pictures.mp4")
    try:
        with SegmentWriter(segment, both) as writer:
            for _, pts, rgb in frames:
                writer.write(rgb, pts)
        return assemble([segment], both, sound, output)
    finally:
        segment.unlink(missing_ok=True)


def _beside(left: Rgb, right: Rgb) -> Rgb:
    gap = np.empty((left.shape[0], _GAP_PX, 3), np.uint8)
    gap[:] = _GAP_COLOUR
    return np.concatenate((left, gap, right), axis=1)


def _marked(rgb: Rgb, frame: Disagreement) -> Rgb:
    """A copy, with a thick frame around every box that only one job has, on that job's side."""
    picture = rgb.copy()
    width = (rgb.shape[1] - _GAP_PX) // 2
    for box in frame.found.only_first:
        _outline(picture[:, :width], box)
    for box in frame.found.only_second:
        _outline(picture[:, width + _GAP_PX :], box)
    return picture


def _outline(panel: Rgb, box: LoggedBox) -> None:
    line_px = max(2, round(min(panel.shape[:2]) / 120))
    for margin_px, colour in ((2 * line_px, _EDGE), (2 * line_px - 1, _HIGHLIGHT), (line_px - 1, _EDGE)):
        _rectangle(panel, box, margin_px, line_px if colour == _HIGHLIGHT else 1, colour)


def _rectangle(panel: Rgb, box: LoggedBox, margin_px: int, line_px: int, colour: Colour) -> None:
    """Draw an outline so far outside of a box; what falls outside of the panel is left out."""
    height, width = panel.shape[:2]
    left, top = (round(value) - margin_px for value in (box.x_min, box.y_min))
    right, bottom = (round(value) + margin_px for value in (box.x_max, box.y_max))
    for top_, bottom_, left_, right_ in (
        (top, top + line_px, left, right),
        (bottom - line_px, bottom, left, right),
        (top, bottom, left, left + line_px),
        (top, bottom, right - line_px, right),
    ):
        rows = slice(min(max(top_, 0), height), min(max(bottom_, 0), height))
        columns = slice(min(max(left_, 0), width), min(max(right_, 0), width))
        panel[rows, columns] = colour


def _write_png(path: Path, rgb: Rgb) -> None:
    with ExitStack() as stack:
        stack.enter_context(av_errors_of(path))
        file = stack.enter_context(av.open(str(path.absolute()), "w", format="image2"))
        stream = file.add_stream("png")
        assert isinstance(stream, VideoStream)
        stream.height, stream.width = rgb.shape[:2]
        stream.pix_fmt = "rgb24"
        for frame in (av.VideoFrame.from_ndarray(rgb, format="rgb24"), None):
            file.mux(stream.encode(frame))
