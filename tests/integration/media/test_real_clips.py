"""Real footage: the videos beside the repository, or those in the directory `HORATIO_TEST_CLIPS`."""

import hashlib
import os
from pathlib import Path

import av
import pytest

from api_client.media.assemble.side_streams import copy_side_streams
from api_client.media.frames.decode import chunk_pictures
from api_client.media.parts.plan import plan
from api_client.media.parts.split import split
from api_client.media.source.probe import probe

_BESIDE = Path(__file__).parents[4] / "shared" / "videos"
_CLIPS = sorted(Path(os.environ.get("HORATIO_TEST_CLIPS", _BESIDE)).glob("*.mp4"))


@pytest.mark.skipif(not _CLIPS, reason="no clips in ../shared/videos")
@pytest.mark.parametrize("path", _CLIPS, ids=lambda path: path.stem)
def test_chunks_decode_to_the_frames_of_a_plain_decode(path, tmp_path):
    source = probe(path)
    plans = plan(source.table, target_seconds=3600, max_frames=200)

    frames = []
    for chunk, file in split(source, plans, tmp_path):
        pictures = chunk_pictures(file, source.video, chunk, threads=2)
        frames += [(pts, _digest(picture)) for pts, picture in zip(chunk.pts, pictures, strict=True)]
        file.unlink()

    with av.open(str(path)) as container:
        container.streams.video[0].thread_type = "AUTO"
        assert frames == [(frame.pts, _digest(frame)) for frame in container.decode(video=0)]
    assert bool(copy_side_streams(source, tmp_path).file) == bool(source.audio)


def _digest(frame: av.VideoFrame) -> bytes:
    """Of the picture as its decoder gives it: how that becomes RGB is tested with smaller ones."""
    return hashlib.sha256(frame.to_ndarray().tobytes()).digest()
