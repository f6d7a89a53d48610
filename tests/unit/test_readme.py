"""What the README tells people to type is what the program takes."""

import re
import shlex
from pathlib import Path

import click
import pytest

from api_client.cli.main import cli

README = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
COMMANDS = [line.split("#")[0] for line in README.splitlines() if re.match(r"(\$ )?client [a-z]", line)]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_in_the_readme_is_understood(line: str) -> None:
    words = shlex.split(line.removeprefix("$ ").split("|")[0])[1:]

    command = cli.commands[words[0]]

    with command.make_context(words[0], words[1:], resilient_parsing=False) as context:
        assert isinstance(context, click.Context)


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"client {name}" in README


@pytest.mark.parametrize("target", re.findall(r"\]\(((?!http)[^)#]+)\)", README))
def test_every_link_in_the_readme_leads_somewhere(target: str) -> None:
    assert (Path(__file__).parents[2] / target).exists()
