"""Splitting: each chunk's packets are copied into a file of its own."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from av.video.stream import VideoStream

from api_client.contract.digest import file_sha256
from api_client.contract.source import ChunkSpec
from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.frames.decode import chunk_pictures
from api_client.media.opening import open_video, packets_of
from api_client.media.parts.chunk_file import ChunkWriter
from api_client.media.parts.chunk_format import picture_hash
from api_client.media.parts.plan import ChunkPlan
from api_client.media.parts.reencode import ShownFrame, encoded_again, reencoded_chunks, shown_frames
from api_client.media.source.source_video import SourceVideo


def split(
    source: SourceVideo, plans: Sequence[ChunkPlan], directory: Path
) -> Iterator[tuple[ChunkSpec, Path]]:
    """Write the chunks into `directory`, in order; each is yielded as soon as it is complete.

    The caller removes a chunk's file when done with it.
    Raises `MediaError` where the source cannot be read (any more).
    """
    with av_errors_of(source.path):
        if source.chunk_format is None:
            for chunk, path in reencoded_chunks(source, plans, directory):
                yield _spec(chunk, path, is_encoded_again=True), path
        elif source.is_suspicious:
            frames = shown_frames(source)
            for chunk, path in _copied_chunks(source, plans, directory):
                yield _proven(source, chunk, path, frames)
        else:
            for chunk, path in _copied_chunks(source, plans, directory):
                yield _spec(chunk, path), path


def notes_on_chunks(source: SourceVideo, chunks: Sequence[ChunkSpec]) -> tuple[str, ...]:
    """What the splitter had to do differently, for people."""
    again = sum(chunk.is_encoded_again for chunk in chunks)
    if not again or source.chunk_format is None:
        return ()  # the latter is told by `probe`
    return (
        f"{again} of {len(chunks)} chunk(s) do not decode by themselves to what the whole stream does: "
        "encoded again, without loss",
    )


def _proven(
    source: SourceVideo, chunk: ChunkPlan, path: Path, frames: Iterator[ShownFrame]
) -> tuple[ChunkSpec, Path]:
    """The chunk as it was copied, if it decodes to what the source does; else its frames encoded again."""
    copy = path.rename(path.with_name(f"copied-{path.name}"))
    again = path.with_suffix(".mp4")
    expected = encoded_again(source, chunk, again, frames)
    as_decoded = source.video.model_copy(update={"is_deinterlaced": False})
    copied = _spec(chunk, copy)
    found = chunk_pictures(copy, as_decoded, copied)
    if [picture and picture_hash(picture) for picture in found] == expected:
        again.unlink()
        return copied, copy
    copy.unlink()
    return _spec(chunk, again, is_encoded_again=True), again


@dataclass(frozen=True, kw_only=True)
class _OpenChunk:
    plan: ChunkPlan
    path: Path
    writer: ChunkWriter


def _copied_chunks(
    source: SourceVideo, plans: Sequence[ChunkPlan], directory: Path
) -> Iterator[tuple[ChunkPlan, Path]]:
    with open_video(source.path, source.stream_index) as (container, stream):
        waiting = deque(plans)
        writing: deque[_OpenChunk] = deque()
        try:
            for number, packet in enumerate(packets_of(container, stream)):
                while waiting and waiting[0].packets.start <= number:
                    writing.append(_begun(source, stream, waiting.popleft(), directory))
                for chunk in writing:  # chunks overlap: a packet may go into several
                    if number < chunk.plan.packets.stop:
                        chunk.writer.write(packet)
                while writing and writing[0].plan.packets.stop <= number + 1:
                    writing[0].writer.close()
                    done = writing.popleft()
                    yield done.plan, done.path
                if not waiting and not writing:  # the rest is not taken
                    return
        finally:
            for unfinished in writing:
                _abandon(unfinished)


def _begun(source: SourceVideo, template: VideoStream, plan: ChunkPlan, directory: Path) -> _OpenChunk:
    assert source.chunk_format is not None
    path = directory / f"{plan.index:06d}.{source.chunk_format}"
    writer = ChunkWriter(
        path,
        template,
        format_name=source.chunk_format,
        pts=source.table.pts[plan.packets.start : plan.packets.stop],
        is_key=source.table.is_key[plan.packets.start : plan.packets.stop],
        offset_pts=plan.offset_pts,
        time_base=source.table.time_base,
        extradata=source.extradata_at(plan.packets.start),
    )
    return _OpenChunk(plan=plan, path=path, writer=writer)


def _abandon(chunk: _OpenChunk) -> None:
    with suppress(MediaError):  # what made us stop, a full disk perhaps, is already on its way up
        chunk.writer.close()
    chunk.path.unlink(missing_ok=True)


def _spec(chunk: ChunkPlan, path: Path, *, is_encoded_again: bool = False) -> ChunkSpec:
    return ChunkSpec(
        index=chunk.index,
        first_frame=chunk.first_frame,
        pts=chunk.pts,
        offset_pts=chunk.offset_pts,
        size_bytes=path.stat().st_size,
        sha256=file_sha256(path),
        is_encoded_again=is_encoded_again,
    )
