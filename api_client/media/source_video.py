"""What `probe` finds out about a file."""

from dataclasses import dataclass
from pathlib import Path

from api_client.contract.job import SourceSpec
from api_client.contract.manifest import VideoSpec
from api_client.media.chunk_file import ChunkFormat
from api_client.media.packet_table import PacketTable


@dataclass(frozen=True, kw_only=True)
class AudioTrack:
    """One audio stream."""

    stream_index: int
    codec: str
    """FFmpeg's name, e.g. "aac"."""
    sample_rate_hz: int
    channels: int
    language: str | None


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
