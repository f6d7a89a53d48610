"""Pictures that are one source: which files, under which names, and how large each is."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from itertools import chain, count
from os import PathLike
from pathlib import Path, PurePosixPath

from api_client.contract.picture import PICTURES, PictureSpec
from api_client.contract.source import SourceSpec
from api_client.errors import HoratioError, MediaError, SettingsError
from api_client.media.pictures.looking import picture_size_px
from api_client.media.source.probe import probe
from api_client.media.source.scan import Scan
from api_client.media.source.source_video import SourceVideo
from api_client.media.source.time_range import checked_range, taken_from
from api_client.printable import printable
from api_client.store.os_errors import os_errors_translated

_HEADS_AT_ONCE = 4


@dataclass(frozen=True, kw_only=True, eq=False)
class PictureSet:
    """Pictures that can be packed."""

    path: Path
    """The folder they all lie in or below; the picture itself where there is one alone."""
    source: SourceSpec
    files: tuple[Path, ...]
    pictures: tuple[PictureSpec, ...]
    """Of each file, in order."""


def picture_sizes(paths: Iterable[Path]) -> Mapping[Path, tuple[int, int] | HoratioError]:
    """Path → (width, height) of still pictures, or what is wrong with one. What is no picture is left out."""
    paths = list(paths)
    with ThreadPoolExecutor(_HEADS_AT_ONCE, thread_name_prefix="pictures") as pool:
        looked = zip(paths, pool.map(_looked_at, paths), strict=True)
        return {path: found for path, found in looked if found is not None}


def picture_set(sizes: Mapping[Path, tuple[int, int]], *, named: Path | None = None) -> PictureSet:
    """Make a set of at least one picture.

    sizes: path → (width, height), in order. named: the folder they were found in, where one was named; None
    for the nearest in or below which they all lie.
    """
    files = tuple(sizes)
    folder = (named or Path(os.path.commonpath([path.absolute().parent for path in files]))).absolute()
    is_alone = len(files) == 1 and named is None
    specs = [
        PictureSpec(name=name, width_px=width, height_px=height, size_bytes=path.stat().st_size)
        for name, (path, (width, height)) in zip(_names(files, folder), sizes.items(), strict=True)
    ]
    return PictureSet(
        path=files[0] if is_alone else _short(folder),
        source=SourceSpec(
            file_name=printable((files[0] if is_alone else folder).name) or PICTURES,
            size_bytes=sum(spec.size_bytes for spec in specs),
            container=PICTURES,
        ),
        files=files,
        pictures=tuple(specs),
    )


def checked_pictures(paths: Sequence[Path]) -> PictureSet:
    """Make a set of files that all have to be pictures. Raises `MediaError` where one is not."""
    sizes: dict[Path, tuple[int, int]] = {}
    found = picture_sizes(paths)
    for path in paths:
        size = found.get(path)
        if isinstance(size, HoratioError):
            raise size
        if size is None:
            raise MediaError(f"{path} is no picture that can be read: only pictures are submitted together")
        sizes[path] = size
    if not sizes:
        raise MediaError("no picture is named: name at least one file")
    return picture_set(sizes)


def checked_footage(
    named: str | Path | Sequence[str | Path],
    *,
    stream: int | None,
    deinterlace: bool,
    start: float | None = None,
    end: float | None = None,
) -> SourceVideo | PictureSet:
    """Read the headers of a video, of a picture, or of pictures that are one source.

    start, end: in seconds, where only a part of the video is taken.
    Raises `MediaError` where it cannot be a job's, `SettingsError` where no frame is shown at that time.
    """
    checked_range(start, end)
    try:
        paths = [Path(named)] if isinstance(named, str | PathLike) else [Path(one) for one in named]
    except TypeError:
        raise MediaError(f"{named!r} is no path: name a file") from None
    with os_errors_translated(paths[0] if paths else Path()):
        if not isinstance(named, str | PathLike) or picture_size_px(paths[0]) is not None:
            if (start, end) != (None, None):
                raise SettingsError(f"{paths[0]} is a picture, of which no time can be chosen: name a video")
            return checked_pictures(paths)
    return checked_video(paths[0], stream=stream, deinterlace=deinterlace, start=start, end=end)


def checked_video(
    path: Path,
    *,
    stream: int | None,
    deinterlace: bool,
    start: float | None = None,
    end: float | None = None,
    begun: Future[Scan] | None = None,
) -> SourceVideo:
    """As `checked_footage`, of a file that is known to be no still picture.

    begun: the reading of that very stream, where a thread does it already.
    """
    checked_range(start, end)
    with os_errors_translated(path):
        return taken_from(probe(path, stream=stream, deinterlace=deinterlace, begun=begun), start, end)


def _looked_at(path: Path) -> tuple[int, int] | HoratioError | None:
    try:
        with os_errors_translated(path):
            return picture_size_px(path)
    except HoratioError as error:
        return error


def _short(folder: Path) -> Path:
    """As seen from here, where it is here or below."""
    return folder.relative_to(Path.cwd()) if folder.is_relative_to(Path.cwd()) else folder


def _names(files: Iterable[Path], folder: Path) -> Iterator[str]:
    """Each file's place in the folder, printable, and no two the same.

    Nor are two the same once they are annotated, when some get `.jpg` at their end.
    """
    taken: set[str] = set()
    for path in files:
        wanted = "/".join(printable(part) for part in path.absolute().relative_to(folder).parts)
        place = PurePosixPath(wanted)
        numbered = (str(place.with_stem(f"{place.stem}-{number}")) for number in count(2))
        name = next(name for name in chain([wanted], numbered) if taken.isdisjoint(_shown_as(name)))
        taken.update(_shown_as(name))
        yield name


def _shown_as(name: str) -> tuple[str, str]:
    return name, f"{name}.jpg"
