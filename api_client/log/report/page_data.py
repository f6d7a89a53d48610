"""What the page shows besides the boxes: words, tracks, gaps, and where all this comes from."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from api_client.contract import Manifest
from api_client.contract.marker import Gap
from api_client.log.frame_times import FrameTimes
from api_client.log.palette import colour_of
from api_client.log.plain_text import one_line
from api_client.log.report.columns import LogColumns

_LONGEST_WORD = 200
_MISSED_SHOWN = 200
Row = dict[str, Any]


def words_of(columns: LogColumns) -> list[Row]:
    """One row a word that was found, in the order of the columns."""
    return [
        {
            "name": one_line(label, most=_LONGEST_WORD),
            "colour": "#{:02x}{:02x}{:02x}".format(*colour_of(label)),
        }
        for label in columns.words
    ]


def tracks_of(columns: LogColumns, tracks: Iterable[Mapping[str, Any]]) -> list[Row]:
    """One row a track, in the order of the columns; tracks without a box in them are left out."""
    rows: dict[int, Row] = {}
    for track in tracks:
        number = columns.tracks.get(track["tracker_id"])
        if number is not None:
            rows[number] = {
                "id": track["tracker_id"],
                "word": columns.words.get(track["class_name"], 0),
                "best_seconds": round(track["best_seconds"], 4),
                "best_confidence": round(track["best_confidence"], 4),
            }
    unknown = {"id": 0, "word": 0, "best_seconds": 0, "best_confidence": 0}
    ids = {number: tracker_id for tracker_id, number in columns.tracks.items()}
    return [rows.get(number, {**unknown, "id": ids[number]}) for number in sorted(ids)]


def gaps_of(gaps: Iterable[Gap], manifest: Manifest) -> list[Row]:
    """One row a gap, with its times."""
    times = FrameTimes(manifest)
    return [
        {
            "first_frame": gap.first_frame,
            "last_frame": gap.last_frame,
            "first_seconds": round(times.seconds(gap.first_frame), 4),
            "last_seconds": round(times.seconds(gap.last_frame), 4),
            "reason": one_line(gap.reason, most=_LONGEST_WORD),
        }
        for gap in gaps
    ]


def missed_of(summary: Mapping[str, Any]) -> tuple[list[str], int]:
    """Words that were not found, those that came nearest first, and how many more there are."""
    near = summary.get("near_misses", {})
    missed = sorted(summary.get("not_found", ()), key=lambda word: -near.get(word, 0.0))
    shown = [_missed(word, summary) for word in missed[:_MISSED_SHOWN]]
    return shown, len(missed) - len(shown)


def _missed(word: str, summary: Mapping[str, Any]) -> str:
    near, told_as = summary.get("near_misses", {}), summary.get("told_as", {})
    name = one_line(word, most=_LONGEST_WORD)
    if word in told_as:
        return f"{name} (its boxes were told as {one_line(told_as[word], most=_LONGEST_WORD)})"
    return f"{name} ({near[word]:.2f})" if word in near else name


def provenance_of(manifest: Manifest, provenance: Mapping[str, Any]) -> list[tuple[str, str]]:
    """What produced the log, as titles and texts."""
    return [(title, one_line(text, most=1000)) for title, text in _provenance(manifest, provenance) if text]


def _provenance(manifest: Manifest, provenance: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    video, job, source = manifest.video, manifest.job, manifest.source
    yield "Source", f"{source.file_name}, {source.size_bytes} bytes, {source.container}"
    if manifest.footage.pictures:
        yield "Pictures", f"{video.frame_count}, the largest {video.width_px} by {video.height_px} pixels"
    else:
        rate = video.average_rate[0] / video.average_rate[1]
        yield "Video", f"{video.width_px} by {video.height_px} pixels, {video.codec}, {rate:.5g} frames/s"
    yield "Vocabulary", f"{job.vocabulary.name}, {len(job.vocabulary.labels)} words, {job.vocabulary.digest}"
    detector = provenance.get("detector", {})
    yield "Detector", str(detector.get("name", job.detector.name))
    yield "Weights", ", ".join(detector.get("weights_sha256", ()))
    threshold = provenance.get("threshold", job.threshold)
    yield "Threshold", "" if threshold is None else f"{threshold:g}"
    yield "Looked at", "every frame" if job.every == 1 else f"one frame in {job.every}"
    yield "Objects", "followed from frame to frame" if job.tracks else "not followed"
    yield "Versions", ", ".join(f"{name} {is_}" for name, is_ in provenance.get("versions", {}).items())
    yield "Job", manifest.job_id
    yield "Submitted", manifest.created_at.strftime("%Y-%m-%d %H:%M:%S %Z")
