"""The course of runs as a picture: `python -m training.pocket.curves --runs taught --out curves.png`."""

import argparse
import json
from pathlib import Path

from matplotlib.figure import Figure

from training.pocket.train import RUNS

NOT_A_TERM = {"step", "seconds_per_step"}
COLUMNS = 3
TILE_INCHES = (3.2, 2.2)

Course = list[dict[str, float]]
"""The lines of a run's `progress.jsonl`."""


def main() -> None:
    """Draw every term of the loss, one line for each run."""
    options = _options()
    courses = {run: read_course(RUNS / run / "progress.jsonl") for run in options.runs}
    draw(courses).savefig(options.out, dpi=110)


def read_course(path: Path) -> Course:
    """The steps reported, in order; where a run went on from earlier, the later report of a step counts."""
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return sorted({line["step"]: line for line in lines}.values(), key=lambda line: line["step"])


def draw(courses: dict[str, Course]) -> Figure:
    """One small chart for each term that any of the runs has."""
    terms = sorted({term for course in courses.values() for line in course for term in line} - NOT_A_TERM)
    rows = -(-len(terms) // COLUMNS)
    figure = Figure(figsize=(TILE_INCHES[0] * COLUMNS, TILE_INCHES[1] * rows), layout="constrained")
    for index, term in enumerate(terms):
        axes = figure.add_subplot(rows, COLUMNS, index + 1, title=term.replace("_", " "))
        for run, course in courses.items():
            known = [line for line in course if term in line]
            axes.plot([line["step"] for line in known], [line[term] for line in known], label=run)
        axes.set_ylim(bottom=0)
        axes.grid(alpha=0.3)
    figure.axes[0].legend(frameon=False)
    figure.supxlabel("step")
    return figure


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", nargs="+", required=True, help="folders under training/pocket/runs")
    parser.add_argument("--out", type=Path, required=True, help="PNG")
    return parser.parse_args()


if __name__ == "__main__":
    main()
