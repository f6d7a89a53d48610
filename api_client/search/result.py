"""What a search found, for programs, notebooks and people."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import floor
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.errors import SettingsError
from api_client.search.asked import FoundMoment, SearchAnswer, WordFound
from api_client.store.os_errors import os_errors_translated
from api_client.times import clock

if TYPE_CHECKING:
    import pyarrow as pa


@dataclass(frozen=True, kw_only=True)
class SearchResult:
    """Moments in which things were seen, the best first."""

    answer: SearchAnswer
    pictures: tuple[bytes | None, ...] = ()
    """A JPEG of each moment, where pictures were asked for; None where its footage is gone."""

    def __len__(self) -> int:
        return len(self.moments)

    @property
    def moments(self) -> tuple[FoundMoment, ...]:
        """By falling score."""
        return self.answer.moments

    @property
    def words(self) -> tuple[WordFound, ...]:
        """What came of each word, in the order asked."""
        return self.answer.words

    @property
    def notes(self) -> tuple[str, ...]:
        """What was left out, and why."""
        return self.answer.notes

    @property
    def table(self) -> "pa.Table":
        """A row a moment."""
        import pyarrow as pa  # deferred: the command line starts quicker without it

        columns = {name: [getattr(moment, name) for moment in self.moments] for name in _COLUMNS}
        return pa.table(
            {name: pa.array(columns[name], pa.type_for_alias(_COLUMNS[name])) for name in _COLUMNS}
        )

    @property
    def summary(self) -> str:
        """One line: what was searched."""
        answer = self.answer
        return (
            f"{_counted(len(answer.moments), 'moment')} in {_counted(answer.sources, 'source')}, "
            f"{_counted(answer.jobs, 'job')}; {_counted(answer.looks, 'look')} asked"
        )

    def write_pictures(self, directory: str | Path) -> list[Path | None]:
        """Write the pictures into a directory, which is made if need be; return the file of each moment.

        None is replaced: raises `SettingsError` where a file is there already.
        """
        place = Path(directory)
        with os_errors_translated(place):
            place.mkdir(parents=True, exist_ok=True)
            return [
                None if jpeg is None else _write_new(place / f"{number:04d}-{_file_stem(moment)}.jpg", jpeg)
                for number, (moment, jpeg) in enumerate(zip(self.moments, self.pictures, strict=True))
            ]

    def write_sheet(self, path: str | Path) -> Path:
        """Write all moments as one page that needs no other file; return its path."""
        from api_client.search.sheet import write_sheet  # deferred: jinja2, for those who want a page

        return write_sheet(self, Path(path))

    def _repr_html_(self) -> str:
        """Shown by notebooks: the pictures, where there are some, and when and where."""
        from api_client.search.sheet import table_html

        return table_html(self)


_COLUMNS = {
    "word": "string",
    "score": "float64",
    "job_id": "string",
    "source_id": "string",
    "source_name": "string",
    "first_seconds": "float64",
    "last_seconds": "float64",
    "best_seconds": "float64",
    "frame_index": "int64",
    "picture": "string",
}


def said_of(word: WordFound, shown: int) -> str:
    """What came of a word, e.g. "3 moments", "nothing; the best was 0.41"."""
    if word.moments:
        more = " or more" if word.more else ""
        is_all = shown == word.moments and not more
        return _counted(shown, "moment") if is_all else f"{shown} of {word.moments}{more} moments"
    if word.best_score is None:
        return "nothing"
    below = floor(100 * word.best_score) / 100  # what is just below 0.55 must not be told as 0.55
    return f"nothing; the best was {below:.2f}"


def when(moment: FoundMoment) -> str:
    """E.g. "0:12.3 to 0:20.1", or a picture's name."""
    if moment.picture is not None:
        return moment.picture
    first, last = (clock(Fraction(round(10 * s), 10)) for s in (moment.first_seconds, moment.last_seconds))
    return first if first == last else f"{first} to {last}"


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _file_stem(moment: FoundMoment) -> str:
    names: Sequence[str] = (moment.word, Path(moment.source_name).stem, f"{moment.best_seconds:.1f}s")
    return "-".join(re.sub(r"[^A-Za-z0-9.]+", "_", name).strip("_")[:40] for name in names)


def _write_new(path: Path, data: bytes) -> Path:
    try:
        with path.open("xb") as file:
            file.write(data)
    except FileExistsError:
        raise SettingsError(f"{str(path)!r} is there already: name another directory") from None
    return path
