"""What is seen of each job: its own rendering, or the footage where it has none."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from api_client.contract.source import VideoSpec
from api_client.finished_job import FinishedJob
from api_client.media.av_errors import av_errors_of_our_own
from api_client.media.frames.colour import ColourConverter, Rgb, shown_colours
from api_client.media.frames.decode import decode_chunk
from api_client.media.frames.encode import encoded_size_px
from api_client.media.opening import open_media
from api_client.moments.stored_footage import StoredFootage

_DECODER_THREADS = 2


def panel_video(video: VideoSpec) -> VideoSpec:
    """The video as it is rendered: upright, of even size, in the colours that are shown."""
    width_px, height_px = encoded_size_px(video)
    size = {"width_px": width_px, "height_px": height_px, "orientation": 1}
    return shown_colours(video).model_copy(update=size)


def panels(job: FinishedJob, footage: StoredFootage) -> Iterator[Rgb]:
    """Yield every frame of a job's rendering, (H, W, 3) in the size of `panel_video`, in order."""
    path = job.video()
    yield from _plain(footage, job.manifest.video) if path is None else _rendered(path, job.manifest.video)


def _rendered(path: Path, video: VideoSpec) -> Iterator[Rgb]:
    convert = ColourConverter(panel_video(video))
    with av_errors_of_our_own(path), open_media(path) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        for frame in container.decode(stream):
            yield convert.rgb(frame)


def _plain(footage: StoredFootage, video: VideoSpec) -> Iterator[Rgb]:
    width_px, height_px = encoded_size_px(video)
    for chunk in footage.source.chunks:
        for frame in decode_chunk(footage.path(chunk), video, chunk, threads=_DECODER_THREADS):
            height, width = frame.rgb.shape[:2]
            padding = ((0, height_px - height), (0, width_px - width), (0, 0))
            yield np.pad(frame.rgb, padding, mode="edge")
