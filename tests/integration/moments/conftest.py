"""Finished jobs on clips whose every frame can be told from the others."""

from pathlib import Path

import pytest

from api_client.job_files import JobFiles
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job, row

RATE, FRAMES, GOP = 10, 80, 8
DOG, LEASH = range(30, 50), range(40, 44)


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    monkeypatch.setenv("HORATIO_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    return Settings.load(chunk_frames=16)


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "walk.mp4", frames=FRAMES, gop=GOP, rate=RATE)


@pytest.fixture
def job(settings: Settings, clip: Path) -> JobFiles:
    """A dog from 3 to 5 s, walking to the right; a leash from 4 to 4.4 s."""
    dogs = [row(i, 0, 0.9, (2 * i - 20, 40, 2 * i, 60)) for i in DOG]
    leashes = [row(i, 1, 0.8, (100, 10, 130, 40)) for i in LEASH]
    files = finish_job(settings, clip, [*dogs, *leashes], labels=("dog", "leash"))
    clip.unlink()  # nothing that follows needs it
    return files
