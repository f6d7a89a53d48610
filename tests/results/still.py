"""Writing photographs with the orientation a camera states."""

import struct
from pathlib import Path

import av
import numpy as np


def write_jpeg(path: Path, picture: np.ndarray, *, orientation: int, order: str = ">") -> Path:
    """A JPEG whose EXIF data has one tag; `order` is its byte order."""
    with av.open(str(path), "w", format="image2", options={"update": "1"}) as file:
        stream = file.add_stream("mjpeg", rate=25)
        stream.height, stream.width = picture.shape[:2]
        stream.pix_fmt = "yuvj420p"
        frame = av.VideoFrame.from_ndarray(np.ascontiguousarray(picture), format="rgb24")
        file.mux(stream.encode(frame))
        file.mux(stream.encode(None))
    data = path.read_bytes()
    body = b"Exif\0\0" + exif(orientation, order)
    path.write_bytes(data[:2] + b"\xff\xe1" + struct.pack(">H", len(body) + 2) + body + data[2:])
    return path


def exif(orientation: int, order: str = ">") -> bytes:
    """TIFF structure with the orientation tag alone."""
    mark = b"MM" if order == ">" else b"II"
    entry = struct.pack(f"{order}HHIHH", 274, 3, 1, orientation, 0)
    return mark + struct.pack(f"{order}HIH", 42, 8, 1) + entry + struct.pack(f"{order}I", 0)
