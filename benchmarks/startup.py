"""How long a first job waits before anything is looked at, and after it is done.

    python -m benchmarks.startup CLIP --words "person, dog" --runs 3

Prints one JSON line for each measurement, by the clock and in processor seconds of all processes together,
which a busy machine disturbs less:

cold   `client submit CLIP` with nothing running: seconds to the first frames looked at, processor seconds
       until then, seconds from the job's end to the command's
warm   the same with the stack of `client up`, after a first job

Modules are compiled, as where the package is installed: a first run, which is not told, does that.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

_FIRST_FRAMES = re.compile(rb"the first frames have been looked at")
_CLIENT = (sys.executable, "-m", "api_client.cli")
_POLL_SECONDS = 0.01
_COMPILED = Path(tempfile.gettempdir(), "startup-compiled")
"""Kept: it takes as long again to make."""
_TICKS_A_SECOND = os.sysconf("SC_CLK_TCK")


def main() -> None:
    """Measure and print."""
    options = _options()
    for number in range(options.runs + 1):
        with _home() as home:
            found = _submission(home, options.clip, options.words)
            if number:
                _print("cold", found)
    with _home() as home, _stack(home):
        _submission(home, options.clip, options.words)
        for _ in range(options.runs):
            _print("warm", _submission(home, options.clip, options.words))


def _submission(home: Path, clip: Path, words: str) -> dict[str, float]:
    """One `client submit`, from its start to its exit."""
    known, ended = _log_of(home), _ended(home)
    spent, began = _processor_seconds(home), time.perf_counter()
    client = subprocess.Popen(
        [*_CLIENT, "submit", str(clip), "-v", words, "-o", str(home / f"results-{time.monotonic_ns()}")],
        env=_environment(home), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    _wait(client, lambda: bool(_FIRST_FRAMES.search(_log_of(home)[len(known) :])))
    first, spent = time.perf_counter() - began, _processor_seconds(home) - spent
    _wait(client, lambda: len(_ended(home)) > len(ended))
    done = time.perf_counter()
    assert client.wait() == 0, "the job failed"
    exit_seconds = time.perf_counter() - done
    return {
        "first_frames_seconds": first,
        "processor_seconds_until_then": spent,
        "exit_seconds": exit_seconds,
    }


def _wait(client: "subprocess.Popen[bytes]", happened: Callable[[], bool]) -> None:
    while not happened():
        assert client.poll() is None, "the command ended before anything was looked at"
        time.sleep(_POLL_SECONDS)


@contextmanager
def _home() -> Iterator[Path]:
    with tempfile.TemporaryDirectory(prefix="startup-") as name:
        yield Path(name)


@contextmanager
def _stack(home: Path) -> Iterator[None]:
    subprocess.run([*_CLIENT, "up"], check=True, env=_environment(home), stdout=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run([*_CLIENT, "down"], check=True, env=_environment(home), stdout=subprocess.DEVNULL)


def _environment(home: Path) -> dict[str, str]:
    """Of processes that are ours: known by their HORATIO_HOME."""
    ours = {"HORATIO_HOME": str(home), "HORATIO_LOG_LEVEL": "INFO", "PYTHONPYCACHEPREFIX": str(_COMPILED)}
    return {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"} | ours


def _ended(home: Path) -> set[Path]:
    """Results of jobs."""
    return set(home.glob("store/jobs/*/result/job.json"))


def _log_of(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(home.glob("logs/*.log")))


def _processor_seconds(home: Path) -> float:
    """Of all processes with this HORATIO_HOME, their waited-for children included."""
    mark = f"HORATIO_HOME={home}\0".encode()
    total = 0
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark in (process / "environ").read_bytes():
                fields = (process / "stat").read_text().rpartition(")")[2].split()
                total += sum(map(int, fields[11:15]))
        except OSError:  # gone meanwhile
            continue
    return total / _TICKS_A_SECOND


def _print(name: str, numbers: dict[str, float]) -> None:
    load = os.getloadavg()[0]
    print(
        json.dumps({"measured": name, **{k: round(v, 2) for k, v in numbers.items()}, "load": round(load, 1)})
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--words", default="person, dog")
    parser.add_argument("--runs", type=int, default=3)
    return parser.parse_args()


if __name__ == "__main__":
    main()
