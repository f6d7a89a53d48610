"""One part, from its footage and its log to pictures with the log drawn in, every step at the same time.

decode and draw ─► encode ─► segment.mp4, or pictures.zip
"""

from collections.abc import Generator, Iterable, Iterator
from itertools import islice

from api_client.contract import Rendering
from api_client.errors import IntegrityError, MediaError
from api_client.media.frames.canvas import black_canvas
from api_client.media.frames.decode import DrawableFrame
from api_client.media.frames.footage import drawable_part
from tasks.work import RenderOutput, RenderWork
from workers.drawing import Boxes, Redaction, Style, Trails, WithZones, plain
from workers.part_output import part_output
from workers.stages import Stages
from workers.stopwatch import Stopwatch
from workers.visible_boxes import VisibleBoxes

DECODER_THREADS = 2
FRAMES_WAITING = 4
"""Enough that steps do not wait for each other's hiccups."""
_FRAMES_A_HEARTBEAT = 16


class RenderPipeline:
    """Draws one part, once."""

    def __init__(self, work: RenderWork) -> None:
        assert work.manifest.job.rendering is not None
        self._work = work
        self._footage, self._chunk = work.manifest.footage, work.chunk
        self._rendering: Rendering = work.manifest.job.rendering
        self._boxes = VisibleBoxes(work.manifest, self._rendering, work.rows)
        self._stopwatch = Stopwatch()
        self._unreadable_frames: list[int] = []

    def run(self) -> RenderOutput:
        """Write the segment. Whatever goes wrong in a step ends all of them and is raised here."""
        with Stages() as stages:
            # in one thread: drawing is so quick that handing each frame to another costs more
            drawn = stages.through("draw", self._draw(self._decode()), capacity=FRAMES_WAITING)
            written = self._encode(drawn)
        if written != self._chunk.frame_count:
            raise IntegrityError(
                f"chunk {self._chunk.index} yielded {written} frames where the manifest says "
                f"{self._chunk.frame_count}: its file in the store is damaged, submit the video again"
            )
        return RenderOutput(
            unreadable_frames=tuple(self._unreadable_frames),
            seconds_by_stage=self._stopwatch.seconds_by_stage,
        )

    def _decode(self) -> Generator[DrawableFrame, None, None]:
        return self._stopwatch.measured("decode", self._frames())

    def _frames(self) -> Iterator[DrawableFrame]:
        """The part's frames for as long as they can be decoded, then black ones."""
        decoded = 0
        if self._work.video_path is not None:
            try:
                for frame in drawable_part(
                    self._work.video_path, self._footage, self._chunk, threads=DECODER_THREADS
                ):
                    yield frame
                    decoded += 1
            except (IntegrityError, MediaError):
                pass
        indexed = zip(self._chunk.frame_indices, self._chunk.pts, strict=True)
        for frame_index, pts in islice(indexed, decoded, None):
            width, height = self._footage.size_px(frame_index)
            black = black_canvas(width, height)
            yield DrawableFrame(frame_index=frame_index, pts=pts, canvas=black, readable=False)

    def _draw(self, decoded: Iterable[DrawableFrame]) -> Generator[DrawableFrame, None, None]:
        style = self._style()
        boxes = self._boxes.of_frames(self._chunk.first_frame, self._chunk.frame_count)
        for frame, visible in zip(decoded, boxes, strict=True):
            if not frame.readable:
                self._unreadable_frames.append(frame.frame_index)
            with self._stopwatch.measure("draw"):
                style(frame, visible)
            yield frame

    def _encode(self, drawn: Iterable[DrawableFrame]) -> int:
        """In the caller's thread, where heartbeats and signals arrive; return how many frames there are."""
        written = 0
        with part_output(self._work) as output:
            for frame in drawn:
                with self._stopwatch.measure("encode"):
                    output.write(frame)
                written += 1
                if written % _FRAMES_A_HEARTBEAT == 0:
                    self._work.heartbeat(written)
        self._work.heartbeat(written)
        return written

    def _style(self) -> Style:
        style, rendering = self._style_of_boxes(), self._rendering
        if rendering.zones or rendering.lines:
            return WithZones(style, rendering.zones, rendering.lines)
        return style

    def _style_of_boxes(self) -> Style:
        margin_frames = self._work.manifest.margin_frames
        if self._rendering.redacts:
            return Redaction(
                self._rendering.style,
                self._boxes.everything,
                margin_frames=margin_frames,
                hidden=self._is_in_a_gap,
            )
        if self._rendering.style == "none":
            return plain
        if not self._rendering.trails:
            return Boxes()
        return Boxes(trails=Trails(self._boxes.everything, frames=margin_frames))

    def _is_in_a_gap(self, frame_index: int) -> bool:
        return any(gap.first_frame <= frame_index <= gap.last_frame for gap in self._work.gaps)
