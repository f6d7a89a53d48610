"""Where what is made of a finished job goes: a directory of its own, in which nothing is written over."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from api_client.errors import SettingsError
from api_client.results_place import check_can_be_written, fitting_stem, free_directory
from api_client.store.os_errors import os_errors_translated


@contextmanager
def new_directory(
    source_name: str, kind: str, named: Path | None, *, size_bytes: int = 0
) -> Iterator["NewDirectory"]:
    """Give a directory to write into, whose files move to their place when the block ends without an error.

    kind: with the source's name the default, `street-clips`, numbered where anything lies there.
    named: the directory the user named, refused where anything lies in it.
    size_bytes: about how much will be written.
    Raises `SettingsError`.
    """
    place = _checked(named) if named else free_directory(Path(f"{fitting_stem(source_name, Path())}-{kind}"))
    check_can_be_written(place, size_bytes=size_bytes)
    with os_errors_translated(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=place.parent, prefix=f".{kind}-") as partial:
            directory = NewDirectory(place=place, partial=Path(partial))
            yield directory
            directory.complete()


class NewDirectory:
    """A directory in the making."""

    def __init__(self, *, place: Path, partial: Path) -> None:
        self.place = place
        """Where it will be."""
        self.partial = partial
        """Where files are written now."""

    def complete(self) -> None:
        """Move everything to its place. Another program's files there are never written over."""
        self.place.mkdir(parents=True, exist_ok=True)
        for path in sorted(self.partial.iterdir()):
            if (self.place / path.name).exists():
                raise SettingsError(f"{self.place / path.name} is there already: name another directory")
            path.rename(self.place / path.name)


def _checked(directory: Path) -> Path:
    if directory.is_dir() and not any(directory.iterdir()):
        return directory
    if directory.exists():
        raise SettingsError(f"{directory} is not empty: name a directory that is, or a new one")
    return directory
