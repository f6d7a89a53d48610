"""Packets copied out of the parts decode to what the source shows, however it is coded."""

from pathlib import Path

import av
import numpy as np
import pytest

from api_client.cli.main import run
from api_client.settings import Settings
from tests.finished_jobs import finish_job, row
from tests.integration.media.films import Film, x264, x265

FILMS = {
    "h264, open groups": Film(
        codec="libx264", suffix=".mp4", options=x264(open_gop=1, bframes=3, b_pyramid="normal")
    ),
    "hevc, open groups": Film(codec="libx265", suffix=".mkv", options=x265(open_gop=1)),
    "h264 ts": Film(codec="libx264", suffix=".ts", options=x264(bframes=2)),
    "one group": Film(codec="libx264", suffix=".mp4", options=x264(group=1000)),
    "encoded again": Film(codec="rawvideo", suffix=".avi"),
}


def pictures(path: Path) -> list[np.ndarray]:
    with av.open(str(path)) as container:
        return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]


@pytest.mark.parametrize("name", FILMS)
def test_a_copy_shows_the_sources_frames_without_a_hole(
    name: str, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    film = FILMS[name].write(tmp_path)
    source = pictures(film)
    job = finish_job(settings, film, [row(i, 0, 0.9, (4, 4, 30, 30)) for i in range(20, 30)])

    assert run(["clips", job.job_id, "--when", "cat", "--pad", "0", "--min", "0"]) == 0

    (clip,) = (path for path in Path(f"{film.stem}-clips").iterdir() if path.stem.endswith("-001"))
    shown = pictures(clip)
    distances = [[np.abs(one.astype(int) - other).mean() for other in source] for one in shown]
    numbers = [int(np.argmin(row)) for row in distances]
    assert numbers == list(range(numbers[0], numbers[-1] + 1))
    assert set(numbers) >= set(range(20, 30))
    if name == "encoded again":
        assert "is encoded again instead of copied" in capsys.readouterr().err
        assert numbers == list(range(20, 30))
    else:
        assert max(min(row) for row in distances) == 0
