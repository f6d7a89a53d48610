"""A search of what real workers kept, with pictures cut out of what is stored."""

import json
from pathlib import Path

import av
import pytest

from tests.clips import write_clip
from tests.integration.jobs.results import COLOURS
from tests.integration.local.conftest import RunClient
from tests.integration.local.test_query import looked, rows, running_stack  # noqa: F401  (a fixture)

pytestmark = pytest.mark.skipif(
    not Path("/proc/self/environ").exists(), reason="finds processes through /proc"
)


def moments(run_client: RunClient, *arguments: object) -> list[dict[str, object]]:
    done = run_client("search", *arguments, "--json")
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.usefixtures("running_stack")
def test_what_nobody_had_asked_is_found_in_all_jobs_where_a_query_finds_it(
    run_client: RunClient, clip: Path, tmp_path: Path
) -> None:
    job_id = looked(run_client, clip)
    again = looked(run_client, clip, "-t", "0.4")
    shorter = write_clip(tmp_path / "shorter.mp4", frames=30, gop=12)
    other = looked(run_client, shorter)
    asked = run_client("query", job_id, "-v", "blue", "-o", tmp_path / "asked")
    assert asked.returncode == 0, asked.stderr

    found = moments(run_client, "blue", "--thumbnails", tmp_path / "pictures", "--html", tmp_path / "a.html")

    frames = {frame for frame, _, _ in rows(tmp_path / "asked")}
    assert {moment["job_id"] for moment in found} in ({job_id, other}, {again, other})
    assert {moment["frame_index"] for moment in found if moment["source_name"] == clip.name} <= frames
    for moment in found:
        with av.open(str(moment["thumbnail"])) as picture:
            blue = next(picture.decode(video=0)).to_ndarray(format="rgb24")[..., 2]
        assert blue.max() > 200
    page = (tmp_path / "a.html").read_text()
    assert page.count("data:image/jpeg;base64,") == len(found)
    assert moments(run_client, "yellow", "--job", other) == []
    assert COLOURS in run_client("status", job_id, "--json").stdout
