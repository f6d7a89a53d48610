"""What a video file contains, found out in one pass over its packets."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np
from av.audio.codeccontext import AudioCodecContext
from av.container import InputContainer
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.contract.job import SourceSpec
from api_client.contract.manifest import VideoSpec
from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.chunk_file import ChunkFormat
from api_client.media.chunk_format import fitting_format
from api_client.media.decoding_order import Head, decode_head
from api_client.media.opened import best_video, opened
from api_client.media.packet_pass import OnProgress, read_table
from api_client.media.packet_table import PacketTable
from api_client.media.source_video import AudioTrack, SourceVideo
from api_client.media.truncation import missing_bytes, truncated
from api_client.media.trusted_table import (
    is_trustworthy,
    with_rebuilt_timestamps,
    without_undecodable_head,
)

__all__ = ["AudioTrack", "OnProgress", "SourceVideo", "probe"]

_QUARTER_TURNS: tuple[Literal[0, 90, 180, 270], ...] = (0, 90, 180, 270)
_FULL_RANGE = 2
_DEFAULT_RATE = Fraction(25)


def probe(path: Path, on_progress: OnProgress | None = None) -> SourceVideo:
    """Read every packet's header once; decode only the first frames.

    Raises `MediaError` for whatever is not a video that can be processed.
    """
    with av_errors_of(path):
        _check_file(path)
        return _understood(_scan(path, on_progress))


@dataclass(frozen=True, kw_only=True, eq=False)
class _Scan:
    """What the pass over the packets gave."""

    path: Path
    table: PacketTable
    stream_index: int
    codec: str
    container: str
    declared_rate: Fraction | None
    sample_aspect_ratio: Fraction
    audio: tuple[AudioTrack, ...]


def _check_file(path: Path) -> None:
    if path.is_dir():
        raise MediaError(f"{path} is a directory; give a video file")
    with path.open("rb") as file:
        size_bytes = os.fstat(file.fileno()).st_size
        if size_bytes == 0 and path.is_file():
            raise MediaError(f"{path} is empty (0 bytes); copy or download it again")
        if lacking := missing_bytes(file, size_bytes):
            raise truncated(path, f"{lacking} bytes are missing at its end")


def _scan(path: Path, on_progress: OnProgress | None) -> _Scan:
    with opened(path) as container:
        stream = best_video(container, path)
        return _Scan(
            path=path,
            table=read_table(container, stream, path, on_progress),
            stream_index=stream.index,
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


def _understood(scan: _Scan) -> SourceVideo:
    if not scan.table.is_shown.any():
        raise MediaError(f"{scan.path} has a video stream without a single frame; give a file that plays")
    head = decode_head(scan.path, scan.stream_index)
    if head is None:
        raise MediaError(
            f"{scan.path} cannot be decoded ({scan.codec}): it is encrypted or damaged; "
            "remove its copy protection, or convert it to H.264 first"
        )
    table, chunk_format, notes = _prepared(scan, head)
    return SourceVideo(
        path=scan.path,
        source=SourceSpec(
            # a name may be bytes of no encoding
            file_name=os.fsencode(scan.path.name).decode("utf-8", "replace"),
            size_bytes=scan.path.stat().st_size,
            container=scan.container,
        ),
        video=_video_spec(scan, table, head.first_frame),
        table=table,
        stream_index=scan.stream_index,
        audio=scan.audio,
        chunk_format=chunk_format,
        notes=notes,
    )


def _prepared(scan: _Scan, head: Head) -> tuple[PacketTable, ChunkFormat | None, tuple[str, ...]]:
    """(table that can be relied on, container for its chunks, notes)."""
    path, index = scan.path, scan.stream_index
    note: str | None
    if is_trustworthy(scan.table, head):
        table, note = without_undecodable_head(scan.table, head)
        chunk_format = fitting_format(path, index, table)
    else:
        table, note = with_rebuilt_timestamps(path, index, scan.table, scan.declared_rate or _DEFAULT_RATE)
        # Frames an edit list hides would come out of a copy, where a rebuilt pts does not tell them apart.
        chunk_format = None if table.is_discard.any() else fitting_format(path, index, table)
    notes = [note] if note else []
    if chunk_format is None:
        notes.append(f"no container keeps these {scan.codec} packets exactly: encoded again, without loss")
    return table, chunk_format, tuple(notes)


def _video_spec(scan: _Scan, table: PacketTable, frame: VideoFrame) -> VideoSpec:
    rotation = _QUARTER_TURNS[round(frame.rotation / 90) % 4]
    size_px, aspect = (frame.width, frame.height), scan.sample_aspect_ratio
    if rotation in (90, 270):
        size_px, aspect = size_px[::-1], 1 / aspect
    shown = table.shown_pts
    return VideoSpec(
        codec=scan.codec,
        width_px=size_px[0],
        height_px=size_px[1],
        rotation_degrees=rotation,
        time_base=table.time_base.as_integer_ratio(),
        sample_aspect_ratio=aspect.as_integer_ratio(),
        average_rate=_average_rate(shown, table.time_base, scan.declared_rate).as_integer_ratio(),
        color_primaries=frame.color_primaries,
        color_transfer=frame.color_trc,
        color_space=frame.colorspace,
        color_range=_FULL_RANGE if frame.format.name.startswith("yuvj") else frame.color_range,
        frame_count=len(shown),
        first_pts=int(shown[0]),
    )


def _average_rate(shown: NDArray[np.int64], time_base: Fraction, declared: Fraction | None) -> Fraction:
    """Frames per second: as declared where that is about right, else measured; within reason."""
    measured = declared or _DEFAULT_RATE
    if len(shown) > 1:
        measured = (len(shown) - 1) / (int(shown[-1] - shown[0]) * time_base)
    rate = declared if declared and abs(measured / declared - 1) < Fraction(1, 1000) else measured
    return min(max(rate, Fraction(1, 100)), Fraction(1000)).limit_denominator(10_000)
