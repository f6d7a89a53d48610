"""What was found, cut out of the stored footage: no input file is needed."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from api_client.contract import Source
from api_client.errors import HoratioError
from api_client.log.report.crops import cut_crop
from api_client.media.frames.footage import decode_part
from api_client.moments.stored_footage import StoredFootage
from api_client.scratch import scratch_directory
from api_client.search.asked import FoundMoment
from api_client.store import ObjectStore
from api_client.stored_source import stored_source

SIDE_PX = 240
_AROUND = 0.25
"""Of a box's longer side, shown on each side of it: what is around a thing says what it is, to people."""
_DECODER_THREADS = 2


def cut_pictures(store: ObjectStore, moments: Sequence[FoundMoment]) -> list[bytes | None]:
    """Return a JPEG of each moment's surest look; None where its footage is gone or cannot be decoded.

    Of each part that is needed, no more is decoded than up to the last frame wanted.
    """
    by_source: dict[str, list[int]] = defaultdict(list)
    for number, moment in enumerate(moments):
        by_source[moment.source_id].append(number)
    cut: list[bytes | None] = [None] * len(moments)
    with scratch_directory("search-pictures") as directory:
        for source_id, numbers in by_source.items():
            with suppress(HoratioError):
                source = stored_source(store, source_id)
                if source is not None:
                    for number, jpeg in _of_source(store, source, moments, numbers, directory):
                        cut[number] = jpeg
    return cut


def _of_source(
    store: ObjectStore, source: Source, moments: Sequence[FoundMoment], numbers: list[int], directory: Path
) -> Iterator[tuple[int, bytes]]:
    footage = StoredFootage(store, source, directory)
    by_part: dict[int, dict[int, list[int]]] = defaultdict(lambda: defaultdict(list))
    for number in numbers:
        by_part[moments[number].part][moments[number].frame_index].append(number)
    for part, by_frame in sorted(by_part.items()):
        with suppress(HoratioError):
            chunk = source.chunks[part]
            for frame in decode_part(footage.path(chunk), source, chunk, threads=_DECODER_THREADS):
                if frame.readable:
                    for number in by_frame.get(frame.frame_index, ()):
                        box = _with_surroundings(moments[number].box_xyxy_px)
                        yield number, cut_crop(frame.rgb, box, side_px=SIDE_PX, margin=0)
                if frame.frame_index >= max(by_frame):
                    break


def _with_surroundings(box: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    around = _AROUND * max(right - left, bottom - top)
    return left - around, top - around, right + around, bottom + around
