"""The notebook works as written.

Its cells are run one after the other in plain Python, and the last line of each is shown as a notebook shows
it. `nbclient` would bring Jupyter's kernel and its messaging, some thirty packages, for the same.
"""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.commands import REPOSITORY
from tests.docs.test_walkthrough import Shell, shell  # noqa: F401  (a fixture)

NOTEBOOK = REPOSITORY / "docs" / "ask-again.ipynb"
RUN = """
import ast, json, sys

names = {}
for source in json.load(open(sys.argv[1])):
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, source, "exec"), names)
    if last is not None:
        shown = eval(compile(ast.Expression(last.value), source, "eval"), names)
        print(shown._repr_html_() if hasattr(shown, "_repr_html_") else shown)
"""


def cells(kind: str) -> list[str]:
    found = json.loads(NOTEBOOK.read_text(encoding="utf-8"))["cells"]
    return ["".join(cell["source"]) for cell in found if cell["cell_type"] == kind]


def test_it_is_stored_without_what_it_printed() -> None:
    notebook = json.loads(NOTEBOOK.read_text(encoding="utf-8"))

    assert (notebook["nbformat"], len(cells("code"))) == (4, 10)
    assert all(cell.get("outputs", []) == [] for cell in notebook["cells"])


@pytest.mark.timeout(400)  # it looks at a video with the shipped detector, and at pictures
def test_every_cell_runs(shell: Shell, tmp_path: Path) -> None:  # noqa: F811
    here = tmp_path / "here"
    (here / "cells.json").write_text(json.dumps(cells("code")))
    (here / "run.py").write_text(RUN)

    done = shell(f"{sys.executable} -P run.py cells.json")

    assert isinstance(done, subprocess.CompletedProcess)
    assert done.returncode == 0, done.stderr
    assert "walk.mp4 completed" in done.stdout
    assert "giraffe" in done.stdout
    assert "in 1 source, 1 job" in done.stdout
    assert "right label of" in done.stdout or "too few pictures" in done.stdout
