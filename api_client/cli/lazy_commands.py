"""Commands that are imported when they are run, not when they are listed."""

from collections.abc import Iterator, Mapping, MutableMapping
from dataclasses import dataclass
from importlib import import_module

import click

from api_client.loading import loading


@dataclass(frozen=True, kw_only=True)
class Listed:
    """What is known of a command before it is imported."""

    module: str
    """Of `api_client.cli`; the command is there under its own name, `_` in place of `-`."""
    summary: str
    """The first sentence of its help."""


class LazyCommands(MutableMapping[str, click.Command]):
    """What a `click.Group` takes as its commands."""

    def __init__(self, listed: Mapping[str, Listed]) -> None:
        self.listed = listed
        self._imported: dict[str, click.Command] = {}

    def __getitem__(self, name: str) -> click.Command:
        if name not in self._imported:
            with loading():
                module = import_module(f"api_client.cli.{self.listed[name].module}")
            self._imported[name] = getattr(module, name.replace("-", "_"))
        return self._imported[name]

    def __setitem__(self, name: str, command: click.Command) -> None:
        self._imported[name] = command

    def __delitem__(self, name: str) -> None:
        del self._imported[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.listed)

    def __len__(self) -> int:
        return len(self.listed)


class LazyGroup(click.Group):
    """A group that lists its `LazyCommands` without importing one."""

    def format_commands(self, _ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """List names and summaries, as click does."""
        assert isinstance(self.commands, LazyCommands)
        with formatter.section("Commands"):
            formatter.write_dl(sorted((name, it.summary) for name, it in self.commands.listed.items()))
