"""Every file becomes a job once, whenever its watcher ended."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from api_client.errors import HoratioError, MediaError, SettingsError
from api_client.question import job_spec
from api_client.settings import Settings
from api_client.watched_folder.folder import WatchedFolder, Watching
from api_client.watched_folder.record import record_of
from tests.manifests import manifest


@dataclass
class _Video:
    source: Any = field(default_factory=lambda: manifest().source)
    video: Any = field(default_factory=lambda: manifest().video)


@dataclass
class Cluster:
    """Jobs, and a client that may be killed while it makes one."""

    jobs: list[str] = field(default_factory=list)
    dies_after_submitting: bool = False

    def check(self, path: Path) -> _Video:
        if path.read_bytes() == b"broken":
            raise MediaError(f"{path} is no video")
        return _Video()

    def submit_job(self, _footage: object, _job: object, *, weights: object) -> str:
        self.jobs.append(f"job-{len(self.jobs) + 1}")
        if self.dies_after_submitting:
            raise KeyboardInterrupt
        return self.jobs[-1]

    def find_job(self, _question: str, *, since: str) -> str | None:
        return self.jobs[-1] if self.jobs else None

    def watch(self, _job_id: str, *, interval_seconds: float) -> Iterator[Any]:
        while True:
            yield type("Working", (), {"has_ended": False})


@pytest.fixture
def cluster() -> Cluster:
    return Cluster()


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    (tmp_path / "inbox").mkdir()
    return tmp_path / "inbox"


def look(cluster: Cluster, inbox: Path, troubles: list[HoratioError] | None = None, times: int = 2) -> None:
    """A watcher's whole life."""
    settings = Settings.load(home=inbox.parent / "home")
    watching = Watching(folder=inbox, job=job_spec(settings, vocabulary="dog"), settle_seconds=0)
    with record_of(inbox, settings.home) as record:
        watched = WatchedFolder(
            client=cluster,  # type: ignore[arg-type]
            watching=watching,
            record=record,
            on_submitted=lambda *_: None,
            on_ended=lambda _: None,
            on_trouble=lambda _, error: (troubles if troubles is not None else []).append(error),
        )
        for _ in range(times):
            watched.look()


def test_a_file_is_submitted_once_by_all_watchers_together(cluster: Cluster, inbox: Path) -> None:
    (inbox / "walk.mp4").write_bytes(b"walk")

    look(cluster, inbox)
    look(cluster, inbox)
    assert len(cluster.jobs) == 1

    (inbox / "walk.mp4").write_bytes(b"another walk")
    look(cluster, inbox)
    assert len(cluster.jobs) == 2


def test_a_job_whose_watcher_died_while_it_was_made_is_found_again(cluster: Cluster, inbox: Path) -> None:
    (inbox / "walk.mp4").write_bytes(b"walk")
    cluster.dies_after_submitting = True
    with pytest.raises(KeyboardInterrupt):
        look(cluster, inbox)

    cluster.dies_after_submitting = False
    look(cluster, inbox)

    assert cluster.jobs == ["job-1"]


def test_what_cannot_be_read_is_told_once_until_it_changes(cluster: Cluster, inbox: Path) -> None:
    (inbox / "walk.mp4").write_bytes(b"broken")
    troubles: list[HoratioError] = []

    look(cluster, inbox, troubles)
    look(cluster, inbox, troubles)
    (inbox / "walk.mp4").write_bytes(b"mended")
    look(cluster, inbox, troubles)

    assert len(troubles) == 1
    assert cluster.jobs == ["job-1"]


def test_no_more_jobs_than_wanted_are_under_way(cluster: Cluster, inbox: Path) -> None:
    for number in range(7):
        (inbox / f"{number}.mp4").write_bytes(b"walk")

    look(cluster, inbox)

    assert len(cluster.jobs) == 4


def test_a_second_watcher_of_a_folder_is_refused(inbox: Path, tmp_path: Path) -> None:
    with (
        record_of(inbox, tmp_path / "home"),
        pytest.raises(SettingsError, match="is being watched already"),
        record_of(inbox, tmp_path / "home"),
    ):
        pass
