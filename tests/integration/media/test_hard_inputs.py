"""Real problem files, compared with a plain sequential decode written here."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from tests.integration.media.round_trip import RoundTrip, round_trip

_HARD = Path(__file__).parents[3] / ".." / "shared" / "hard-inputs"

FILMS = {
    "chrome57.webm": (640, 480),
    "noaudio.ts": (388, 300),
    "silent.mp4": (320, 180),
    "flv_newpps.flv": (320, 180),
    "hevc_nostss.mp4": (320, 180),
    "selfie_mirrored.mp4": (320, 180),
    "exif5.jpg": (1800, 1200),
    "paff.ts": (352, 288),
    "join_aac.ts": (320, 180),
    "gap7h.ts": (320, 180),
    "mdat_too_long.mp4": (1080, 720),
    "riff_plus8.avi": (320, 180),
    "webrtc_ramp.webm": (640, 360),
    "dashcam_2ch.mp4": (320, 180),
}
"""Size in which each is to be shown."""

_TURNED = {"selfie_mirrored.mp4": lambda p: p[:, ::-1], "exif5.jpg": lambda p: p.T}
_DEINTERLACED = {"paff.ts"}


@pytest.mark.parametrize("name", FILMS)
def test_a_problem_file_gives_what_a_plain_decode_gives(name, tmp_path):
    path = _HARD / name
    if not path.exists():
        pytest.skip("../shared/hard-inputs is not there")

    trip = round_trip(path, tmp_path, chunk_frames=60)

    times, pictures = _plain(path)
    assert (trip.source.video.width_px, trip.source.video.height_px) == FILMS[name]
    assert trip.unreadable == []
    assert len(trip.output_seconds) == len(pictures)
    assert _looks_like(trip, pictures, name)
    if len(times) == len(set(times)) and times == sorted(times):
        assert trip.output_seconds == [time - times[0] + trip.output_seconds[0] for time in times]


def _plain(path: Path) -> tuple[list[Fraction], list[np.ndarray]]:
    """(best-effort times, small grey pictures) of every frame, decoded one after the other."""
    times, pictures = [], []
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        for frame in container.decode(stream):
            times.append(frame.pts * stream.time_base)
            pictures.append(frame.reformat(width=64, height=36, format="gray").to_ndarray())
    return times, pictures


def _looks_like(trip: RoundTrip, pictures: list[np.ndarray], name: str) -> bool:
    """Whether every annotated frame is its source's, as far as a small grey picture tells."""
    turned = _TURNED.get(name, lambda p: p)
    with av.open(str(trip.output)) as container:
        for expected, frame in zip(pictures, container.decode(video=0), strict=True):
            wanted = turned(expected)
            found = frame.reformat(width=wanted.shape[1], height=wanted.shape[0], format="gray").to_ndarray()
            limit = 12 if name in _DEINTERLACED else 8
            if np.abs(found.astype(int) - wanted).mean() > limit:
                return False
    return True
