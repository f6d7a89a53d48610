"""What `probe` finds out about a file."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

from av.video.frame import VideoFrame

from api_client.contract.source import SourceSpec, VideoSpec
from api_client.media.parts.chunk_file import ChunkFormat
from api_client.media.source.clock import ONE_STRETCH, Stretch
from api_client.media.source.packet_table import PacketTable, SideTable
from api_client.media.source.scan import AudioTrack


@dataclass(frozen=True, kw_only=True, eq=False)
class SourceVideo:
    """A video file that can be split."""

    path: Path
    source: SourceSpec
    video: VideoSpec
    table: PacketTable
    """With timestamps that agree with what a decoder shows."""
    stream_index: int
    """Of the video stream in the file."""
    audio: tuple[AudioTrack, ...]
    chunk_format: ChunkFormat | None
    """The container its packets can be copied into; None where they must be encoded again."""
    notes: tuple[str, ...]
    """What is unusual about this file, for people."""
    sides: Mapping[int, SideTable]
    """Sound and subtitles, by index of the stream in the file."""
    stretches: tuple[Stretch, ...] = ONE_STRETCH
    """Where the file's clock starts again."""
    extradata: tuple[tuple[int, bytes], ...] = ()
    """(packet from which on they hold, parameters for the decoder), where the container changes them."""
    is_suspicious: bool = False
    """Whether each chunk must be compared with a plain decode of the source before it is trusted."""

    made: Callable[[], Iterator[VideoFrame]] | None = field(default=None, repr=False)
    """Where FFmpeg does not give what is shown: that, frame after frame, put together by us."""

    @property
    def frames(self) -> range:
        """Numbers of the frames that are taken."""
        return range(self.video.first_frame, self.video.end_frame)

    @property
    def span_seconds(self) -> tuple[Fraction | None, Fraction | None]:
        """(when the first frame taken is shown, when the first after them is), on the pictures' clock.

        None where everything is taken up to that end.
        """
        shown, frames = self.table.shown_pts, self.frames
        start = int(shown[frames.start]) * self.table.time_base if frames.start else None
        end = int(shown[frames.stop]) * self.table.time_base if frames.stop < len(shown) else None
        return start, end

    def extradata_at(self, packet: int) -> bytes | None:
        """The decoder's parameters from this packet on; None for those the stream starts with."""
        return next((data for first, data in reversed(self.extradata) if first <= packet), None)
