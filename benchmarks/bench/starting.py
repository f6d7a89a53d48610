"""How long it takes until anything happens."""

import subprocess
import sys
from collections.abc import Iterator

from benchmarks.bench.measuring import Row, cost_row, side_by_side


def rows(*, repeats: int) -> Iterator[Row]:
    """The command line's own start, beside Python's."""

    def helping() -> None:
        subprocess.run(
            [sys.executable, "-m", "api_client.cli", "--help"], check=True, stdout=subprocess.DEVNULL
        )

    def nothing() -> None:
        subprocess.run([sys.executable, "-c", "pass"], check=True)

    times = side_by_side(helping, nothing, repeats=repeats)
    budget = 0.3 / max(times[1], 1e-9)
    yield cost_row(
        "`client --help` (budget 0.3 s)", times, "`python -c pass`", goal=round(budget, 1), repeats=repeats
    )
