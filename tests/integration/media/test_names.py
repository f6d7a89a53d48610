"""Files may be called anything."""

import os
import shutil
from pathlib import Path

import pytest

from api_client.cli.say import tell
from api_client.contract.ids import new_job_id
from api_client.errors import MediaError
from api_client.media.source.probe import probe
from api_client.results_place import fitting_stem
from tests.integration.media.films import Film, x264

_NAMES = [
    "x" * 246 + ".mp4",
    os.fsdecode(b"caf\xe9\xff.mp4"),
    os.fsdecode(b"a.\xff\xfe"),
    "new\nline.mp4",
    "red\x1b[31m.mp4",
    "http:x.mp4",
    "-rf.mp4",
    "100%03d.mp4",
    "[1-3].mp4",
]


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return Film(codec="libx264", suffix=".mp4", options=x264(), frames=3).write(
        tmp_path_factory.mktemp("film")
    )


@pytest.mark.parametrize("name", _NAMES)
def test_a_file_of_any_name_is_read_and_its_name_is_harmless(name, film, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(film, name)

    source = probe(Path(name))

    assert source.video.frame_count == 3
    assert source.source.file_name.isprintable()
    source.source.file_name.encode()
    assert new_job_id(Path(name))
    (tmp_path / f"{fitting_stem(source.source.file_name, tmp_path)}-annotated.mp4").touch()


def test_an_error_never_brings_escape_sequences_to_the_terminal(tmp_path, capsys):
    with pytest.raises(MediaError) as caught:
        probe(tmp_path / "red\x1b[31m\nline.mp4")

    tell(caught.value)

    assert capsys.readouterr().err.removesuffix("\n").isprintable()
