"""What a user names as input: files, folders for what is in them, patterns, and lists of all these."""

import glob
import mimetypes
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from api_client.errors import MediaError
from api_client.results_place import CLAIM
from api_client.store.os_errors import os_errors_translated

_MORE_EXTENSIONS = frozenset((
    ".264", ".265", ".3g2", ".3gp", ".avif", ".divx", ".dv", ".flv", ".h264", ".h265", ".heic", ".heif",
    ".hevc", ".ivf", ".jxl", ".m2ts", ".m4v", ".mkv", ".mod", ".mts", ".mxf", ".nut", ".obu", ".ogv",
    ".rm", ".rmvb", ".tod", ".ts", ".vob", ".webm", ".webp", ".wmv", ".y4m",
))  # fmt: skip
"""Videos and pictures that not every system's list of types knows."""
_PICTURES = frozenset((".avif", ".heic", ".heif", ".jxl", ".webp"))
_LIST = ".txt"
_MOST_LIST_BYTES = 16 << 20
_NO_PICTURES = frozenset((".svg", ".svgz", ".ico", ".psd", ".ai", ".eps"))


@dataclass(frozen=True, kw_only=True)
class Input:
    """One file to look into."""

    path: Path
    folder: Path | None = None
    """The folder it was found in, where the user named that; None where the file itself was named."""

    @property
    def below(self) -> Path:
        """Its place in that folder, without its name."""
        return self.path.parent.relative_to(self.folder) if self.folder else Path()


def find_inputs(named: list[Path], *, recursive: bool) -> list[Input]:
    """Return each file once, in the order named; for a folder, the videos and pictures in it by name.

    Horatio's own results, hidden files, and links that lead back are left out. A name that is nothing
    is returned as it is: whoever reads it says so. Raises `MediaError` for a folder without any.
    """
    found: dict[Path, Input] = {}
    for path in _expanded(named):
        for item in _in_folder(path, recursive=recursive) if path.is_dir() else [Input(path=path)]:
            found.setdefault(item.path.resolve(), item)
    return list(found.values())


def _expanded(named: Iterable[Path]) -> Iterator[Path]:
    """What a shell has not expanded, and the lines of text files."""
    for path in named:
        if path.suffix.lower() == _LIST and path.is_file():
            yield from _listed(path)
        elif not path.exists() and glob.has_magic(str(path)):
            matching = glob.glob(str(path), recursive=True)  # noqa: PTH207  # Path.glob takes no absolute one
            yield from [Path(name) for name in sorted(matching)] or [path]
        else:
            yield path


def _listed(list_file: Path) -> Iterator[Path]:
    """The files a list names, one a line; relative to where the command runs, or to the list."""
    with os_errors_translated(list_file):
        if list_file.stat().st_size > _MOST_LIST_BYTES:
            raise MediaError(
                f"{list_file} is no list of files: it has more than {_MOST_LIST_BYTES >> 20} MiB"
            )
        try:
            lines = list_file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            raise MediaError(f"{list_file} is no list of files: it is no text in UTF-8") from None
    names = [line.strip() for line in lines if line.strip() and not line.startswith("#")]
    if not names:
        raise MediaError(f"{list_file} lists no file: write one a line")
    for name in names:
        path, beside = Path(name).expanduser(), list_file.parent / Path(name).expanduser()
        yield beside if not path.exists() and beside.exists() else path


def looks_like_a_picture(path: Path) -> bool:
    """Whether a file's name is a picture's."""
    kind = mimetypes.guess_type(f"file{path.suffix.lower()}")[0] or ""
    return kind.startswith("image/") or path.suffix.lower() in _PICTURES


def media_in(folder: Path) -> list[Path]:
    """Return the videos and pictures right in a folder, by name, as `find_inputs` does."""
    return list(_media_in(folder, recursive=False))


def looks_like_a_word(path: Path) -> bool:
    """Whether a name that is no file is rather a forgotten `-v`: `dog`, `"dog, cat"`, `coco`."""
    text = str(path)
    return not path.exists() and "/" not in text and not path.suffix.strip(". ")


def _in_folder(folder: Path, *, recursive: bool) -> list[Input]:
    found = [Input(path=path, folder=folder) for path in _media_in(folder, recursive=recursive)]
    if not found:
        more = "" if recursive else " (`--recursive` looks into its folders too)"
        raise MediaError(f"{folder} holds no video and no picture{more}")
    return found


def _media_in(folder: Path, *, recursive: bool) -> Iterator[Path]:
    entries = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    ours = _drawn_by_us(folder)
    yield from (path for path in entries if _is_media(path) and path.is_file() and path.name not in ours)
    if recursive:
        for path in entries:
            if path.is_dir() and not path.is_symlink() and not _holds_results(path):  # a link may lead back
                yield from _media_in(path, recursive=True)


def _holds_results(directory: Path) -> bool:
    return (directory / CLAIM).exists() or all((directory / n).exists() for n in ("job.json", "summary.json"))


def _drawn_by_us(folder: Path) -> set[str]:
    """Names of annotated videos, where results lie right in the folder."""
    return {path.name for path in folder.glob("*-annotated.*")} if _holds_results(folder) else set()


def _is_media(path: Path) -> bool:
    suffix = path.suffix.lower()
    kind = mimetypes.guess_type(f"file{suffix}")[0] or ""
    return suffix in _MORE_EXTENSIONS or (
        kind.startswith(("video/", "image/")) and suffix not in _NO_PICTURES
    )
