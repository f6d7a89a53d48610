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
from api_client.inputs import Input, find_inputs, looks_like_a_word
from api_client.media.source.probe import SourceVideo
from api_client.results_place import (
    check_can_be_written,
    check_named_directory,
    fitting_stem,
    free_directory,
)

Check = Callable[[Path], SourceVideo]
"""Reads an input's headers; raises `HoratioError` where it cannot be submitted."""


@dataclass(frozen=True, kw_only=True)
class PlannedJob:
    """An input that can be submitted, and where its results will go."""

    video: SourceVideo
    directory: Path
    is_named: bool
    """Whether the user named that very directory: it is never another."""

    @property
    def path(self) -> Path:
        """Of the input."""
        return self.video.path


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
    videos, unusable = _checked(check, inputs, job)
    bases = {item.path: _base(item, output, alone=len(inputs) == 1) for item in videos}
    done = {} if again else dict(_answered(videos, bases, job))
    plan = Plan(jobs=[], done=done, unusable=unusable)
    for item, video in videos.items():
        if item.path not in done:
            plan.jobs.append(_placed(item, video, bases[item.path], output, plan))
    for planned in plan.jobs:
        size_bytes = sum(other.video.source.size_bytes for other in plan.jobs)
        check_can_be_written(planned.directory, size_bytes=size_bytes)
    return plan


def _checked(
    check: Check, inputs: list[Input], job: JobSpec
) -> tuple[dict[Input, SourceVideo], dict[Path, str]]:
    videos: dict[Input, SourceVideo] = {}
    wrong: dict[Input, HoratioError] = {}
    for item in inputs:
        try:
            if looks_like_a_word(item.path):
                raise _forgotten_option(item.path, job)
            videos[item] = check(item.path)
        except HoratioError as error:
            wrong[item] = error
    named = [error for item, error in wrong.items() if item.folder is None]
    if len(named) > 1:
        for told in named:
            tell(f"client: {told}")
        raise SettingsError(f"{len(named)} of {len(inputs)} inputs cannot be used: nothing was started")
    if named:
        raise named[0]
    return videos, {item.path: str(error) for item, error in wrong.items()}


def _forgotten_option(path: Path, job: JobSpec) -> SettingsError:
    words = ", ".join([*job.vocabulary.labels, str(path)] if job.vocabulary.name == "custom" else [str(path)])
    return SettingsError(f"there is no file {str(path)!r}: to look for it, write -v {shlex.quote(words)}")


def _base(item: Input, output: Path | None, *, alone: bool) -> Path:
    """The directory an input's results go to where nothing lies there."""
    if output is None:
        stem = fitting_stem(item.path.name, item.path.parent)
        return item.path.with_name(f"{stem}-horatio")
    if alone and item.folder is None:
        return output
    return output / item.below / fitting_stem(item.path.name, output)


def _answered(
    videos: dict[Input, SourceVideo], bases: dict[Path, Path], job: JobSpec
) -> Iterator[tuple[Path, Path]]:
    for item, video in videos.items():
        if item.folder is not None:
            there = answered_in(_numbered(bases[item.path]), video.source, job)
            if there is not None:
                yield item.path, there


def _numbered(base: Path) -> Iterable[Path]:
    """The directory and those with numbers, as far as they are there."""
    yield base
    numbered = (base.with_name(f"{base.name}-{number}") for number in count(2))
    yield from takewhile(Path.exists, numbered)


def _placed(item: Input, video: SourceVideo, base: Path, output: Path | None, plan: Plan) -> PlannedJob:
    taken = {planned.directory for planned in plan.jobs}
    if base == output and not taken:
        check_named_directory(base)
        return PlannedJob(video=video, directory=base, is_named=True)
    directory = free_directory(base, taken=taken)
    if directory != base:
        tell(f"note: {base} is taken: the results of {item.path} go to {directory}")
    return PlannedJob(video=video, directory=directory, is_named=False)
