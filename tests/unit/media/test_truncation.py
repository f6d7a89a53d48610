import io

import pytest

from api_client.media.source.truncation import missing_bytes


def _mp4(*sizes):
    names = [b"ftyp", b"moov", b"mdat"]
    boxes = zip(sizes, names, strict=False)
    return b"".join(size.to_bytes(4, "big") + name + bytes(size - 8) for size, name in boxes)


def _mkv(payload, declared):
    header = b"\x1a\x45\xdf\xa3\x84" + bytes(4)
    return header + b"\x18\x53\x80\x67" + declared + bytes(payload)


@pytest.mark.parametrize(
    ("data", "missing"),
    [
        (_mp4(16, 40, 900), 0),
        (_mp4(16, 40, 900)[:-70], 70),
        (_mp4(16, 40, 900) + b"trailing rubbish", 0),
        (_mp4(16, 40)[:-1], 1),
        (_mkv(300, b"\x41\x2c"), 0),
        (_mkv(290, b"\x41\x2c"), 10),
        (_mkv(290, b"\xff"), 0),
        (b"RIFF\x64\x00\x00\x00AVI " + bytes(96), 0),
        (b"RIFF\x64\x00\x00\x00AVI " + bytes(90), 6),
        (b"\x47" + bytes(187), 0),
        (b"", 0),
    ],
)
def test_files_know_how_long_they_should_be(data, missing):
    assert missing_bytes(io.BytesIO(data), len(data)) == missing


def test_a_box_with_a_size_of_64_bits():
    data = b"\0\0\0\1mdat" + (120).to_bytes(8, "big") + bytes(90)

    assert missing_bytes(io.BytesIO(data), len(data)) == 14


def test_a_box_up_to_the_end_of_the_file():
    data = b"\0\0\0\0mdat" + bytes(90)

    assert missing_bytes(io.BytesIO(data), len(data)) == 0
