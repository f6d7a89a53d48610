"""Splitting: each chunk's packets are copied into a file of its own."""

from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from av.video.stream import VideoStream

from api_client.contract.digest import file_sha256
from api_client.contract.manifest import ChunkSpec
from api_client.errors import MediaError
from api_client.media.av_errors import av_errors_of
from api_client.media.chunk_file import ChunkWriter
from api_client.media.opened import opened_video, packets_of
from api_client.media.plan import ChunkPlan
from api_client.media.reencode import reencoded_chunks
from api_client.media.source_video import SourceVideo


def split(
    source: SourceVideo, plans: Sequence[ChunkPlan], directory: Path
) -> Iterator[tuple[ChunkSpec, Path]]:
    """Write the chunks into `directory`, in order; each is yielded as soon as it is complete.

    The caller removes a chunk's file when done with it.
    Raises `MediaError` where the source cannot be read (any more).
    """
    with av_errors_of(source.path):
        if source.chunk_format is None:
            finished = reencoded_chunks(source, plans, directory)
        else:
            finished = _copied_chunks(source, plans, directory)
        for chunk, path in finished:
            yield _spec(chunk, path), path


@dataclass(frozen=True, kw_only=True)
class _OpenChunk:
    plan: ChunkPlan
    path: Path
    writer: ChunkWriter


def _copied_chunks(
    source: SourceVideo, plans: Sequence[ChunkPlan], directory: Path
) -> Iterator[tuple[ChunkPlan, Path]]:
    with opened_video(source.path, source.stream_index) as (container, stream):
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
        offset_pts=plan.offset_pts,
        time_base=source.table.time_base,
    )
    return _OpenChunk(plan=plan, path=path, writer=writer)


def _abandon(chunk: _OpenChunk) -> None:
    with suppress(MediaError):  # what made us stop, a full disk perhaps, is already on its way up
        chunk.writer.close()
    chunk.path.unlink(missing_ok=True)


def _spec(chunk: ChunkPlan, path: Path) -> ChunkSpec:
    return ChunkSpec(
        index=chunk.index,
        first_frame=chunk.first_frame,
        pts=chunk.pts,
        offset_pts=chunk.offset_pts,
        size_bytes=path.stat().st_size,
        sha256=file_sha256(path),
    )
