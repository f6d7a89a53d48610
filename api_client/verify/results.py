"""A directory of results: which of its files belong to the job, by what `job.json` lists."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_client.errors import MediaError


@dataclass(frozen=True, kw_only=True)
class Gap:
    """Frames `job.json` says nobody looked at."""

    first_frame: int
    last_frame: int
    """Inclusive."""


@dataclass(frozen=True, kw_only=True)
class Results:
    """What a job left."""

    directory: Path
    files: dict[str, Path]
    """Name in `job.json` → the file; only of files that are there."""
    video: Path | None
    """The annotated video or picture; None where it is missing, or the job makes none."""
    pictures: dict[str, Path]
    """Name → annotated picture; only of those that are there."""
    is_of_pictures: bool
    frame_count: int
    detection_count: int
    gaps: tuple[Gap, ...]
    notes: tuple[str, ...]
    source_name: str | None
    source_size_bytes: int | None
    stream_index: int | None
    """Of the video stream that was looked at, where `job.json` says it."""
    first_frame: int
    """Number, in the source, of the first frame that was taken."""
    is_range: bool
    """Whether only a part of the source was taken."""
    is_sampled: bool
    """Whether only some frames were to be looked at."""
    differences: tuple[str, ...]
    """Between what is listed and what is there."""

    def in_a_gap(self, frame_index: int) -> bool:
        """Whether `job.json` says that nobody looked at this frame."""
        return any(gap.first_frame <= frame_index <= gap.last_frame for gap in self.gaps)


def read_results(directory: Path) -> Results:
    """Find the job's files. Raises `MediaError` where there is no `job.json` of a job with a result."""
    job = _job_document(directory)
    provenance = _mapping(job.get("provenance"))
    source, video = _mapping(provenance.get("source")), _mapping(provenance.get("video"))
    name = source.get("file_name")
    files, differences = _listed_files(directory, job["files"], Path(name).stem if name else "")
    pictures, lost = _annotated_pictures(directory, job.get("pictures", []))
    return Results(
        directory=directory,
        files=files,
        video=next((path for listed, path in files.items() if "annotated." in listed), None),
        pictures=pictures,
        is_of_pictures=source.get("container") == "pictures",
        frame_count=job["frame_count"],
        detection_count=job["detection_count"],
        gaps=tuple(Gap(first_frame=g["first_frame"], last_frame=g["last_frame"]) for g in job["gaps"]),
        notes=tuple(job["notes"]),
        source_name=name,
        source_size_bytes=source.get("size_bytes"),
        first_frame=_count(video.get("first_frame")),
        is_range=video.get("zero_pts") is not None,
        stream_index=video.get("stream_index", source.get("stream_index")),
        is_sampled=provenance.get("every", 1) != 1,
        differences=(*differences, *lost),
    )


def _mapping(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _count(value: object) -> int:
    return value if isinstance(value, int) and value > 0 else 0


def _job_document(directory: Path) -> dict[str, Any]:
    path = directory / "job.json"
    remedy = "name the directory `fetch` or `submit` wrote results into"
    if not path.is_file():
        raise MediaError(f"there is no job.json in {str(directory)!r}: {remedy}")
    try:
        job = json.loads(path.read_bytes())
    except ValueError:
        raise MediaError(f"{str(path)!r} is damaged: fetch the job's results again") from None
    if not isinstance(job, dict) or not {"files", "frame_count", "gaps", "notes"} <= job.keys():
        raise MediaError(f"{str(path)!r} is no job's: {remedy}")
    if job.get("state") == "failed":
        raise MediaError(f"the job of {str(directory)!r} failed, so there is nothing to verify")
    return job


def _listed_files(
    directory: Path, listed: list[dict[str, Any]], stem: str
) -> tuple[dict[str, Path], list[str]]:
    """(the files that are there, what is wrong with them)."""
    files, differences = {}, []
    for entry in listed:
        name, path = entry["name"], _found(directory, entry, stem)
        if path is None:
            differences.append(f"{name!r}, which job.json lists, is not there")
            continue
        files[name] = path
        if not _is(path, entry):
            differences.append(f"{path.name!r} is not the file job.json lists: its bytes have changed")
    return files, differences


def _annotated_pictures(directory: Path, listed: list[dict[str, Any]]) -> tuple[dict[str, Path], list[str]]:
    """(the pictures that are there, what is wrong with them)."""
    pictures, differences = {}, []
    for entry in listed:
        path = directory / "annotated" / entry["name"]
        if not path.is_file():
            differences.append(f"{entry['name']!r}, which job.json lists, is not there")
        elif not _is(path, entry):
            differences.append(f"{entry['name']!r} is not the picture job.json lists: its bytes have changed")
        else:
            pictures[entry["name"]] = path
    return pictures, differences


def _found(directory: Path, entry: dict[str, Any], stem: str) -> Path | None:
    """The file of that name, here; the annotated video is named after its source, or known by its bytes."""
    if Path(entry["name"]).name != entry["name"]:
        return None
    named: list[Path] = [directory / entry["name"], directory / f"{stem}-{entry['name']}"]
    for path in named:
        if path.is_file():
            return path
    if "annotated." in entry["name"]:
        suffix = Path(entry["name"]).suffix
        return next((path for path in sorted(directory.glob(f"*{suffix}")) if _is(path, entry)), None)
    return None


def _is(path: Path, entry: dict[str, Any]) -> bool:
    if path.stat().st_size != entry["size_bytes"]:
        return False
    with path.open("rb") as file:
        return bool(hashlib.file_digest(file, "sha256").hexdigest() == entry["sha256"])
