"""Measure, and print the table.

    python -m benchmarks.bench CLIP [--photographs FOLDER] [--workers 1 2 4 8 16] [--repeats 5] [--only WORD]

CLIP: a short real video, which is looped. Needs FFmpeg's program, the baseline of most rows.
"""

import argparse
import os
import platform
import shutil
import sys
import tempfile
from collections.abc import Iterator
from itertools import cycle, islice
from pathlib import Path

from benchmarks.bench import detector, passes, scaling, starting
from benchmarks.bench.footage import clip_of
from benchmarks.bench.measuring import HEAD, Row


def main() -> None:
    """Print a row as soon as it is measured."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--photographs", type=Path)
    parser.add_argument("--pictures", type=int, default=1000)
    parser.add_argument("--workers", type=int, nargs="*", default=[1, 2, 4, 8, 16])
    parser.add_argument("--frames", type=int, default=7200, help="of the simulated GPU's clip")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--only", choices=["passes", "detector", "scaling", "starting"])
    arguments = parser.parse_args()
    if shutil.which("ffmpeg") is None:
        sys.exit("the baseline is FFmpeg's program: apt-get install ffmpeg")
    cores, load = os.cpu_count(), os.getloadavg()[0]
    print(
        f"{platform.processor() or platform.machine()}, {cores} cores, load {load:.1f}, {platform.system()}\n"
    )
    print(HEAD)
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        for row in _rows(arguments, Path(directory)):
            print(row.to_markdown(), flush=True)


def _rows(arguments: argparse.Namespace, directory: Path) -> Iterator[Row]:
    repeats, only = arguments.repeats, arguments.only
    own = clip_of(arguments.clip, directory)
    if only in (None, "passes"):
        for height, name in ((None, "640x272"), (1080, "1080p")):
            clip = own if height is None else clip_of(arguments.clip, directory, height_px=height)
            place = directory / name
            place.mkdir()
            yield from passes.rows(clip, place, name, repeats=repeats)
    if only in (None, "detector"):
        yield from detector.rows(own, _photographs(arguments), directory, repeats=min(3, repeats))
    if only in (None, "starting"):
        yield from starting.rows(repeats=repeats)
    if only in (None, "scaling") and arguments.workers:
        yield from scaling.rows(arguments.workers, arguments.frames, directory)


def _photographs(arguments: argparse.Namespace) -> list[Path]:
    if arguments.photographs is None:
        return []
    found = sorted(
        path for path in arguments.photographs.iterdir() if path.suffix.lower() in (".jpg", ".jpeg")
    )
    copies = Path(tempfile.mkdtemp(prefix="bench-pictures-"))
    for number, path in enumerate(islice(cycle(found), arguments.pictures)):
        (copies / f"{number:06d}.jpg").symlink_to(path.resolve())
    return sorted(copies.iterdir())


if __name__ == "__main__":
    main()
