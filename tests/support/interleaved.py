"""Every interleaving of processes that share a store, without threads and without sleeping.

A process is a function of a store. To take its next step it is run again from the start: calls it has made
before are answered from memory, the next is carried out, and the one after that ends the run. States reached
in several ways are followed once.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from api_client.errors import HoratioError, ObjectNotFoundError
from api_client.store.protocol import ObjectInfo
from api_client.waiting import Retries

Objects = frozenset[tuple[str, bytes]]
_NOW = datetime.now(UTC)


class _Paused(BaseException):
    """The run has taken its step."""


class _Waits(BaseException):
    """The process waits for the store to become another."""


def _wait(_: HoratioError) -> None:
    raise _Waits


PATIENT = Retries(seconds=1e9, on_wait=_wait)
"""For processes that wait."""


class MemoryStore:
    """Objects in memory, all written now."""

    url = "memory:"

    def __init__(self, objects: Objects = frozenset()) -> None:
        self.objects = dict(objects)

    def get(self, key: str) -> bytes:
        if key not in self.objects:
            raise ObjectNotFoundError(key)
        return self.objects[key]

    def put(self, key: str, data: bytes) -> None:
        self.objects[key] = data

    def exists(self, key: str) -> bool:
        return key in self.objects

    def list(self, prefix: str) -> tuple[ObjectInfo, ...]:
        return tuple(
            ObjectInfo(key=key, size_bytes=len(data), modified_at=_NOW)
            for key, data in sorted(self.objects.items())
            if key.startswith(prefix)
        )

    def list_prefixes(self, prefix: str) -> tuple[str, ...]:
        below = (key.removeprefix(prefix) for key in self.objects if key.startswith(prefix))
        return tuple(sorted({name.split("/")[0] for name in below}))

    def delete(self, key: str) -> None:
        self.objects.pop(key, None)

    def delete_prefix(self, prefix: str) -> int:
        found = self.list(prefix)
        for info in found:
            self.delete(info.key)
        return len(found)


class _OneStep:
    """A store that answers from memory, carries out one call, and ends the run at the next."""

    def __init__(self, store: MemoryStore, answers: tuple[Any, ...]) -> None:
        self.store = store
        self.answers = answers
        self._position = 0
        self._steps = len(answers) + 1

    def __getattr__(self, name: str) -> Any:
        return getattr(self.store, name) if name == "url" else lambda *args: self._call(name, args)

    def _call(self, name: str, args: tuple[Any, ...]) -> Any:
        ended = sys.exception()
        if isinstance(ended, _Waits):  # what a run does on its way out does not happen
            raise ended
        if self._position == self._steps:
            raise _Paused
        if self._position == len(self.answers):
            self.answers += (self._carry_out(name, args),)
        self._position += 1
        answer = self.answers[self._position - 1]
        if answer is ObjectNotFoundError:
            raise answer(str(args))
        return answer

    def _carry_out(self, name: str, args: tuple[Any, ...]) -> Any:
        try:
            return getattr(self.store, name)(*args)
        except ObjectNotFoundError:
            return ObjectNotFoundError


@dataclass(frozen=True)
class Process:
    """One process, as far as it has come."""

    run: Callable[[Any], None]
    answers: tuple[Any, ...] = ()
    waits_on: Objects | None = None
    """What the store held when it began to wait."""
    end: str = ""
    """"done", "killed", or the error that ended it; empty while it runs."""

    def can_step(self, objects: Objects) -> bool:
        return not self.end and self.waits_on != objects

    def step(self, store: MemoryStore) -> "Process":
        before, one_step = frozenset(store.objects.items()), _OneStep(store, self.answers)
        try:
            self.run(one_step)
        except _Paused:
            return replace(self, answers=one_step.answers, waits_on=None)
        except _Waits:
            return replace(self, waits_on=before)
        except HoratioError as error:
            return replace(self, end=str(error))
        return replace(self, end="done")


@dataclass(frozen=True)
class State:
    """The store and all processes, by name."""

    objects: Objects
    processes: tuple[tuple[str, Process], ...]

    @property
    def ends(self) -> dict[str, str]:
        return {name: process.end for name, process in self.processes}

    def following(self, killable: str) -> Iterator["State"]:
        for index, (name, process) in enumerate(self.processes):
            if process.can_step(self.objects):
                store = MemoryStore(self.objects)
                yield self._with(index, name, process.step(store), frozenset(store.objects.items()))
            if name == killable and not process.end:
                yield self._with(index, name, replace(process, end="killed"), self.objects)

    def _with(self, index: int, name: str, process: Process, objects: Objects) -> "State":
        changed = (*self.processes[:index], (name, process), *self.processes[index + 1 :])
        return State(objects=objects, processes=changed)


def final_states(
    objects: Mapping[str, bytes], *, killable: str = "", **processes: Callable[[Any], None]
) -> list[State]:
    """Return every state from which nobody can go on, over all interleavings.

    killable: the name of a process that may be killed before any of its steps.
    """
    start = State(frozenset(objects.items()), tuple((name, Process(run)) for name, run in processes.items()))
    seen, open_states, final = {start}, [start], []
    while open_states:
        state = open_states.pop()
        following = list(state.following(killable))
        if not following:
            final.append(state)
        fresh = set(following) - seen
        seen |= fresh
        open_states += fresh
    return final
