"""What a video file contains, found out in one pass over its packets."""

from concurrent.futures import Future
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np

from api_client.contract.source import SourceSpec
from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.orientation import orientation_of_picture
from api_client.media.parts.chunk_file import ChunkFormat
from api_client.media.parts.chunk_format import fitting_format
from api_client.media.parts.plan import can_be_cut_at_breaks
from api_client.media.pictures.looking import is_still_format
from api_client.media.source.damaged import NOTE, is_damaged_jpeg, salvaged
from api_client.media.source.decoding_order import Head, Survey, survey
from api_client.media.source.heif import heif_picture
from api_client.media.source.packet_pass import OnProgress
from api_client.media.source.packet_table import MISSING
from api_client.media.source.scan import AudioTrack, Scan, check_can_be_read, scanned
from api_client.media.source.source_video import SourceVideo
from api_client.media.source.still import salvaged_source, still_source
from api_client.media.source.trusted_table import (
    Trusted,
    is_trustworthy,
    with_rebuilt_timestamps,
    without_undecodable_head,
)
from api_client.media.source.video_spec import Looks, notes_on_looks, video_spec
from api_client.media.source.webp_film import webp_film
from api_client.media.source.webp_source import webp_source
from api_client.printable import printable

__all__ = ["AudioTrack", "OnProgress", "SourceVideo", "probe"]

_DEFAULT_RATE = Fraction(25)


def probe(
    path: Path,
    on_progress: OnProgress | None = None,
    *,
    stream: int | None = None,
    deinterlace: bool = True,
    begun: "Future[Scan] | None" = None,
) -> SourceVideo:
    """Read every packet's header once; decode only the first frames, unless these raise doubts.

    `stream`: which video stream, by FFmpeg's number; None for the one a player would show.
    `deinterlace`: whether frames made of two fields are made whole.
    `begun`: the reading of this very stream, where a thread does it already.
    Raises `MediaError` for whatever is not a video that can be processed.
    """
    with av_errors_of(path):
        check_can_be_read(path)
        if heif_picture(path):
            return still_source(path, printable(path.name))
        if film := webp_film(path):
            return webp_source(path, film)
        scan = begun.result() if begun else scanned(path, on_progress, stream)
        return _understood(scan, deinterlace=deinterlace)


def _understood(scan: Scan, *, deinterlace: bool) -> SourceVideo:
    if not scan.tables.pictures.is_shown.any():
        raise MediaError(f"{scan.path} has a video stream without a single frame; give a file that plays")
    head = scan.tables.head
    if head is None and (left := salvaged(scan.path)):
        return salvaged_source(
            scan.path, _source_spec(scan), scan.codec, left, orientation_of_picture(scan.path)
        )
    if head is None and is_still_format(scan.container):
        raise MediaError(
            f"{scan.path} cannot be decoded ({scan.codec}): it is damaged, or no picture; "
            "copy or download it again"
        )
    if head is None:
        raise MediaError(
            f"{scan.path} cannot be decoded ({scan.codec}): it is encrypted or damaged; "
            "remove its copy protection, or convert it to H.264 first"
        )
    rate = scan.declared_rate or _DEFAULT_RATE
    trusted, surveyed = _trusted(scan, head, rate)
    chunk_format, notes = _chunk_format(scan, trusted, surveyed)
    looks = Looks.of(scan.path, scan.container, head, surveyed)
    video = video_spec(
        trusted.table,
        looks,
        codec=scan.codec,
        stream_index=scan.stream_index,
        declared_rate=scan.declared_rate,
        sample_aspect_ratio=scan.sample_aspect_ratio,
        is_deinterlaced=deinterlace and looks.is_interlaced,
    )
    return SourceVideo(
        path=scan.path,
        source=_source_spec(scan),
        video=video,
        table=trusted.table,
        stream_index=scan.stream_index,
        audio=scan.audio,
        chunk_format=chunk_format,
        notes=(
            *_damage_notes(scan),
            *trusted.notes,
            *notes,
            *notes_on_looks(video, looks),
            *scan.choice.notes,
        ),
        sides=scan.tables.sides,
        stretches=trusted.stretches,
        extradata=scan.tables.extradata,
        is_suspicious=scan.is_suspicious,
    )


def _source_spec(scan: Scan) -> SourceSpec:
    return SourceSpec(
        file_name=printable(scan.path.name), size_bytes=scan.path.stat().st_size, container=scan.container
    )


def _damage_notes(scan: Scan) -> tuple[str, ...]:
    is_picture = scan.codec == "mjpeg" and len(scan.tables.pictures) == 1
    return (NOTE,) if is_picture and is_damaged_jpeg(scan.path) else ()


def _trusted(scan: Scan, head: Head, rate: Fraction) -> tuple[Trusted, Survey | None]:
    """(table that can be relied on, what a full decode gave where one was needed)."""
    table = scan.tables.pictures
    is_trusted = is_trustworthy(table, head)
    if is_trusted and not scan.is_suspicious:
        return without_undecodable_head(table, head), None
    surveyed = survey(scan.path, scan.stream_index)
    if scan.container == "asf" and np.all(table.dts != MISSING):
        pts = table.dts.copy()  # the container times decoding; FFmpeg guesses the rest
        pts[surveyed.order] = np.sort(pts[surveyed.order])
        table = replace(table, pts=pts)
    trusted = with_rebuilt_timestamps(scan.path, table, surveyed.order, scan.tables.sides, rate)
    return trusted, surveyed


def _chunk_format(
    scan: Scan, trusted: Trusted, surveyed: Survey | None
) -> tuple[ChunkFormat | None, tuple[str, ...]]:
    """(container for the chunks, notes)."""
    table = trusted.table
    if not can_be_cut_at_breaks(table):
        return None, ("parameters change where the stream cannot be cut: encoded again, without loss",)
    # Frames an edit list hides would come out of a copy, where a rebuilt pts does not tell them apart.
    is_hidden_confused = surveyed is not None and table.is_discard.any()
    chunk_format = None if is_hidden_confused else fitting_format(scan.path, scan.stream_index, table)
    if chunk_format is None:
        return None, (f"no container keeps these {scan.codec} packets exactly: encoded again, without loss",)
    return chunk_format, ()
