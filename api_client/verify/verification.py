"""From an input and a directory of results to a report."""

import time
from contextlib import ExitStack
from pathlib import Path

from api_client.errors import MediaError
from api_client.verify.comparison import Comparison, OnProgress
from api_client.verify.decoded import AnyFilm, film
from api_client.verify.picture_sets import PictureSetComparison
from api_client.verify.report import VerifyReport
from api_client.verify.results import Results, read_results
from api_client.verify.sound import compare_sound


def _ignore(_done: int, _total: int) -> None:
    pass


def verify_result(
    source: Path | str, results: Path | str, *, on_progress: OnProgress = _ignore
) -> VerifyReport:
    """Compare an input with what `fetch` or `submit` wrote, in bounded memory.

    The source is decoded once from front to back, beside the annotated video. Compared are the number of
    frames, the time of each (to 1 ms of the source's own, where it has one), which way up and what each
    shows (outside of what is drawn), sound packets (byte for byte, and to 20 ms beside the picture), and the
    logs with both. Gaps named in `job.json` are left out.
    Raises `MediaError` where the input or the directory cannot be read at all.
    """
    began = time.monotonic()
    source, found = Path(source), read_results(Path(results))
    if found.is_of_pictures:
        return _of_pictures(source, found, began, on_progress)
    differences: list[str] = []
    with ExitStack() as stack:
        own = stack.enter_context(film(source, found.stream_index))
        annotated = _annotated(stack, found, differences)
        comparison = Comparison(own, annotated, found)
        comparison.run(on_progress)
        differences += _identity_differences(source, found)
        differences += [*found.differences, *comparison.differences(), *_stream_differences(own, found)]
    remarks = comparison.remarks()
    if found.video is not None and annotated is not None:
        clock = comparison.video_clock
        shifts = clock.shifts if clock.is_usable else []
        sound_differences, sound_remarks = compare_sound(
            source, found.video, found.notes, shifts, comparison.span_seconds, own.wait_seconds
        )
        differences += sound_differences
        remarks += sound_remarks
    worst = comparison.worst
    return VerifyReport(
        frames=comparison.source_frames,
        differences=tuple(differences),
        remarks=tuple(remarks),
        worst_frame=worst[0] if worst else None,
        worst_psnr_db=worst[1] if worst else None,
        seconds=time.monotonic() - began,
    )


def _of_pictures(source: Path, found: Results, began: float, on_progress: OnProgress) -> VerifyReport:
    comparison = PictureSetComparison(source, found)
    comparison.run(on_progress)
    remarks = ["pictures were not compared in the gaps that job.json names"] if found.gaps else []
    worst = comparison.worst
    return VerifyReport(
        frames=comparison.pictures,
        differences=(*found.differences, *comparison.differences()),
        remarks=tuple(remarks),
        worst_frame=worst[0] if worst else None,
        worst_psnr_db=worst[1] if worst else None,
        seconds=time.monotonic() - began,
        unit="picture",
    )


def _annotated(stack: ExitStack, found: Results, differences: list[str]) -> AnyFilm | None:
    """The annotated video; where it cannot be open_media, that is a difference."""
    if found.video is None:
        return None
    try:
        return stack.enter_context(film(found.video))
    except MediaError as error:
        differences.append(str(error))
        return None


def _identity_differences(source: Path, found: Results) -> list[str]:
    size = source.stat().st_size
    if found.source_size_bytes in (None, size):
        return []
    return [
        f"the results are of {found.source_name!r} ({found.source_size_bytes} bytes), "
        f"not of {source.name!r} ({size} bytes)"
    ]


def _stream_differences(own: AnyFilm, found: Results) -> list[str]:
    """Films beside the one that was looked at, of which no note speaks."""
    return [
        f"nobody looked at video stream {index} of the source, and no note of job.json says so"
        for index in own.other_streams
        if not any(f"stream {index}" in note for note in found.notes)
    ]
