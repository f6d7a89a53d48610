"""Checking all that is to be submitted, before anything is started."""

import shlex
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import count, takewhile
from pathlib import Path

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

Footage = SourceVideo | PictureSet
Check = Callable[[Path], Footage]
"""Reads an input's headers; raises `HoratioError` where it cannot be submitted."""


@dataclass(frozen=True, kw_only=True)
class PlannedJob:
    """A video, or all pictures, that can be submitted, what is asked of it, and where its results will go."""

    footage: Footage
    job: JobSpec
    directory: Path
    is_named: bool
    """Whether the user named that very directory: it is never another."""

    @property
    def is_of_pictures(self) -> bool:
        """Whether it is no video."""
        return isinstance(self.footage, PictureSet)

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

    Raises where any that the user named cannot be, or nothing can: all are told, and nothing is to be
    started. What was found in a folder and cannot be is left out instead.
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
    footage: Footage
    job: JobSpec
    base: Path
    """The directory results go to where nothing lies there."""


def _checked(check: Check, inputs: list[Input], job: JobSpec) -> tuple[dict[Input, Footage], dict[Path, str]]:
    """(what can be submitted, all pictures as one, file → why it cannot)."""
    checking = _Checking(check, job)
    looked = picture_sizes(item.path for item in inputs)
    for item in inputs:
        try:
            checking.add(item, looked.get(item.path))
        except HoratioError as error:
            checking.wrong[item] = error
    checking.add_pictures(inputs)
    refused = checking.refused()
    if len(refused) > 1:
        for told in refused:
            tell(f"client: {told}")
        raise SettingsError(f"{len(refused)} of {len(inputs)} inputs cannot be used: nothing was started")
    if refused:
        raise refused[0]
    return checking.footage, {item.path: str(error) for item, error in checking.wrong.items()}


class _Checking:
    """What becomes of each input. Mutable: they are added one by one."""

    def __init__(self, check: Check, job: JobSpec) -> None:
        self._check, self._job = check, job
        self._sizes: dict[Path, tuple[int, int]] = {}
        self.footage: dict[Input, Footage] = {}
        self.wrong: dict[Input, HoratioError] = {}

    def add(self, item: Input, looked: tuple[int, int] | HoratioError | None) -> None:
        """Check an input. looked: a still picture's size, or what is wrong with it; None of all else."""
        if looks_like_a_word(item.path):
            raise _forgotten_option(item.path, self._job)
        if isinstance(looked, HoratioError):
            raise looked
        if looked is None:
            self.footage[item] = self._check(item.path)
        else:
            self._sizes[item.path] = looked

    def add_pictures(self, inputs: list[Input]) -> None:
        """Make one of all pictures."""
        if self._sizes:
            folders = {item.folder for item in inputs if item.path in self._sizes}
            named = folders.pop() if len(folders) == 1 else None
            pictures = picture_set(self._sizes, named=named)
            self.footage[Input(path=pictures.path, folder=named)] = pictures

    def refused(self) -> list[HoratioError]:
        """Why nothing is to be started; what lies in a folder, or among others, is left out instead."""
        if not self.footage:
            return list(self.wrong.values())
        return [
            error
            for item, error in self.wrong.items()
            if item.folder is None and not (self._sizes and looks_like_a_picture(item.path))
        ]


def _forgotten_option(path: Path, job: JobSpec) -> SettingsError:
    words = ", ".join([*job.vocabulary.labels, str(path)] if job.vocabulary.name == "custom" else [str(path)])
    return SettingsError(f"there is no file {str(path)!r}: to look for it, write -v {shlex.quote(words)}")


def _base(item: Input, footage: Footage, output: Path | None, *, alone: bool) -> Path:
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
            from api_client.already_done import answered_in  # deferred: it reads results

            video = one.footage.video if isinstance(one.footage, SourceVideo) else None
            there = answered_in(_numbered(one.base), one.footage.source, one.job, video)
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
