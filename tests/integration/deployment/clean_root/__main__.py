"""`python -m tests.integration.deployment.clean_root`: prove docker/Dockerfile's steps without Docker.

Needs Linux, root, debootstrap, and the ways to Debian's packages and PyPI that this machine has.
"""

import argparse
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tests.clips import write_clip
from tests.integration.deployment.clean_root.proof import Proof


def main() -> int:
    """Build, look, and do a job; return 0 where all of it works."""
    options = _options()
    work = options.work or Path(tempfile.mkdtemp(prefix="horatio-images-"))
    work.mkdir(parents=True, exist_ok=True)
    for leftover in ("layers", "roots", "containers"):
        shutil.rmtree(work / leftover, ignore_errors=True)
    began = time.monotonic()

    def say(text: str) -> None:
        minutes, seconds = divmod(int(time.monotonic() - began), 60)
        sys.stdout.write(f"[{minutes:02}:{seconds:02}] {text}\n")
        sys.stdout.flush()

    try:
        _prove(options, work, say)
    finally:
        if options.work is None:
            shutil.rmtree(work, ignore_errors=True)
    return 0


def _prove(options: argparse.Namespace, work: Path, say: Callable[[str], None]) -> None:
    proof = Proof(work=work, arguments=dict(options.build_arg), say=say, detectron2=options.detectron2)
    if options.gpu or options.detectron2:
        proof.build_gpu_environment()
    else:
        proof.build_images()
        proof.do_a_job(options.video or write_clip(work / "squares.mp4", frames=48, gop=12))
    say("all of it works")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="clean_root")
    parser.add_argument("--work", type=Path, help="keep base and downloads here, for the next time")
    parser.add_argument("--video", type=Path, help="what the job is about; without it, squares")
    parser.add_argument("--gpu", action="store_true", help="in place of all that: worker-gpu's environment")
    parser.add_argument("--detectron2", type=Path, help="a clone of it, to build it too, in worker-gpu's")
    parser.add_argument(
        "--build-arg",
        action="append",
        default=[],
        type=lambda text: text.split("=", 1),
        metavar="NAME=VALUE",
        help="as of `docker build`: CPU_WHEELS= takes torch from the usual index",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
