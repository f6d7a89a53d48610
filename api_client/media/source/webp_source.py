"""An animated WebP as a video that can be split."""

from collections.abc import Iterator
from fractions import Fraction
from functools import partial
from itertools import accumulate
from pathlib import Path

import numpy as np
from av.video.frame import VideoFrame
from numpy.typing import NDArray

from api_client.contract.source import SourceSpec
from api_client.errors import MediaError
from api_client.media.frames.orientation import UPRIGHT, orientation_of_picture
from api_client.media.source.packet_table import PacketTable
from api_client.media.source.source_video import SourceVideo
from api_client.media.source.video_spec import Looks, video_spec
from api_client.media.source.webp_film import WebpFilm, put_together
from api_client.printable import printable

_MILLISECOND = Fraction(1, 1000)
_MOST_PIXELS = 1 << 26
"""Of a frame: all of it is put together anew each time."""


def webp_source(path: Path, film: WebpFilm) -> SourceVideo:
    """Decode all frames once, to know which can be. Raises `MediaError` where none can or should be."""
    if film.width_px * film.height_px > _MOST_PIXELS:
        raise MediaError(
            f"{path} has frames of {film.width_px}x{film.height_px} pixels, more than "
            f"{_MOST_PIXELS // 10**6} million: it is damaged, or to be made smaller first"
        )
    are_decoded = np.array([rgb is not None for rgb in put_together(path, film)], dtype=np.bool_)
    if not are_decoded.any():
        raise MediaError(f"{path} cannot be decoded (webp): it is damaged; copy or download it again")
    table = _table(film, are_decoded)
    return SourceVideo(
        path=path,
        source=SourceSpec(file_name=printable(path.name), size_bytes=path.stat().st_size, container="webp"),
        video=video_spec(
            table,
            _looks(path, film),
            codec="webp",
            stream_index=0,
            declared_rate=None,
            sample_aspect_ratio=Fraction(1),
            is_deinterlaced=False,
        ),
        table=table,
        stream_index=0,
        audio=(),
        chunk_format=None,
        notes=tuple(_notes(film, are_decoded)),
        sides={},
        made=partial(_frames, path, film),
    )


def _frames(path: Path, film: WebpFilm) -> Iterator[VideoFrame]:
    for rgb in put_together(path, film):
        if rgb is not None:
            yield VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="bgr0")


def _table(film: WebpFilm, are_decoded: NDArray[np.bool_]) -> PacketTable:
    """A frame that cannot be decoded is not shown: the one before stays in its place."""
    starts = list(accumulate((frame.duration_ms for frame in film.frames), initial=0))[:-1]
    times = np.array(starts, dtype=np.int64)
    return PacketTable(
        pts=times,
        dts=times,
        size_bytes=np.array([frame.size_bytes for frame in film.frames], dtype=np.int32),
        is_key=np.ones(len(times), dtype=np.bool_),
        is_discard=np.zeros(len(times), dtype=np.bool_),
        is_shown=are_decoded,
        time_base=_MILLISECOND,
    )


def _looks(path: Path, film: WebpFilm) -> Looks:
    size_px = film.width_px, film.height_px
    return Looks(
        frame=VideoFrame(*size_px, format="bgr0"),
        size_px=size_px,
        sizes_px=(size_px,),
        orientation=orientation_of_picture(path) or UPRIGHT,
        is_interlaced=False,
        do_colours_change=False,
    )


def _notes(film: WebpFilm, are_decoded: NDArray[np.bool_]) -> Iterator[str]:
    if film.is_cut:
        yield "the file is cut short: the frames that are whole are used"
    if lost := np.count_nonzero(~are_decoded):
        yield f"{lost} of {len(are_decoded)} frames are damaged: the one before stays in their place"
