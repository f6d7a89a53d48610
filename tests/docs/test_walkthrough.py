"""The first hour as the documents tell it: every command typed into a shell, with the shipped detector."""

import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.clips import write_clip, write_picture
from tests.docs.commands import REPOSITORY, blocks, commands

JOB_IN_THE_DOCUMENTS = "20261122-231502-walk-9f3c"
Shell = Callable[[str], "subprocess.CompletedProcess[str]"]


@pytest.fixture
def shell(tmp_path: Path, free_port: int) -> Iterator[Shell]:
    """A shell in a directory with the files the documents speak of, and `client` on its path."""
    programs, here = tmp_path / "bin", tmp_path / "here"
    for directory in (programs, here):
        directory.mkdir()
    for name in ("client", "horatio"):
        program = programs / name
        program.write_text(f'#!/bin/sh\nexec {sys.executable} -P -m api_client.cli "$@"\n')
        program.chmod(0o755)
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HORATIO_")}
    environment = {
        **clean,
        "PATH": f"{programs}:{clean['PATH']}",
        "PYTHONPATH": str(REPOSITORY),
        "HORATIO_HOME": str(tmp_path / "home"),
        "HORATIO_DEVICE": "cpu",
        "HORATIO_FLOWER_PORT": str(free_port),
    }
    write_files(here)

    def run(line: str) -> "subprocess.CompletedProcess[str]":
        return subprocess.run(
            ["bash", "-c", line], cwd=here, env=environment, capture_output=True, text=True, timeout=300
        )

    yield run
    run("client down")


def write_files(here: Path) -> None:
    for name in ("street", "walk"):
        write_clip(here / f"{name}.mp4", frames=6, gop=6)
    write_clip(here / "night.mp4", frames=90, gop=6, rate=1)  # a minute and a half
    for folder in ("holiday", "footage"):
        (here / folder).mkdir()
    write_picture(here / "picture.png")
    (here / "picture.png").rename(here / "holiday" / "beach.jpg")  # as a name that lies: read all the same
    write_picture(here / "footage" / "still.png")
    (here / "my-words.txt").write_text("person\ndog\n")
    for number in (1, 2):
        write_picture(here / f"bag{number}.jpg")
        for folder in ("pugs", "beagles", "breeds/pug", "breeds/beagle", "other-dogs"):
            (here / "photos" / folder).mkdir(parents=True, exist_ok=True)
            write_picture(here / "photos" / folder / f"{number}.png", 10 * number)


def last_walk(home: Path) -> str:
    """The newest job on walk.mp4."""
    return sorted(path.name for path in (home / "store" / "jobs").glob("*-walk-*"))[-1]


def typed_commands() -> list[str]:
    """What a reader of the README types before there is a cluster."""
    page = REPOSITORY / "README.md"
    cluster_at = page.read_text(encoding="utf-8").index("**Use a cluster")
    early = [block for block in blocks(page) if page.read_text(encoding="utf-8").index(block) < cluster_at]
    typed = [command for block in early for command in commands(block)]
    return [command for command in typed if not re.match(r"make |pip ", command)]


@pytest.mark.timeout(900)  # a dozen commands, each loading a program of its own
def test_what_the_readme_says_to_type_works_as_written(shell: Shell, tmp_path: Path) -> None:
    started = shell("client up")  # one worker for all, where each command would start its own
    assert started.returncode == 0, started.stderr

    for command in typed_commands():
        if JOB_IN_THE_DOCUMENTS in command:
            command = command.replace(JOB_IN_THE_DOCUMENTS, last_walk(tmp_path / "home"))
        done = shell(command)
        assert done.returncode == 0, f"{command}\n{done.stdout}{done.stderr}"
        if command == "client jobs":
            assert len(done.stdout.splitlines()) == 16
    for block in blocks(REPOSITORY / "docs" / "python-api.md", "python"):
        assert_python_works(shell, block, tmp_path / "here" / "page.py")

    here = tmp_path / "here"
    for name in ("street-horatio", "walk-horatio", "walk-horatio-2", "results", "holiday-horatio"):
        assert (here / name / "job.json").exists(), name
    assert not (tmp_path / "home" / "stack.json").exists()


def assert_python_works(shell: Shell, block: str, path: Path) -> None:
    path.write_text(block.replace('"results"', '"python-results"'))
    done = shell(f"{sys.executable} {path}")
    assert done.returncode == 0, done.stderr
