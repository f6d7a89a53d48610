"""Packets of VP8 and VP9 that hold a frame for reference only."""

from api_client.media.opening import AnyPacket


def shows_a_frame(codec: str, packet: AnyPacket) -> bool:
    """Whether the packet's frame is displayed, as far as its first bytes tell."""
    if codec == "vp8":
        return bool(memoryview(packet)[0] & 0x10)  # RFC 6386, 9.1: show_frame
    if codec == "vp9":
        return _vp9_shows_a_frame(memoryview(packet))
    return True


def _vp9_shows_a_frame(data: memoryview) -> bool:
    """VP9 bitstream specification, 6.1 and annex B. A superframe always ends in a frame that is shown."""
    is_superframe = data[-1] & 0xE0 == 0xC0
    if is_superframe:
        return True
    header = data[0]
    profile = (header >> 5 & 1) | (header >> 4 & 1) << 1
    shift = 1 if profile == 3 else 0  # a reserved bit
    show_existing_frame = header >> (3 - shift) & 1
    show_frame = header >> (1 - shift) & 1
    return bool(show_existing_frame or show_frame)
