"""Moments as lists: `moments.csv`, `chapters.vtt` for players, and a project for LosslessCut."""

import csv
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from api_client.log.exports.text import clock
from api_client.log.plain_text import one_line
from api_client.moments.moment import Moment

_COLUMNS = (
    "number", "start_seconds", "end_seconds", "duration_seconds", "first_frame", "last_frame", "found",
    "file", "file_start_seconds", "file_end_seconds",
)  # fmt: skip
_LONGEST_TITLE = 200


@dataclass(frozen=True, kw_only=True)
class WrittenClip:
    """A moment's file."""

    path: Path
    start_seconds: float
    """Of what it shows, since frame 0 of the video: a copy begins at a key frame, before the moment."""
    end_seconds: float


def title_of(moment: Moment, number: int) -> str:
    """Return e.g. `3: dog, person`: one line, nothing in it is markup."""
    words = ", ".join(moment.found) or "nothing"
    return one_line(f"{number}: {words}", most=_LONGEST_TITLE)


def write_csv(path: Path, moments: Sequence[Moment], clips: Sequence[WrittenClip | None]) -> None:
    """Write a row a moment (RFC 4180, UTF-8)."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(_COLUMNS)
        for number, (moment, clip) in enumerate(zip(moments, clips, strict=True), start=1):
            seconds = (moment.start_seconds, moment.end_seconds, moment.duration_seconds)
            frames = (moment.first_frame, moment.last_frame, "; ".join(moment.found))
            of_clip = (
                (clip.path.name, round(clip.start_seconds, 3), round(clip.end_seconds, 3))
                if clip
                else ("", "", "")
            )
            writer.writerow((number, *(round(value, 3) for value in seconds), *frames, *of_clip))


def write_chapters(path: Path, moments: Sequence[Moment]) -> None:
    """Write WebVTT chapters of the whole video, one a moment: a track of kind `chapters`."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        file.write("WEBVTT\n")
        for number, moment in enumerate(moments, start=1):
            title = title_of(moment, number).replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
            file.write(
                f"\n{number}\n{clock(moment.start_seconds)} --> {clock(moment.end_seconds)}\n{title}\n"
            )


def write_losslesscut(path: Path, moments: Sequence[Moment], media_name: str) -> None:
    """Write a project LosslessCut opens when it lies beside the video of that name (schema version 2)."""
    segments = [
        {
            "start": round(moment.start_seconds, 6),
            "end": round(moment.end_seconds, 6),
            "name": title_of(moment, number),
            "tags": {},
            "selected": True,
        }
        for number, moment in enumerate(moments, start=1)
    ]
    project = {"version": 2, "mediaFileName": media_name, "cutSegments": segments}
    path.write_text(json.dumps(project, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
