"""Which video stream of a file is its picture, and which others it has."""

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from api_client.errors import MediaError

_NOT_THE_PICTURE = (
    Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.still_image | Disposition.dependent
)


def picture_stream(container: InputContainer, wanted_index: int | None) -> VideoStream:
    """The stream that was asked for; else the one marked as default, a film rather than a still.

    An alpha or depth map (grey beside a stream in colour) is never the picture of its own accord.
    """
    videos = [stream for stream in container.streams.video if stream.codec_context is not None]
    for stream in videos:
        if stream.index == wanted_index:
            return stream
    if not videos:
        raise MediaError(f"{container.name!r} contains no video")
    return min(videos, key=lambda stream: _rank(stream, videos))


def other_pictures(container: InputContainer, chosen: VideoStream) -> list[VideoStream]:
    """Further films in the file that a person might have meant."""
    others = [stream for stream in container.streams.video if stream.index != chosen.index]
    return [
        stream
        for stream in others
        if stream.codec_context is not None
        and not stream.disposition & _NOT_THE_PICTURE
        and not _is_a_map(stream, [chosen])
        and stream.frames != 1
    ]


def _rank(stream: VideoStream, videos: list[VideoStream]) -> tuple[object, ...]:
    return (
        bool(stream.disposition & _NOT_THE_PICTURE),
        _is_a_map(stream, videos),
        stream.frames == 1,
        not stream.disposition & Disposition.default,
        stream.index,
    )


def _is_a_map(stream: VideoStream, videos: list[VideoStream]) -> bool:
    return _is_grey(stream) and any(not _is_grey(other) for other in videos)


def _is_grey(stream: VideoStream) -> bool:
    return (stream.codec_context.pix_fmt or "").startswith("gray")
