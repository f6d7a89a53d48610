"""A set of pictures beside their annotated ones and the log, each decoded by itself."""

from collections.abc import Callable
from pathlib import Path

from api_client.errors import MediaError
from api_client.verify.decoded import Shown, film
from api_client.verify.log_files import LogFiles, LoggedFrame
from api_client.verify.pictures import Pictures
from api_client.verify.report import Kind
from api_client.verify.results import Results

_UNKNOWN_PX = (0, 0)
"""Each line of the log says how large its picture is."""
_PNG_HEAD_BYTES = 4096


class PictureSetComparison:
    """Counts what differs. One use each."""

    def __init__(self, source: Path, results: Results) -> None:
        """source: the folder in or below which the pictures lie, or the one picture."""
        self._folder = source.parent if source.is_file() else source
        self._results = results
        self.log = LogFiles(results.files, _UNKNOWN_PX)
        self.pictures = 0
        self._missing, self._lacking, self._size, self._unlike, self._unread = (Kind() for _ in range(5))
        self._denied, self._unnamed = Kind(), Kind()
        self._worst = Kind()

    def run(self, on_progress: Callable[[int, int], None]) -> None:
        """Read everything."""
        if not self._folder.is_dir():
            raise MediaError(f"there is no folder {str(self._folder)!r}: name the one the pictures are in")
        for record in self.log.read():
            self._compare(record)
            on_progress(record.frame_index + 1, self._results.frame_count)
        if not self.pictures:
            raise MediaError(f"none of the log's pictures is in {str(self._folder)!r}: name their folder")

    def _compare(self, record: LoggedFrame) -> None:
        index, name = record.frame_index, record.file_name or ""
        in_a_gap = self._results.in_a_gap(index)
        if in_a_gap and record.unseen is None:
            self._denied.add(index, name)
        if record.unseen is not None and not in_a_gap:
            self._unnamed.add(index, name)
        shown = _shown(self._folder / name)
        if shown is None:
            kind = self._unread if (self._folder / name).is_file() else self._missing
            if kind is self._missing or record.unseen is None:
                kind.add(index, name)
            return
        self.pictures += 1
        if record.size_px != shown.size_px:
            self._size.add(index, f"{name} is {_by(shown.size_px)}, logged as {_by(record.size_px)}")
        self._compare_annotated(record, name, shown)

    def _compare_annotated(self, record: LoggedFrame, name: str, shown: Shown) -> None:
        if not self._results.pictures or record.unseen is not None:
            return
        path = self._results.pictures.get(name) or self._results.pictures.get(f"{name}.jpg")
        annotated = _shown(path) if path else None
        if annotated is None:
            self._lacking.add(record.frame_index, name)
            return
        recoloured = _has_profile(self._folder / name)
        pictures = Pictures(annotated.size_px, shown.size_px, lenient=True, recoloured=recoloured)
        if annotated.size_px != shown.size_px:
            self._unlike.add(
                record.frame_index, f"{name} is {_by(annotated.size_px)}, not {_by(shown.size_px)}"
            )
            return
        own = pictures.seen(shown)
        pictures.compare(record.frame_index, own, (None, None), annotated, record.detections)
        for difference in pictures.differences():
            self._unlike.add(record.frame_index, f"{name}: {difference}")
        if pictures.worst.count:
            self._worst.add(record.frame_index, pictures.worst.worst_text, pictures.worst.worst_amount)

    def differences(self) -> list[str]:
        """One line a kind."""
        told = [
            (self._missing, "{where} of the log: there is no such picture in the folder, e.g. {text}"),
            (self._unread, "{where} cannot be decoded here, but the log says it was looked at: {text}"),
            (self._size, "the size of {where} is another: {text}"),
            (self._lacking, "{where} has no annotated picture that can be decoded, e.g. {text}"),
            (self._unlike, "the annotated picture of {where} is not alike: {text}"),
            (
                self._unnamed,
                "the log says that nobody looked at {where} ({text}); job.json names no gap there",
            ),
            (self._denied, "job.json names a gap at {where} ({text}), where the log says somebody looked"),
        ]
        lines = [line.format(where=kind.where, text=kind.worst_text) for kind, line in told if kind.count]
        lines = [line.replace("frame", "picture", 1) for line in lines]
        if self._results.frame_count != self.log.frames:
            lines.append(f"job.json counts {self._results.frame_count} pictures, the log {self.log.frames}")
        return [*lines, *self.log.differences()]

    @property
    def worst(self) -> tuple[int, float] | None:
        """(picture, PSNR in dB) of the one least like the source's."""
        return (
            None if self._worst.worst_index is None else (self._worst.worst_index, -self._worst.worst_amount)
        )


def _shown(path: Path) -> Shown | None:
    """The picture in a file; None where there is none that can be decoded."""
    try:
        with film(path) as opened:
            return next(opened.frames(), None)
    except MediaError:
        return None


def _has_profile(path: Path) -> bool:
    """Whether an ICC profile lies in a file: its signature does (ICC.1, 7.2.11), or PNG's chunk of it."""
    data = path.read_bytes()
    return b"acsp" in data or b"iCCP" in data[:_PNG_HEAD_BYTES]


def _by(size_px: tuple[int, int] | None) -> str:
    return f"{size_px[0]}x{size_px[1]}" if size_px else "of no size"
