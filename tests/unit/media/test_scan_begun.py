"""A film is read while that is loaded which asks for it: once, and with the same words where it cannot be."""

import os
import threading
from pathlib import Path

import av
import numpy as np
import pytest

from api_client.cli.main import run
from api_client.errors import MediaError
from api_client.media.source.probe import probe
from api_client.media.source.scan_begun import scan_begun
from tests.clips import write_clip


@pytest.fixture
def film(tmp_path: Path) -> Path:
    return write_clip(tmp_path / "film.mp4", frames=60, gop=12)


def test_a_film_that_was_begun_is_found_to_be_the_same_and_is_opened_no_more_than_otherwise(
    film: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []
    really = av.open
    monkeypatch.setattr(
        av, "open", lambda name, *args, **more: opened.append(name) or really(name, *args, **more)
    )

    plain, times = probe(film), opened.count(str(film))
    opened.clear()
    begun = probe(film, begun=scan_begun(film, None))

    assert opened.count(str(film)) == times
    assert (begun.video, begun.audio, begun.notes) == (plain.video, plain.audio, plain.notes)
    assert np.array_equal(begun.table.pts, plain.table.pts)


def test_what_is_wrong_with_it_is_told_where_it_is_asked_for_in_the_same_words(film: Path) -> None:
    film.write_bytes(film.read_bytes()[:-2000])
    with pytest.raises(MediaError) as plain:
        probe(film)

    begun = scan_begun(film, None)
    with pytest.raises(MediaError) as caught:
        probe(film, begun=begun)

    assert str(caught.value) == str(plain.value)


@pytest.mark.parametrize("content", [None, b"", b"a dog", b"\x89PNG\r\n\x1a\n" + bytes(40)])
def test_nothing_is_begun_of_what_is_not_there_or_begins_as_no_film(
    tmp_path: Path, content: bytes | None
) -> None:
    path = tmp_path / "input"
    if content is not None:
        path.write_bytes(content)

    os.mkfifo(tmp_path / "pipe")

    assert scan_begun(path, None) is None
    assert scan_begun(tmp_path, None) is None
    assert scan_begun(tmp_path / "pipe", None) is None
    assert not [thread for thread in threading.enumerate() if thread.name == "scanning"]


@pytest.mark.parametrize(
    ("arguments", "first"),
    [
        (["-v", "no/such/words.txt"], "words.txt"),
        (["--tiles", "many"], "the tiles are"),
        (["--zone", "door=1"], "--zone"),
        (["--start", "9", "--end", "8"], "the end, 0:08"),
        ([], "film.mp4"),
    ],
)
def test_what_is_asked_wrongly_is_told_before_a_broken_film_is(
    film: Path,
    arguments: list[str],
    first: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    film.write_bytes(film.read_bytes()[:-2000])
    monkeypatch.setenv("HORATIO_BROKER_URL", "redis://127.0.0.1:1/0")  # nothing is begun for it
    monkeypatch.setenv("HORATIO_HOME", str(film.parent / "home"))

    status = run(["submit", str(film), *arguments])

    told = capsys.readouterr().err
    assert status == 2
    assert first in told
    assert len(told.splitlines()) == 1
