"""A disk that fills up is reported under the name of the file that did not fit, and nothing is left of it."""

import resource
from contextlib import contextmanager

import pytest

from api_client.errors import MediaError
from api_client.media.assemble.remux import assemble
from api_client.media.assemble.side_streams import copy_side_streams
from api_client.media.frames.encode import SegmentWriter
from api_client.media.parts.plan import plan
from api_client.media.parts.split import split
from api_client.media.source.probe import probe
from tests.integration.media.films import Film, picture, x264

_FILM = Film(
    codec="libx264", suffix=".mp4", options={**x264(), "crf": "5"}, audio=[("pcm_s16le", 48_000)], width=320
)


@contextmanager
def _files_of_at_most(size_bytes):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def source(tmp_path):
    return probe(Film(**{**vars(_FILM), "suffix": ".mov"}).write(tmp_path))


def test_while_splitting(source, tmp_path):
    directory = tmp_path / "chunks"
    directory.mkdir()
    plans = plan(source.table, target_seconds=99, max_frames=999)

    with _files_of_at_most(10_000), pytest.raises(MediaError, match=r"000000\.mp4 cannot be written"):
        list(split(source, plans, directory))

    assert list(directory.iterdir()) == []


def test_while_copying_the_sound(source, tmp_path):
    with _files_of_at_most(10_000), pytest.raises(MediaError, match=r"side_streams\.mov cannot be written"):
        copy_side_streams(source, tmp_path)

    assert not list(tmp_path.glob("side_streams*"))


def test_while_encoding(source, tmp_path):
    path = tmp_path / "out" / "segment.mp4"
    path.parent.mkdir()

    with _files_of_at_most(10_000), pytest.raises(MediaError, match=r"segment\.mp4 cannot be written"):
        _encode(path, source)

    assert list(path.parent.iterdir()) == []


def test_while_assembling(source, tmp_path):
    segment, output = tmp_path / "segment.mp4", tmp_path / "out" / "annotated.mp4"
    output.parent.mkdir()
    _encode(segment, source)

    with _files_of_at_most(10_000), pytest.raises(MediaError, match=r"annotated\.mp4 cannot be written"):
        assemble([segment], source.video, None, output)

    assert list(output.parent.iterdir()) == []


def _encode(path, source):
    with SegmentWriter(path, source.video) as writer:
        for index, pts in enumerate(source.table.shown_pts.tolist()):
            writer.write(picture(index, 320, 64), pts)
