import pytest
from av.packet import Packet

from api_client.media.source.presentation import shows_a_frame

_SUPERFRAME_END = b"\xc0"


@pytest.mark.parametrize(
    ("codec", "data", "is_shown"),
    [
        ("vp8", b"\x10\x00\x00", True),
        ("vp8", b"\x00\x00\x00", False),
        ("vp9", b"\x82\x49\x00", True),  # show_frame
        ("vp9", b"\x80\x49\x00", False),
        ("vp9", b"\x88\x00", True),  # show_existing_frame
        ("vp9", b"\xb1\x49\x00", True),  # profile 3 has one more bit before them
        ("vp9", b"\xb0\x49\x00", False),
        ("vp9", b"\x80\x49" + _SUPERFRAME_END, True),
        ("h264", b"\x00\x00", True),
    ],
)
def test_the_first_bytes_tell_whether_a_frame_is_shown(codec, data, is_shown):
    assert shows_a_frame(codec, Packet(data)) is is_shown
