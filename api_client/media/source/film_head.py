"""What a file's first bytes say."""

HEAD_BYTES = 24
_MATROSKA = b"\x1a\x45\xdf\xa3"


def begins_as_film(head: bytes) -> bool:
    """Whether it may be an mp4 or Matroska, as most videos are; HEIC and AVIF pictures begin so too."""
    return head[4:8] == b"ftyp" or head.startswith(_MATROSKA)
