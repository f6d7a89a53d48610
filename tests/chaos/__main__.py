"""`make chaos`: every case, in a few lanes at once; prints the table and writes docs/reliability.md."""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from tests.chaos.conftest import LANE_VARIABLE, TABLE_VARIABLE
from tests.chaos.table import read_table, to_page, to_text

PAGE = Path(__file__).parents[2] / "docs" / "reliability.md"


def main() -> int:
    """Return 0 where every case holds."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lanes", type=int, default=2, help="cases under way at once")
    parser.add_argument("--table", type=Path, help="add to the cases in this file, where a run is in parts")
    parser.add_argument("--no-page", action="store_true", help="leave docs/reliability.md as it is")
    parser.add_argument(
        "-k", default="", metavar="EXPRESSION", help="some of the cases, as pytest chooses them"
    )
    arguments = parser.parse_args()
    began_at = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="chaos-") as directory:
        table = arguments.table or Path(directory, "table.jsonl")
        table.touch()
        lanes = [_start(n, arguments.lanes, table, arguments.k) for n in range(arguments.lanes)]
        statuses = [lane.wait() for lane in lanes]
        cases = read_table(table)
    seconds = time.monotonic() - began_at
    sys.stdout.write(to_text(cases, seconds) + "\n")
    if not arguments.no_page:
        PAGE.write_text(to_page(cases, seconds, lanes=arguments.lanes))
    return max(statuses)


def _start(number: int, lanes: int, table: Path, expression: str) -> "subprocess.Popen[bytes]":
    command = [sys.executable, "-m", "pytest", "-q", "--no-header", "-p", "no:cacheprovider"]
    command += ["-m", "chaos or not chaos", "-k", expression, "tests/chaos"]
    environment = {**os.environ, TABLE_VARIABLE: str(table), LANE_VARIABLE: f"{number}/{lanes}"}
    return subprocess.Popen(command, env=environment)


if __name__ == "__main__":
    sys.exit(main())
