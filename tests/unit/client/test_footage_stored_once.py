"""Footage is stored once: submitting it again uploads what is missing, and nothing else."""

from pathlib import Path

import pytest

from api_client import Client
from api_client.cli.main import run
from api_client.contract import keys
from api_client.queue.connections import open_store_of
from api_client.settings import Settings
from api_client.store.directory import DirectoryStore
from tests.clips import write_clip


@pytest.fixture
def clip(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "walk.mp4", frames=12, gop=12, audio=False)


@pytest.fixture
def uploads(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The key of every file that is uploaded."""
    original, seen = DirectoryStore.put_file, []

    def put_file(store: DirectoryStore, key: str, path: Path) -> None:
        seen.append(key)
        original(store, key, path)

    monkeypatch.setattr(DirectoryStore, "put_file", put_file)
    return seen


def test_a_second_submission_uploads_nothing_and_says_so(
    cluster: Settings, clip: Path, uploads: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    Client(cluster).submit(clip, vocabulary="dog")
    assert uploads
    uploads.clear()

    assert run(["submit", str(clip), "-v", "cat", "--detach"]) == 0

    assert uploads == []
    assert "in the store already: nothing was uploaded" in capsys.readouterr().err
    assert len(Client(cluster).jobs()) == 2


def test_a_missing_part_is_uploaded_again_and_alone(
    cluster: Settings, tmp_path: Path, uploads: list[str]
) -> None:
    clip = write_clip(tmp_path / "long.mp4", frames=36, gop=12, audio=False)
    short_parts = cluster.model_copy(update={"chunk_frames": 12})
    Client(short_parts).submit(clip, vocabulary="dog")
    store = open_store_of(cluster)
    (source_id,) = store.list_prefixes(keys.SOURCES)
    assert len(uploads) > 1
    uploads.clear()
    store.delete(keys.source_part(source_id, 1))

    Client(short_parts).submit(clip, vocabulary="dog")

    assert uploads == [keys.source_part(source_id, 1)]
