"""What a job of a clip leaves in the store, by kind, for each minute of video.

python -m benchmarks.stored_bytes CLIP -v "person, dog"
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from api_client import Settings
from api_client.queue.connections import open_store_of
from api_client.store import ObjectStore

KINDS = {
    r"sources/.*/parts/": "the video's parts",
    r"sources/.*": "its other streams, and what it is",
    r"jobs/.*/detect/.*regions\.parquet": "regions, for later questions",
    r"jobs/.*/detect/.*detections\.parquet": "detections of parts",
    r"jobs/.*/track/": "what is drawn in parts",
    r"jobs/.*/render/": "drawn parts",
    r"jobs/.*/result/annotated\.": "the annotated video",
    r"jobs/.*/result/": "the log and the summary",
    r"jobs/": "markers and the question",
    r"embeddings/": "the words' vectors, once",
}
"""Regular expression → what it is; the first that fits."""


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("clip", type=Path)
    parser.add_argument("-v", "--vocabulary", default="coco")
    parser.add_argument("--every", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bench-") as directory:
        settings = Settings.load(home=Path(directory) / "home", store_url=f"{directory}/store")
        _submit(settings, arguments, Path(directory) / "results")
        bytes_by_kind = _bytes_by_kind(open_store_of(settings))
    minutes, whole = _seconds(arguments.clip) / 60, arguments.clip.stat().st_size
    print(f"{arguments.clip.name}, {60 * minutes:.1f} s, {8 * whole / 60 / minutes / 1e6:.1f} Mb/s\n")
    print("| what | kB a minute | % of the file |\n| --- | --- | --- |")
    for kind in dict.fromkeys(KINDS.values()):
        count = bytes_by_kind[kind]
        print(f"| {kind} | {count / minutes / 1000:.1f} | {100 * count / whole:.1f} |")


def _submit(settings: Settings, arguments: argparse.Namespace, results: Path) -> None:
    command = [
        *(sys.executable, "-P", "-m", "api_client.cli", "submit", arguments.clip, "-o", results),
        *("-v", arguments.vocabulary, "--every", str(arguments.every), "-q"),
    ]
    subprocess.run(command, check=True, env={**os.environ, **settings.to_environment()})


def _bytes_by_kind(store: ObjectStore) -> Counter[str]:
    found: Counter[str] = Counter()
    for prefix in ("sources/", "jobs/", "embeddings/"):
        for info in store.list(prefix):
            found[next(kind for shape, kind in KINDS.items() if re.match(shape, info.key))] += info.size_bytes
    return found


def _seconds(clip: Path) -> float:
    command = ["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", clip]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
