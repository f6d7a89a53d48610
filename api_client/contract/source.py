"""Footage as it is stored: once, whatever is asked of it. A source exists when its document does.

Its id is a digest of the file's bytes, of what is taken of them and of how they are cut, so that the same
footage submitted again is found instead of uploaded.
"""

import hashlib
import json
from fractions import Fraction
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from api_client.contract.model import Count, Document, Int64, OneLine, Ratio, Sha256
from api_client.contract.picture import MOST_PIXELS_A_SIDE, PictureSpec
from api_client.contract.pts_runs import PtsRuns

SourceId = Annotated[str, Field(pattern=r"^[0-9a-f]{32}$")]

LAYOUT: Literal[1] = 1
"""Of what is stored: another number, and footage stored before is not taken for the same."""
_MOST_CHUNKS = 1_000_000
"""Six digits in a key."""


class SourceSpec(Document):
    """The input, as it was when it was submitted: a file, or the folder that pictures were in."""

    file_name: str = Field(pattern=r"^[^/\x00]*$", min_length=1, max_length=255)
    """Without its directory: no part of it can name another place."""
    size_bytes: Count
    container: OneLine
    """FFmpeg's name of the format, e.g. "mov,mp4,m4a,3gp,3g2,mj2"; `PICTURES` of pictures."""


class VideoSpec(Document):
    """The video stream, as everybody after the splitter needs to know it.

    Of pictures: the slides they would make, one a second, in the size of the largest.
    """

    codec: OneLine
    """FFmpeg's name, e.g. "h264"; `PICTURES` of pictures."""
    stream_index: Count | None = None
    """Among all streams of the source, as FFmpeg counts them; None where the picture was put together."""
    width_px: int = Field(ge=1, le=MOST_PIXELS_A_SIDE)
    """Of a displayed frame: after rotation, before the sample aspect ratio is applied."""
    height_px: int = Field(ge=1, le=MOST_PIXELS_A_SIDE)
    orientation: Literal[1, 2, 3, 4, 5, 6, 7, 8] = 1
    """How a decoded frame is turned and mirrored to be upright, numbered as by EXIF; 1 is upright already."""
    time_base: Ratio
    """(numerator, denominator): seconds per unit of pts."""
    sample_aspect_ratio: Ratio = (1, 1)
    average_rate: Ratio
    """(numerator, denominator): frames per second, for display and rate control; never for timing."""
    color_primaries: int = Field(default=2, ge=0, le=255)
    """ITU-T H.273 code; 2 is "unspecified". Likewise the three below."""
    color_transfer: int = Field(default=2, ge=0, le=255)
    color_space: int = Field(default=2, ge=0, le=255)
    color_range: int = Field(default=0, ge=0, le=255)
    """FFmpeg's AVColorRange: 0 unspecified, 1 limited, 2 full."""
    frame_count: int = Field(ge=1, lt=1 << 62)
    """Of those that are taken: all, or those of a range of time."""
    first_frame: int = Field(default=0, ge=0, lt=1 << 62)
    """Number, in the whole video, of the first that is taken."""
    first_pts: Int64
    """Of the first frame that is taken, in `time_base`."""
    zero_pts: Int64 | None = None
    """Of frame 0 of the whole video, from which times count; None where that is the first taken."""
    timescale: int | None = Field(default=None, ge=1)
    """Units per second in which annotated video is timed, where the time base's are too many for a gap."""
    is_deinterlaced: bool = False
    """Whether frames that consist of two fields are made whole before anybody looks at them."""
    colours_change: bool = False
    """Whether frames say for themselves which matrix and range apply."""

    @property
    def seconds_per_pts(self) -> Fraction:
        """The time base as an exact number."""
        return Fraction(*self.time_base)

    @property
    def end_frame(self) -> int:
        """Number, in the whole video, of the frame after the last that is taken."""
        return self.first_frame + self.frame_count

    def time_seconds(self, pts: int) -> float:
        """Seconds since frame 0 of the whole video."""
        zero = self.first_pts if self.zero_pts is None else self.zero_pts
        return float((pts - zero) * self.seconds_per_pts)


