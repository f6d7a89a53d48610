"""Results on disk, for programs and notebooks."""

import html
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from api_client.contract import JobResult
from api_client.errors import IntegrityError, SettingsError
from api_client.found import Found, FoundWord, read_found

ANNOTATED = "annotated"
"""The directory of annotated pictures among the results."""


@dataclass(frozen=True, kw_only=True)
class FetchedResult:
    """A job's results on disk."""

    directory: Path
    video_path: Path | None
    """The annotated video, named after the source; None where the job made none, or was of pictures."""
    result: JobResult

    @property
    def paths(self) -> dict[str, Path]:
        """Every file, by its name; `job.json` too."""
        names = (*(stored.name for stored in self.result.files), *self._pictures, "job.json")
        return {name: self.directory / name for name in names}

    @property
    def picture_paths(self) -> dict[str, Path]:
        """The annotated pictures, by their names below `annotated/`; empty of a video."""
        return {picture.name: self.directory / ANNOTATED / picture.name for picture in self.result.pictures}

    @property
    def annotated(self) -> Path | None:
        """The directory of the annotated pictures; None of a video."""
        return self.directory / ANNOTATED if self.result.pictures else None

    @property
    def _pictures(self) -> tuple[str, ...]:
        return tuple(f"{ANNOTATED}/{picture.name}" for picture in self.result.pictures)

    def found(self) -> Found:
        """What came of each word. Raises `IntegrityError`."""
        return read_found(self.directory)

    def detections(self, kind: Literal["arrow", "pandas"] = "arrow") -> Any:
        """The detections, one row each: a `pyarrow.Table`, or a `pandas.DataFrame` where pandas is there.

        Raises `SettingsError` where it is not, `IntegrityError` where the file is gone or damaged.
        """
        import pyarrow as pa  # deferred: the command line starts quicker without it
        import pyarrow.parquet as pq

        path = self.directory / "detections.parquet"
        try:
            table = pq.read_table(path)
        except (OSError, pa.ArrowException) as error:
            raise IntegrityError(f"{path} cannot be read ({error}): fetch the results again") from None
        if kind == "arrow":
            return table
        try:
            return table.to_pandas()
        except ImportError:
            raise SettingsError("there is no pandas here: `pip install pandas`, or take Arrow") from None

    def _repr_html_(self) -> str:
        """Shown by notebooks: a table of what was found."""
        rows = "".join(
            f"<tr><td>{html.escape(word.word)}</td><td>{word.frames}</td>"
            f"<td>{_seen(word.first_seen_seconds, word)}</td><td>{_seen(word.last_seen_seconds, word)}</td>"
            f"<td>{word.highest_confidence:.2f}</td></tr>"
            for word in self.found().words
        )
        head = "<tr><th>word</th><th>frames</th><th>first seen</th><th>last seen</th><th>best</th></tr>"
        place = html.escape(str(self.video_path or self.directory))
        return f"<p><code>{place}</code></p><table>{head}{rows}</table>"


def _seen(seconds: float | None, word: FoundWord) -> str:
    return html.escape(word.best_in or "") if seconds is None else f"{seconds:.2f} s"
