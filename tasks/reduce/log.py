"""From the chunks' logs to the job's: gathered, followed, and written in every format asked for."""

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from api_client.contract import Manifest
from api_client.contract.export_names import ALWAYS
from api_client.contract.marker import Gap
from api_client.job_files import JobFiles
from api_client.log.exports import ExportedJob, write_exports
from api_client.log.frames import FrameRecord, frames_of
from api_client.log.gathered import GatheredLog
from api_client.log.summary import Summary
from api_client.log.tracks import Links, TrackerParameters, filled, link_log, no_links, write_tracks
from tasks.reduce.chunk_outputs import FinishedChunk, fetched_one_by_one, used_threshold


@dataclass(frozen=True, kw_only=True)
class MergedLog:
    """What was written."""

    frames: int
    detections: int
    names: tuple[str, ...]
    """Files in the directory."""


def merge_logs(
    files: JobFiles, manifest: Manifest, chunks: list[FinishedChunk], gaps: tuple[Gap, ...], directory: Path
) -> MergedLog:
    """Write the log in its formats, `tracks.parquet` and `summary.json` into the directory."""
    gathered = _gathered(files, chunks, directory)
    parameters = TrackerParameters.of(manifest, lowest_confidence=_lowest(manifest, chunks, gathered))
    links = link_log(gathered.path, parameters, directory / "numbers") if manifest.job.tracks else no_links()
    job = ExportedJob(
        manifest=manifest,
        description=_description(manifest, chunks, gathered),
        last_frames={track.tracker_id: track.last_frame for track in links.tracks},
    )
    boxes = links.boxes(gathered.path, manifest.job.vocabulary.labels)
    frames = frames_of(manifest, gaps, boxes)
    if manifest.job.tracks:
        frames = filled(frames, parameters)
    summary = Summary()
    written = write_exports(_counted(frames, summary), (*ALWAYS, *manifest.job.exports), directory, job)
    names = [path.name for path in written]
    if manifest.job.tracks:
        write_tracks(directory / "tracks.parquet", links.tracks, manifest)
        names.append("tracks.parquet")
    document = _summary_bytes(summary, manifest, chunks, gaps, links)
    (directory / "summary.json").write_bytes(document)
    return MergedLog(frames=summary.frames, detections=summary.detections, names=(*names, "summary.json"))


def _gathered(files: JobFiles, chunks: list[FinishedChunk], directory: Path) -> GatheredLog:
    with GatheredLog(directory / "gathered.parquet") as gathered:
        for _, path in fetched_one_by_one(files, chunks, "detections.parquet", directory):
            if path is not None:
                gathered.append(path)
    return gathered


def _lowest(manifest: Manifest, chunks: list[FinishedChunk], gathered: GatheredLog) -> float:
    """The threshold the job was looked at with, or what comes nearest where no marker says."""
    threshold = used_threshold(manifest, chunks)
    return gathered.lowest_confidence if threshold is None else threshold


def _counted(frames: Iterable[FrameRecord], summary: Summary) -> Iterator[FrameRecord]:
    for frame in frames:
        summary.add(frame)
        yield frame


def _summary_bytes(
    summary: Summary,
    manifest: Manifest,
    chunks: list[FinishedChunk],
    gaps: tuple[Gap, ...],
    links: Links,
) -> bytes:
    labels = manifest.job.vocabulary.labels
    near_misses: dict[str, float] = {}
    for finished in chunks:
        for label, score in finished.marker.near_misses.items():
            near_misses[label] = max(score, near_misses.get(label, 0.0))
    objects = Counter(labels[track.class_id] for track in links.tracks) if manifest.job.tracks else None
    return summary.to_bytes(labels=labels, gaps=gaps, objects=objects, near_misses=near_misses)


def _description(manifest: Manifest, chunks: list[FinishedChunk], gathered: GatheredLog) -> dict[str, Any]:
    """What produced the log: kept in the Parquet file, and nothing that differs from run to run."""
    job, video = manifest.job, manifest.video
    digests = {finished.marker.detector_weights_digest for finished in chunks} - {None}
    return {
        "source": manifest.source.model_dump(mode="json"),
        "video": video.model_dump(mode="json"),
        "vocabulary": {
            "name": job.vocabulary.name,
            "labels": list(job.vocabulary.labels),
            "prompts": list(job.vocabulary.prompts),
            "digest": job.vocabulary.digest,
        },
        "detector": {"name": job.detector.name, "weights_sha256": sorted(map(str, digests))},
        "threshold": used_threshold(manifest, chunks),
        "lowest_confidence": round(gathered.lowest_confidence, 6),
        "rows_left_out": gathered.rows_left_out,
        "every": job.every,
        "tracks": job.tracks,
    }
