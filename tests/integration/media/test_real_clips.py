"""Real footage: the videos beside the repository, or those in the directory `HORATIO_TEST_CLIPS`."""

import os
from pathlib import Path

import pytest

from api_client.media.others import copy_others
from tests.integration.media.round_trip import chunk_frames_of, plain_decode

_BESIDE = Path(__file__).parents[4] / "shared" / "videos"
_CLIPS = sorted(Path(os.environ.get("HORATIO_TEST_CLIPS", _BESIDE)).glob("*.mp4"))


@pytest.mark.skipif(not _CLIPS, reason="no clips in ../shared/videos")
@pytest.mark.parametrize("path", _CLIPS, ids=lambda path: path.stem)
def test_chunks_decode_to_the_frames_of_a_plain_decode(path, tmp_path):
    source, frames = chunk_frames_of(path, tmp_path, chunk_frames=200)

    assert frames == plain_decode(path, source)
    assert bool(copy_others(source, tmp_path)) == bool(source.audio)
