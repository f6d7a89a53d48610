"""Every frame of every kind of video, once, with its pts and its pixels: a table of what inputs look like."""

from dataclasses import replace
from fractions import Fraction

import pytest

from api_client.media.source.probe import probe
from tests.integration.media.films import FRAMES, Film, x264, x265
from tests.integration.media.round_trip import plain_decode, round_trip, round_trip_of, since_first

_UNEVEN = [3 * i + i * i // 7 for i in range(FRAMES)]
"""Variable frame rate: no two steps alike for long."""
_OPEN = x264(open_gop=1, bframes=3, b_pyramid="normal")
_AV1 = {"preset": "12", "svtav1-params": "keyint=10:lp=1"}
_VP9 = {"deadline": "realtime", "cpu-used": "8"}

FILMS = {
    # containers
    "h264 mp4": Film(codec="libx264", suffix=".mp4", options=_OPEN),
    "h264 mov": Film(codec="libx264", suffix=".mov", options=_OPEN),
    "h264 mkv": Film(codec="libx264", suffix=".mkv", options=_OPEN),
    "h264 ts": Film(codec="libx264", suffix=".ts", options=_OPEN),
    "h264 flv": Film(codec="libx264", suffix=".flv", options=_OPEN),
    "h264 fragmented mp4": Film(
        codec="libx264", suffix=".mp4", options=_OPEN, muxer={"movflags": "frag_keyframe+empty_moov"}
    ),
    "hevc mp4": Film(codec="libx265", suffix=".mp4", options=x265(open_gop=1)),
    "hevc mkv": Film(codec="libx265", suffix=".mkv", options=x265(open_gop=1)),
    "hevc ts": Film(codec="libx265", suffix=".ts", options=x265(open_gop=1)),
    "vp9 webm": Film(codec="libvpx-vp9", suffix=".webm", options=_VP9),
    "vp9 with hidden frames": Film(
        codec="libvpx-vp9",
        suffix=".webm",
        options={"deadline": "good", "cpu-used": "5", "lag-in-frames": "16", "auto-alt-ref": "1"},
        group=24,
    ),
    "vp9 mp4": Film(codec="libvpx-vp9", suffix=".mp4", options=_VP9),
    "vp8 webm": Film(codec="libvpx", suffix=".webm", options=_VP9),
    "av1 mp4": Film(codec="libsvtav1", suffix=".mp4", options=_AV1),
    "av1 webm": Film(codec="libsvtav1", suffix=".webm", options=_AV1),
    "mpeg4 avi": Film(codec="mpeg4", suffix=".avi"),
    "mpeg4 avi, B-frames": Film(codec="mpeg4", suffix=".avi", b_frames=2),
    "mpeg4 mp4, B-frames": Film(codec="mpeg4", suffix=".mp4", b_frames=2),
    "mpeg4 mkv": Film(codec="mpeg4", suffix=".mkv"),
    "mjpeg avi": Film(codec="mjpeg", suffix=".avi", pix_fmt="yuvj420p"),
    "mjpeg mov": Film(codec="mjpeg", suffix=".mov", pix_fmt="yuvj422p"),
    "mpeg2 ts, B-frames": Film(codec="mpeg2video", suffix=".ts", b_frames=2),
    "mpeg1 mpg, B-frames": Film(codec="mpeg1video", suffix=".mpg", b_frames=2),
    "ffv1 mkv": Film(codec="ffv1", suffix=".mkv"),
    "prores mov": Film(codec="prores_ks", suffix=".mov", pix_fmt="yuv422p10le"),
    "wmv2 asf": Film(codec="wmv2", suffix=".asf"),
    "flv1 flv": Film(codec="flv", suffix=".flv"),
    "png mov": Film(codec="png", suffix=".mov", pix_fmt="rgb24"),
    "raw avi": Film(codec="rawvideo", suffix=".avi"),
    "raw 4:2:2 avi": Film(codec="rawvideo", suffix=".avi", pix_fmt="yuyv422"),
    "raw rgb mov": Film(codec="rawvideo", suffix=".mov", pix_fmt="rgb24"),
    "gif": Film(codec="gif", suffix=".gif", pix_fmt="rgb8"),
    # groups of pictures
    "h264 closed, no B-frames": Film(codec="libx264", suffix=".mp4", options=x264()),
    "h264 closed, B-frames": Film(codec="libx264", suffix=".mp4", options=x264(bframes=3)),
    "h264 open, one B-frame": Film(codec="libx264", suffix=".mp4", options=x264(open_gop=1, bframes=1)),
    "h264 gradual refresh": Film(codec="libx264", suffix=".ts", options=x264(intra_refresh=1)),
    "h264 one keyframe": Film(codec="libx264", suffix=".mp4", options=x264(group=999, bframes=2)),
    "hevc closed": Film(codec="libx265", suffix=".mp4", options=x265(open_gop=0)),
    "hevc one keyframe": Film(codec="libx265", suffix=".mkv", options=x265(group=999)),
    "vp9 one keyframe": Film(codec="libvpx-vp9", suffix=".webm", options=_VP9, group=999),
    # timing
    "h264 mp4, variable rate": Film(codec="libx264", suffix=".mp4", options=_OPEN, pts=_UNEVEN),
    "h264 mkv, variable rate": Film(codec="libx264", suffix=".mkv", options=_OPEN, pts=_UNEVEN),
    "hevc mp4, variable rate": Film(codec="libx265", suffix=".mp4", options=x265(open_gop=1), pts=_UNEVEN),
    "vp9 webm, variable rate": Film(codec="libvpx-vp9", suffix=".webm", options=_VP9, pts=_UNEVEN),
    "h264 mp4, starts late": Film(codec="libx264", suffix=".mp4", options=_OPEN, pts=range(77, 77 + FRAMES)),
    "h264 mp4, NTSC": Film(codec="libx264", suffix=".mp4", options=_OPEN, rate=Fraction(30000, 1001)),
    "mpeg4 avi, NTSC": Film(codec="mpeg4", suffix=".avi", rate=Fraction(30000, 1001)),
    "h264 mp4, 7 units a second": Film(
        codec="libx264", suffix=".mp4", options=_OPEN, rate=Fraction(7), muxer={"video_track_timescale": "7"}
    ),
    "h264 mp4, 11456 units a second": Film(
        codec="libx264",
        suffix=".mp4",
        options=_OPEN,
        time_base=Fraction(1, 11456),
        pts=[384 * i + i % 3 for i in range(FRAMES)],
        muxer={"video_track_timescale": "11456"},
    ),
    "h264 mp4, 10 million units a second": Film(
        codec="libx264",
        suffix=".mp4",
        options=_OPEN,
        time_base=Fraction(1, 10_000_000),
        pts=[333_667 * i for i in range(FRAMES)],
        muxer={"video_track_timescale": "10000000"},
    ),
    # pictures
    "h264 turned by 90": Film(codec="libx264", suffix=".mp4", options=_OPEN, rotation=90),
    "h264 turned by 180": Film(codec="libx264", suffix=".mp4", options=_OPEN, rotation=180),
    "hevc turned by 270": Film(codec="libx265", suffix=".mov", options=x265(), rotation=270),
    "vp9 odd size": Film(codec="libvpx-vp9", suffix=".webm", options=_VP9, width=97, height=65),
    "h264 4:4:4 odd size": Film(
        codec="libx264", suffix=".mp4", options=_OPEN, width=97, height=65, pix_fmt="yuv444p"
    ),
    "hevc 10 bits": Film(codec="libx265", suffix=".mp4", options=x265(), pix_fmt="yuv420p10le"),
    "ffv1 grey": Film(codec="ffv1", suffix=".mkv", pix_fmt="gray"),
    "h264 full range": Film(codec="libx264", suffix=".mp4", options=_OPEN, pix_fmt="yuvj420p"),
    "ffv1 with alpha": Film(codec="ffv1", suffix=".mkv", pix_fmt="yuva420p"),
}

_KEYFRAMES_FAR_APART = {
    "gif",
    "h264 gradual refresh",
    "h264 one keyframe",
    "hevc one keyframe",
    "vp9 one keyframe",
    "vp9 with hidden frames",
}


@pytest.mark.parametrize("name", FILMS)
def test_chunks_decode_to_the_frames_of_a_plain_decode(name, tmp_path):
    film = FILMS[name]
    path = film.write(tmp_path)

    trip = round_trip(path, tmp_path)

    assert len(trip.chunks) >= 3
    assert bool(trip.plan_notes) == (name in _KEYFRAMES_FAR_APART)
    assert trip.unreadable == []
    assert len({digest for _, digest in trip.frames}) == film.frames, "the test's own frames must differ"
    assert trip.frames == plain_decode(path, trip.source)
    pts_seconds = [pts * trip.source.table.time_base for pts, _ in trip.frames]
    assert since_first(trip.output_seconds) == since_first(pts_seconds)


@pytest.mark.parametrize(
    "name",
    [
        "h264 mp4",
        "h264 full range",
        "mjpeg avi",
        "ffv1 with alpha",
        "h264 turned by 90",
        "vp9 odd size",
        "gif",
    ],
)
def test_encoding_again_where_no_container_fits_loses_nothing(name, tmp_path):
    path = FILMS[name].write(tmp_path)
    source = replace(probe(path), chunk_format=None)

    trip = round_trip_of(source, tmp_path)

    assert trip.unreadable == []
    assert trip.frames == plain_decode(path, source)
