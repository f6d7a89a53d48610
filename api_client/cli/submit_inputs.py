"""Checking all that is to be submitted, before anything is started."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path

from api_client.already_done import answered_in
from api_client.cli.say import tell
from api_client.contract import JobSpec
from api_client.errors import HoratioError, SettingsError
from api_client.inputs import Input, find_inputs, looks_like_a_picture, looks_like_a_word
from api_client.media.source.probe import SourceVideo
from api_client.picture_set import PictureSet, picture_set, picture_sizes
from api_client.question import fitting_job
from api_client.results_place import (
    check_can_be_written,
    check_named_directory,
    fitting_stem,
    free_directory,
)

Check = Callable[[Path], SourceVideo | PictureSet]
"""Reads an input's headers; raises `HoratioError` where it cannot be submitted."""


@dataclass(frozen=True, kw_only=True)
class PlannedJob:
    """A video, or all pictures, that can be submitted, what is asked of it, and where its results will go."""

    footage: SourceVideo | PictureSet
    job: JobSpec
    directory: Path
    is_named: bool
    """Whether the user named that very directory: it is never another."""

    @property
    def path(self) -> Path:
        """Of the input."""
        return self.footage.path


@dataclass(frozen=True, kw_only=True)
class Plan:
    """All that was named: what will be done, what is done already, and what cannot be."""

    jobs: list[PlannedJob]
    done: dict[Path, Path]
    """Input → the results it has."""
    unusable: dict[Path, str]
    """Input that was found in a folder → why it cannot be submitted."""

    @property
    def count(self) -> int:
        """How many inputs there are."""
        return len(self.jobs) + len(self.done) + len(self.unusable)


def plan_jobs(
    check: Check, named: list[Path], job: JobSpec, *, output: Path | None, recursive: bool, again: bool
) -> Plan:
    """Check every input and where its results would go.

    Raises where any that the user named cannot be: all are told, and nothing is to be started. What was
    found in a folder and cannot be is left out instead.
    """
    inputs = find_inputs(named, recursive=recursive)
    footage, unusable = _checked(check, inputs, job)
    alone = len(footage) == 1 and not unusable
    asked = [
        _Asked(item=item, footage=one, job=fitting_job(job, one), base=_base(item, one, output, alone=alone))
        for item, one in footage.items()
    ]
    done = {} if again else dict(_answered(asked))
    plan = Plan(jobs=[], done=done, unusable=unusable)
    for one in asked:
        if one.item.path not in done:
            plan.jobs.append(_placed(one, output, plan))
    for planned in plan.jobs:
        size_bytes = sum(other.footage.source.size_bytes for other in plan.jobs)
        check_can_be_written(planned.directory, size_bytes=size_bytes)
    return plan


@dataclass(frozen=True, kw_only=True)
class _Asked:
    item: Input
    footage: SourceVideo | PictureSet
    job: JobSpec
    base: Path
    """The directory results go to where nothing lies there."""


def _checked(
    check: Check, inputs: list[Input], job: JobSpec
) -> tuple[dict[Input, SourceVideo | PictureSet], dict[Path, str]]:
    """(what can be submitted, all pictures as one, file → why it cannot)."""
    footage: dict[Input, SourceVideo | PictureSet] = {}
    wrong: dict[Input, HoratioError] = {}
    looked = picture_sizes(item.path for item in inputs)
    sizes: dict[Path, tuple[int, int]] = {}
    for item in inputs:
        try:
            if looks_like_a_word(item.path):
                raise _forgotten_option(item.path, job)
            size = looked.get(item.path)
            if isinstance(size, HoratioError):
                raise size
            if size is None:
                footage[item] = check(item.path)
            else:
                sizes[item.path] = size
        except HoratioError as error:
            wrong[item] = error
    if sizes:
        pictures = picture_set(sizes)
        in_folder = any(item.folder for item in inputs if item.path in sizes)
        footage[Input(path=pictures.path, folder=pictures.path if in_folder else None)] = pictures
    may_lack = len(sizes) > 0
    named = [
        error
        for item, error in wrong.items()
        if item.folder is None and not (may_lack and looks_like_a_picture(item.path))
    ]
    if len(named) > 1:
        for told in named:
            tell(f"client: {told}")
        raise SettingsError(f"{len(named)} of {len(inputs)} inputs cannot be used: nothing was started")
    if named:
        raise named[0]
    return footage, {item.path: str(error) for item, error in wrong.items()}


def _forgotten_option(path: Path, job: JobSpec) -> SettingsError:
    words = ", ".join([*job.vocabulary.labels, str(path)] if job.vocabulary.name == "custom" else [str(path)])
    return SettingsError(f"there is no file {str(path)!r}: to look for it, write -v {shlex.quote(words)}")


def _base(item: Input, footage: SourceVideo | PictureSet, output: Path | None, *, alone: bool) -> Path:
    if isinstance(footage, PictureSet) and footage.path.is_dir():
        return _base_of_pictures(footage.path, output, alone=alone)
    if output is None:
        stem = fitting_stem(item.path.name, item.path.parent)
        return item.path.with_name(f"{stem}-horatio")
    if alone and item.folder is None:
        return output
    return output / item.below / fitting_stem(item.path.name, output)


def _base_of_pictures(folder: Path, output: Path | None, *, alone: bool) -> Path:
    """Beside their folder; in it where the command runs there or below."""
    if output is not None:
        return output if alone else output / folder.name
    if Path.cwd().is_relative_to(folder.absolute()):
        return Path("pictures-horatio")
    return folder.with_name(f"{folder.name}-horatio")


def _answered(asked: Iterable[_Asked]) -> Iterator[tuple[Path, Path]]:
    for one in asked:
        if one.item.folder is not None:
            there = answered_in(_numbered(one.base), one.footage.source, one.job)
            if there is not None:
                yield one.item.path, there


def _numbered(base: Path) -> Iterable[Path]:
    """The directory and those with numbers, as far as they are there."""
    yield base
    numbered = (base.with_name(f"{base.name}-{number}") for number in count(2))
    yield from takewhile(Path.exists, numbered)


def _placed(asked: _Asked, output: Path | None, plan: Plan) -> PlannedJob:
    taken = {planned.directory for planned in plan.jobs}
    base, is_named = asked.base, asked.base == output and not taken
    if is_named:
        check_named_directory(base)
        directory = base
    else:
        directory = free_directory(base, taken=taken)
    if directory != base:
        tell(f"note: {base} is taken: the results of {asked.item.path} go to {directory}")
    return PlannedJob(footage=asked.footage, job=asked.job, directory=directory, is_named=is_named)
