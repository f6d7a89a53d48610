"""A Dockerfile as data: its stages, and what each of them says in turn."""

import json
import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Self

_VARIABLE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_OPTION = re.compile(r"--(\S+?)=(\S+)\s+")


@dataclass(frozen=True, kw_only=True)
class Instruction:
    """One line, continuation lines joined."""

    word: str
    """RUN, COPY, ENV…"""
    options: tuple[tuple[str, str], ...]
    """`--from=build` is ("from", "build")."""
    text: str
    """What follows them."""

    @classmethod
    def of(cls, line: str) -> Self:
        """Read one joined line."""
        word, _, rest = line.strip().partition(" ")
        rest, options = rest.strip(), []
        while option := _OPTION.match(rest):
            options.append((option[1], option[2]))
            rest = rest[option.end() :]
        return cls(word=word.upper(), options=tuple(options), text=rest)

    @property
    def words(self) -> tuple[str, ...]:
        """Its arguments, written as a JSON list or as a shell would split them."""
        return tuple(json.loads(self.text) if self.text.startswith("[") else shlex.split(self.text))

    @property
    def pairs(self) -> dict[str, str]:
        """What ENV or ARG gives values to."""
        return dict(word.split("=", 1) for word in self.words if "=" in word)

    def option(self, name: str) -> str | None:
        """The value of an option that stands once."""
        return dict(self.options).get(name)


@dataclass(frozen=True, kw_only=True)
class Stage:
    """What stands below one FROM."""

    name: str
    base: str
    """Another stage, or an image of somebody else's; its variables are put in already."""
    instructions: tuple[Instruction, ...]

    @property
    def sources(self) -> set[str]:
        """The stages it needs."""
        copied = (instruction.option("from") for instruction in self.instructions)
        return {self.base, *filter(None, copied)}


@dataclass(frozen=True, kw_only=True)
class Dockerfile:
    """All stages, in their order, and the arguments that stand before the first of them."""

    arguments: Mapping[str, str]
    stages: tuple[Stage, ...]

    @classmethod
    def parse(cls, text: str, arguments: Mapping[str, str] | None = None) -> Self:
        """Read a Dockerfile; `arguments` are what `docker build --build-arg` would be given."""
        given = {**(arguments or {})}
        known: dict[str, str] = {}
        blocks: list[tuple[str, str, list[Instruction]]] = []
        for instruction in _instructions(text):
            if instruction.word == "FROM":
                base, _, name = instruction.text.partition(" AS ")
                blocks.append((name, expand(base, known), []))
            elif blocks:
                blocks[-1][2].append(instruction)
            else:
                known |= {name: given.get(name, value) for name, value in instruction.pairs.items()}
        stages = [Stage(name=name, base=base, instructions=tuple(lines)) for name, base, lines in blocks]
        return cls(arguments=known | given, stages=tuple(stages))

    def stage(self, name: str) -> Stage | None:
        """The stage of that name; None for somebody else's image."""
        return next((stage for stage in self.stages if stage.name == name), None)

    def needed_for(self, *targets: str) -> list[Stage]:
        """Every stage the targets are made of, in the order of the file."""
        needed, new = set(), set(targets)
        while new:
            needed |= new
            new = {s for stage in self.stages if stage.name in new for s in stage.sources} - needed
        return [stage for stage in self.stages if stage.name in needed]


def expand(text: str, values: Mapping[str, str]) -> str:
    """Put variables in; what has no value is empty, as in a shell."""
    return _VARIABLE.sub(lambda found: values.get(found[1] or found[2], ""), text)


def _instructions(text: str) -> Iterator[Instruction]:
    lines = [line for line in text.splitlines() if not line.lstrip().startswith("#")]
    for line in "\n".join(lines).replace("\\\n", " ").splitlines():
        if line.strip():
            yield Instruction.of(line)
