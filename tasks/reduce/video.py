"""The annotated video: the workers' segments, one after the other, and the original sound."""

from collections.abc import Iterator
from pathlib import Path

from api_client.contract import Manifest, keys
from api_client.contract.digest import file_sha256
from api_client.errors import IntegrityError
from api_client.job_files import JobFiles
from api_client.media.assemble import assemble
from api_client.media.decode import decode_chunk
from api_client.media.encode import SegmentWriter
from api_client.media.others import output_suffix
from tasks.reduce.chunk_outputs import FinishedChunk, fetched_one_by_one


def assemble_video(
    files: JobFiles, manifest: Manifest, chunks: list[FinishedChunk], directory: Path
) -> tuple[Path, list[str]]:
    """Write `annotated.mp4` (or another suffix, where the sound needs it); return its path and notes."""
    output = directory / f"annotated{output_suffix(manifest.others)}"
    others = _fetch_others(files, manifest, directory)
    notes = assemble(_segments(files, manifest, chunks, directory), manifest.video, others, output)
    return output, notes


def _segments(
    files: JobFiles, manifest: Manifest, chunks: list[FinishedChunk], directory: Path
) -> Iterator[Path]:
    """Yield each segment; it is deleted when the next is asked for."""
    for finished, path in fetched_one_by_one(files, chunks, "segment.mp4", directory):
        if path is not None:
            yield path
        else:
            plain = _pass_through(files, manifest, finished, directory)
            yield plain
            plain.unlink(missing_ok=True)


def _pass_through(files: JobFiles, manifest: Manifest, finished: FinishedChunk, directory: Path) -> Path:
    """Encode the original frames of a chunk nobody could annotate."""
    source, output = directory / "gap-input.mp4", directory / "gap-segment.mp4"
    files.store.get_file(keys.chunk_input(files.job_id, finished.chunk.index), source)
    with SegmentWriter(output, manifest.video) as writer:
        for frame in decode_chunk(source, manifest.video, finished.chunk):
            writer.write(frame.rgb, frame.pts)
    source.unlink()
    return output


def _fetch_others(files: JobFiles, manifest: Manifest, directory: Path) -> Path | None:
    if manifest.others is None:
        return None
    path = directory / f"others{manifest.others.file_suffix}"
    files.store.get_file(keys.others(files.job_id, manifest.others.file_suffix), path)
    if file_sha256(path) != manifest.others.sha256:
        raise IntegrityError(f"the sound of job {files.job_id} is not what was uploaded: submit it again")
    return path
