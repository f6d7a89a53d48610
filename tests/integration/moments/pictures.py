"""What a clip shows and sounds like."""

from pathlib import Path

import av
import numpy as np


def decoded(path: Path) -> list[tuple[float, np.ndarray]]:
    """Seconds and grey picture of every frame, as a player shows them."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        return [
            (float(frame.pts * stream.time_base), frame.to_ndarray(format="gray"))
            for frame in container.decode(stream)
        ]


def sound_packets(path: Path) -> list[tuple[float, bytes]]:
    """Seconds and bytes of every packet of sound."""
    with av.open(str(path)) as container:
        packets = [packet for packet in container.demux(audio=0) if packet.size]
        return [(float(packet.pts * packet.time_base), bytes(packet)) for packet in packets]


def frame_numbers(pictures: list[np.ndarray], source: list[np.ndarray]) -> list[int]:
    """Which frame of the source each picture is most like."""
    everything = np.stack(source).astype(np.int16)
    return [int(np.abs(everything - picture).mean(axis=(1, 2)).argmin()) for picture in pictures]
