"""Which of a file's streams is the video."""

from dataclasses import dataclass
from pathlib import Path

from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from api_client.errors import MediaError

_NOT_FOR_ITSELF = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent
_STILL = Disposition.still_image


@dataclass(frozen=True, kw_only=True)
class Choice:
    """One of the video streams."""

    stream_index: int
    """Among all streams of the file, as FFmpeg counts them."""
    number: int
    """Among its video streams."""
    notes: tuple[str, ...]
    """About those not chosen."""


def chosen_video(
    container: InputContainer, path: Path, stream_index: int | None, *, hidden: frozenset[int] = frozenset()
) -> Choice:
    """The stream asked for; or the one a player would show, which is a cover only if nothing else is there.

    `hidden`: ids of tracks that only accompany another (a mask of its transparency, a depth map).
    """
    videos = list(container.streams.video)
    films = [video for video in videos if video.id not in hidden] or videos
    best = _asked_for(films, path, stream_index) if stream_index is not None else _best(container, films)
    if best is None:
        raise MediaError(f"{path} contains no video; give a file that does")
    # A picture beside a film in an AVIF file has its number: items and tracks are counted apart.
    others = [video for video in films if video.id != best.id and not video.disposition & _NOT_FOR_ITSELF]
    return Choice(
        stream_index=best.index,
        number=videos.index(best),
        notes=tuple(_note(video) for video in others if video.codec_context is not None),
    )


def _asked_for(films: list[VideoStream], path: Path, stream_index: int) -> VideoStream:
    for video in films:
        if video.index == stream_index:
            return video
    there = ", ".join(str(video.index) for video in films) or "none"
    raise MediaError(f"{path} has no video stream {stream_index}; its video streams are: {there}")


def _best(container: InputContainer, films: list[VideoStream]) -> VideoStream | None:
    best = container.streams.best("video")
    if isinstance(best, VideoStream) and best in films:
        return best
    return max(films, key=lambda video: (video.frames, video.width * video.height), default=None)


def _note(video: VideoStream) -> str:
    context = video.codec_context
    return (
        f"video stream {video.index} ({video.codec.canonical_name}, {context.width}x{context.height}) "
        f"is left out: `--stream {video.index}` looks at that one"
    )
