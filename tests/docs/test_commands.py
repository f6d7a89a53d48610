"""What the documents tell people to type is what the program takes."""

import re
import shlex
import tomllib
from pathlib import Path

import pytest

from api_client.cli import exit_status
from api_client.cli.main import cli
from api_client.contract.detection_log import SCHEMA
from api_client.settings import Settings
from tests.docs.commands import PAGES, REPOSITORY, client_commands

COMMANDS = [(page.name, command) for page in PAGES for command in client_commands(page)]
TEXTS = {page.name: page.read_text(encoding="utf-8") for page in PAGES}


@pytest.mark.parametrize(("page", "line"), COMMANDS)
def test_a_command_is_understood(page: str, line: str) -> None:
    words = shlex.split(line.split("|")[0])[1:]

    command = cli.commands[words[0]]

    with command.make_context(words[0], words[1:], resilient_parsing=False) as context:
        assert context.command is command


@pytest.mark.parametrize("page", TEXTS)
def test_commands_and_settings_named_in_passing_exist(page: str) -> None:
    named = set(re.findall(r"`(?:client|horatio) ([a-z]+)", TEXTS[page]))
    settings = set(re.findall(r"HORATIO_([A-Z0-9_]+)", TEXTS[page]))

    assert named <= set(cli.commands)
    assert {name.lower() for name in settings} <= set(Settings.model_fields)


@pytest.mark.parametrize("page", sorted(set(TEXTS) - {"operations.md"}))  # which names other programs' too
def test_options_named_in_passing_exist(page: str) -> None:
    known = {
        option
        for command in cli.commands.values()
        for p in command.params
        for option in (*p.opts, *p.secondary_opts)
    }
    named = set(re.findall(r"`(--[a-z-]+)`", TEXTS[page]))

    assert named <= known


@pytest.mark.parametrize(
    ("page", "target"),
    [(page, t) for page in TEXTS for t in re.findall(r"\]\(((?!http)[^)]+)\)", TEXTS[page])],
)
def test_a_link_leads_to_a_file_and_a_heading(page: str, target: str) -> None:
    here = REPOSITORY / ("" if page == "README.md" else "docs")
    name, _, anchor = target.partition("#")
    path = here / name if name else here / page

    assert path.exists()
    if anchor:
        headings = re.findall(r"^#+ (.+)$", path.read_text(encoding="utf-8"), re.MULTILINE)
        assert anchor in {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in headings}


@pytest.mark.parametrize("name", sorted(cli.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"client {name}" in TEXTS["README.md"]


def test_every_option_of_submit_has_help() -> None:
    for parameter in cli.commands["submit"].params:
        assert parameter.param_type_name == "argument" or getattr(parameter, "help", None)


def test_every_exit_status_is_documented() -> None:
    documented = {int(number) for number in re.findall(r"^\| (\d+) \|", TEXTS["results.md"], re.MULTILINE)}

    assert documented == {
        value for name, value in vars(exit_status).items() if name.isupper() and name[0] != "_"
    }


def test_every_column_of_the_log_is_documented() -> None:
    for field in SCHEMA:
        assert f"`{field.name}`" in TEXTS["results.md"]


def test_both_names_of_the_program_are_the_same() -> None:
    scripts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]["scripts"]

    assert scripts == {"client": "api_client.cli:main", "horatio": "api_client.cli:main"}


@pytest.mark.parametrize("extra", re.findall(r"pip install '?\.\[(\w+)\]", "".join(TEXTS.values())))
def test_extras_that_are_to_be_installed_exist(extra: str) -> None:
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())["project"]

    assert extra in project["optional-dependencies"]


@pytest.mark.parametrize("target", re.findall(r"^make ([a-z-]+)", "".join(TEXTS.values()), re.MULTILINE))
def test_what_is_to_be_made_can_be(target: str) -> None:
    assert f"\n{target}:" in (REPOSITORY / "Makefile").read_text()


def test_pages_are_there() -> None:
    assert {"README.md", "results.md", "settings.md", "python-api.md"} <= set(TEXTS)
    assert Path(REPOSITORY / "README.md").stat().st_size < 12_000  # a README is read to its end