class ChunkSpec(Document):
    """One chunk: a piece of the stream that decodes by itself, and the frames it must yield."""

    index: int = Field(ge=0)
    first_frame: Count
    """Index in the whole video of this chunk's first frame."""
    pts: PtsRuns
    """Of every frame this chunk must yield, in the source's time base, in presentation order."""
    offset_pts: Int64
    """Timestamps in the chunk's file are the source's minus this."""
    size_bytes: int = Field(ge=1, lt=1 << 63)
    sha256: Sha256
    is_encoded_again: bool = False
    """Whether its frames were encoded again, without loss, since its packets decode to something else."""

    @model_validator(mode="after")
    def _check_some_frame_is_in_it(self) -> Self:
        if not self.pts.runs:
            raise ValueError("a chunk holds at least one frame")
        return self

    @property
    def frame_count(self) -> int:
        """How many frames this chunk must yield."""
        return len(self.pts)

    @property
    def frame_indices(self) -> range:
        """Indices in the whole video of the frames this chunk must yield."""
        return range(self.first_frame, self.first_frame + self.frame_count)


class SideStreams(Document):
    """Audio and whatever else accompanies the video, copied packet for packet into one object."""

    file_suffix: str = Field(pattern=r"^\.[a-z0-9]{1,5}$")
    size_bytes: int = Field(ge=1, lt=1 << 63)
    sha256: Sha256
    audio_codecs: tuple[OneLine, ...]
    """FFmpeg's names, one per audio stream, in order."""


class Source(Document):
    """Everything that is known of stored footage: what its parts are, and the frames they must yield."""

    version: Literal[1] = LAYOUT
    source_id: SourceId
    video: VideoSpec
    pictures: tuple[PictureSpec, ...] = ()
    """Where the frames are pictures, all of them in order; empty of a video."""
    chunks: tuple[ChunkSpec, ...] = Field(min_length=1, max_length=_MOST_CHUNKS)
    side_streams: SideStreams | None = None
    notes: tuple[OneLine, ...] = ()
    """What the splitter had to do differently for this input, for people."""

    @model_validator(mode="after")
    def _check_every_frame_is_in_one_chunk(self) -> Self:
        next_frame = self.video.first_frame
        for index, chunk in enumerate(self.chunks):
            if (chunk.index, chunk.first_frame) != (index, next_frame):
                raise ValueError(f"chunk {index} does not follow its predecessor")
            next_frame += chunk.frame_count
        if next_frame != self.video.end_frame:
            held = next_frame - self.video.first_frame
            raise ValueError(f"chunks hold {held} frames, the video {self.video.frame_count}")
        return self

    @model_validator(mode="after")
    def _check_every_frame_is_a_picture(self) -> Self:
        if self.pictures and (self.video.first_frame, len(self.pictures)) != (0, self.video.frame_count):
            raise ValueError(f"there are {len(self.pictures)} pictures for {self.video.frame_count} frames")
        if len({picture.name for picture in self.pictures}) != len(self.pictures):
            raise ValueError("two pictures have one name")
        return self

    def picture(self, frame_index: int) -> PictureSpec | None:
        """The picture that a frame is; None of a video's."""
        return self.pictures[frame_index] if self.pictures else None

    def size_px(self, frame_index: int) -> tuple[int, int]:
        """(width, height) of a frame, in which its boxes are."""
        picture = self.picture(frame_index)
        return picture.size_px if picture else (self.video.width_px, self.video.height_px)


def source_id(file_sha256: Sha256, **cut: object) -> SourceId:
    """Return the content address of footage.

    cut: everything else that decides the bytes of its parts: stream, range, how long they are.
    """
    said = json.dumps({"file": file_sha256, "layout": LAYOUT, **cut}, sort_keys=True)
    return hashlib.sha256(said.encode()).hexdigest()[:32]
