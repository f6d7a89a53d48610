"""One pass over a file: which stream, its packets, and its beginning decoded.

What is imported here is little: a pass is begun while the rest is loaded.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
from av.audio.codeccontext import AudioCodecContext
from av.container import InputContainer

from api_client.errors import MediaError
from api_client.media.opening import open_media
from api_client.media.source.choice import Choice, chosen_video
from api_client.media.source.heif import hidden_streams
from api_client.media.source.packet_pass import OnProgress, Tables, read_tables
from api_client.media.source.truncation import missing_bytes, truncated


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
class Scan:
    """What the pass over the packets gave."""

    path: Path
    tables: Tables
    choice: Choice
    codec: str
    container: str
    declared_rate: Fraction | None
    sample_aspect_ratio: Fraction
    audio: tuple[AudioTrack, ...]

    @property
    def stream_index(self) -> int:
        """Of the video, among all streams."""
        return self.choice.stream_index

    @property
    def is_suspicious(self) -> bool:
        """Whether a chunk may decode to something else than the stream as a whole."""
        tables = self.tables
        return bool(tables.extradata or tables.are_parameters_changed or tables.are_keyframes_doubtful)


def scanned(path: Path, on_progress: OnProgress | None = None, stream: int | None = None) -> Scan:
    """Read every packet's header, and decode the first frames.

    stream: which video stream, by FFmpeg's number; None for the one a player would show.
    Raises `MediaError`, and FFmpeg's errors.
    """
    lacking = _missing_bytes(path)
    try:
        scan = _read(path, on_progress, stream)
    except av.error.FFmpegError as error:
        if lacking:
            raise truncated(path, f"{lacking} bytes are missing at its end") from error
        raise
    if lacking and scan.tables.is_incomplete:
        raise truncated(path, f"{lacking} bytes are missing at its end")
    return scan


def check_can_be_read(path: Path) -> None:
    """Raise `MediaError` for a directory, and for a file with nothing in it."""
    if path.is_dir():
        raise MediaError(f"{path} is a directory; give a video file")
    if path.is_file() and path.stat().st_size == 0:
        raise MediaError(f"{path} is empty (0 bytes); copy or download it again")


def _missing_bytes(path: Path) -> int:
    """How many there would be more of, if size fields were right: some are not, though nothing is missing."""
    with path.open("rb") as file:
        return missing_bytes(file, os.fstat(file.fileno()).st_size)


def _read(path: Path, on_progress: OnProgress | None, stream_index: int | None) -> Scan:
    with open_media(path) as container:
        choice = chosen_video(container, path, stream_index, hidden=hidden_streams(path))
        stream = container.streams.video[choice.number]
        return Scan(
            path=path,
            tables=read_tables(container, stream, path, on_progress),
            choice=choice,
            codec=stream.codec.canonical_name,
            container=container.format.name,
            declared_rate=stream.average_rate or stream.guessed_rate,
            sample_aspect_ratio=stream.sample_aspect_ratio or Fraction(1),
            audio=tuple(_audio_tracks(container)),
        )


def _audio_tracks(container: InputContainer) -> Iterator[AudioTrack]:
    for stream in container.streams.audio:
        if isinstance(stream.codec_context, AudioCodecContext):
            yield AudioTrack(
                stream_index=stream.index,
                codec=stream.codec.canonical_name,
                sample_rate_hz=stream.codec_context.sample_rate,
                channels=stream.codec_context.channels,
                language=stream.language,
            )
