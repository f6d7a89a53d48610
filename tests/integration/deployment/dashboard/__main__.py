"""`python -m tests.integration.deployment.dashboard`: ask every query of the dashboard, and draw the answers.

Needs Prometheus (`apt install prometheus`), and matplotlib for the picture. Compose's processes do some jobs
meanwhile, on this machine. Ends with 1 where a query fails, or has no answer and no reason for it.
"""

import argparse
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path

from tests.clips import write_clip
from tests.integration.deployment.compose_processes import composed
from tests.integration.deployment.dashboard.drawing import Answer, draw
from tests.integration.deployment.dashboard.life import Life, detecting
from tests.integration.deployment.dashboard.panels import Panel, panels
from tests.integration.deployment.dashboard.prometheus import Prometheus, Series, prometheus
from tests.waiting import wait_until

INTERVAL_SECONDS = 5
EMPTY = {"Device memory": "no GPU on this machine"}
CAPTION = (
    "Drawn by tests/integration/deployment/dashboard from the queries of dashboard.json, as a real "
    "Prometheus answered them about real workers on two CPU cores. Not a screenshot of Grafana."
)


def main() -> int:
    """Let some minutes go by, then ask."""
    options = _options()
    with tempfile.TemporaryDirectory(prefix="dashboard-", ignore_cleanup_errors=True) as name:
        directory = Path(name)
        video = options.video or write_clip(directory / "squares.mp4", frames=240, gop=12)
        answers, start = _lived(directory, video, options.jobs)
    for answer in answers:
        shown = ", ".join(line or "one line" for line, _ in answer.lines)
        _say(f"{answer.panel.title}: {shown or 'empty: ' + (answer.why_empty or 'WITHOUT REASON')}")
    if options.picture:
        draw(answers, options.picture, start=start, caption=CAPTION)
    return int(any(not answer.lines and not answer.why_empty for answer in answers))


def _lived(directory: Path, video: Path, jobs: int) -> tuple[list[Answer], float]:
    with ExitStack() as stack:
        cluster = stack.enter_context(composed(directory))
        stack.enter_context(detecting(cluster, "detect-1"))
        pods = {"detect-1": "detect-1", "detect-2": "detect-2", "control-1": "control"}
        targets = {pod: cluster.ports[name] for pod, name in pods.items()}
        server = stack.enter_context(prometheus(directory, targets, interval_seconds=INTERVAL_SECONDS))
        wait_until(lambda: server.healthy_targets() == 2, 60, description="Prometheus to reach the workers")
        start = time.time()
        Life(cluster=cluster, video=video, say=_say, jobs=jobs).go_by()
        end = time.time()
        return [
            _answer(server, panel, start, end) for panel in panels(interval_seconds=INTERVAL_SECONDS)
        ], start


def _answer(server: Prometheus, panel: Panel, start: float, end: float) -> Answer:
    lines: list[tuple[str, Series]] = []
    for query in panel.queries:
        found = server.over(query.expression, start, end, step_seconds=INTERVAL_SECONDS)
        lines += [(query.name(series.labels), series) for series in found]
    return Answer(panel=panel, lines=tuple(lines), why_empty=EMPTY.get(panel.title, ""))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, prog="dashboard")
    parser.add_argument("--video", type=Path, help="what the job is about; without it, squares")
    parser.add_argument("--jobs", type=int, default=8, help="how many times it is submitted")
    parser.add_argument("--picture", type=Path, help="a PNG to write: docs/images/dashboard.png")
    return parser.parse_args()


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
