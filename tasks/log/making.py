"""From the parts' logs to the job's: gathered, followed, and written in every format asked for."""

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

from api_client.contract import ChunkMarker, Gap, Manifest, Stage, TrackMarker, keys
from api_client.contract.export_names import ALWAYS
from api_client.contract.marker import StoredFile
from api_client.contract.thresholds import Thresholds
from api_client.log.exports import ExportedJob, write_exports
from api_client.log.frames import FrameRecord, frames_of
from api_client.log.gathered import GatheredLog
from api_client.log.part_rows import PartRows
from api_client.log.summary import Summary
from api_client.log.tracks import Links, TrackerParameters, filled, link_log, no_links, write_tracks
from api_client.queue.items import Item
from tasks.damage import fetch_output, part_marker
from tasks.job import Job
from tasks.log.gaps import gaps_of
from tasks.log.provenance import provenance, weights_digests

_LOG = "detections.parquet"


def make_log(
    job: Job, markers: list[ChunkMarker], directory: Path, heartbeat: Callable[[], None]
) -> TrackMarker:
    """Write the log in its formats, `tracks.parquet`, `summary.json`, and the rows of each part; store all.

    markers: how looking at each part ended. Doing it twice stores the same bytes.
    Raises `DamagedOutputError` where a part has to be looked at again.
    """
    making = LogMaking(job, markers, directory)
    names = making.write(heartbeat)
    heartbeat()
    return TrackMarker(
        files=tuple(_stored(job, [(keys.result(job.job_id, name), directory / name) for name in names])),
        rows=tuple(_stored(job, making.rows)),
        detection_count=making.summary.detections,
        gaps=making.gaps,
        notes=tuple(dict.fromkeys(note for marker in markers for note in marker.notes)),
        provenance=provenance(job.manifest, markers, threshold=making.thresholds.default),
    )


def detect_markers(job: Job) -> list[ChunkMarker]:
    """How looking at each part ended. Raises `DamagedOutputError` where one does not say."""
    files = job.connections.files(job.manifest.detect_job_id)
    stage = _finding(job)
    return [part_marker(files, Item(stage=stage, index=chunk.index)) for chunk in job.manifest.chunks]


def _finding(job: Job) -> Stage:
    """Where the detections lie that this log tells: of a detector, or of what was asked of its regions."""
    return job.connections.manifest(job.manifest.detect_job_id).finding


def _stored(job: Job, objects: list[tuple[str, Path]]) -> Iterator[StoredFile]:
    """Store files, some at a time; yield what each is, in order."""
    store = job.connections.retrying_store
    with ThreadPoolExecutor(job.connections.settings.upload_threads, thread_name_prefix="put") as pool:
        for (_, path), _done in zip(
            objects, pool.map(lambda pair: store.put_file(*pair), objects), strict=True
        ):
            yield StoredFile.of(path)


class LogMaking:
    """The making of one log."""

    def __init__(self, job: Job, markers: list[ChunkMarker], directory: Path) -> None:
        self._job = job
        self._manifest = job.manifest
        self._markers = markers
        self._directory = directory
        self._rows_directory = directory / "rows"
        self._rows_directory.mkdir(exist_ok=True)
        self.gaps: tuple[Gap, ...] = gaps_of(
            self._manifest.footage, zip(self._manifest.chunks, markers, strict=True)
        )
        self.thresholds = thresholds_of(self._manifest, markers)
        self.summary = Summary()
        self._frames_seen: Counter[int] = Counter()

    @property
    def rows(self) -> list[tuple[str, Path]]:
        """(key, file) of what is to be drawn in each part."""
        return [
            (keys.part_rows(self._job.job_id, int(path.stem)), path)
            for path in sorted(self._rows_directory.iterdir())
        ]

    def write(self, heartbeat: Callable[[], None]) -> list[str]:
        """Write everything; return the names of a person's files."""
        gathered = self._gathered(heartbeat)
        parameters = TrackerParameters.of(self._manifest, lowest_confidence=self.thresholds.default)
        follows = self._manifest.job.tracks
        links = link_log(gathered.path, parameters, self._directory / "numbers") if follows else no_links()
        frames = self._frames(gathered, links, parameters, heartbeat)
        described = ExportedJob(
            manifest=self._manifest,
            description=self._description(gathered),
            last_frames={track.tracker_id: track.last_frame for track in links.tracks},
        )
        formats = (*ALWAYS, *self._manifest.job.exports)
        names = [path.name for path in write_exports(frames, formats, self._directory, described)]
        if follows:
            write_tracks(self._directory / "tracks.parquet", links.tracks, self._frames_seen, self._manifest)
            names.append("tracks.parquet")
        (self._directory / "summary.json").write_bytes(self._summary_bytes(links))
        return [*names, "summary.json"]

    def _frames(
        self,
        gathered: GatheredLog,
        links: Links,
        parameters: TrackerParameters,
        heartbeat: Callable[[], None],
    ) -> Iterator[FrameRecord]:
        boxes = links.boxes(gathered.path, self._manifest.job.vocabulary.labels)
        frames = frames_of(self._manifest, self.gaps, boxes)
        if self._manifest.job.tracks:
            frames = filled(frames, parameters)
        best = {track.tracker_id: track.best_confidence for track in links.tracks}
        rows = PartRows(self._manifest, self._rows_directory, best)
        for frame in rows.passing(_shown(frames, self.thresholds)):
            self.summary.add(frame)
            if frame.frame_index % parameters.every == 0:  # others depend on how the footage was cut
                self._frames_seen.update(box.tracker_id for box in frame.detections if box.tracker_id)
            if frame.frame_index % 1000 == 0:
                heartbeat()
            yield frame

    def _gathered(self, heartbeat: Callable[[], None]) -> GatheredLog:
        files = self._job.connections.files(self._manifest.detect_job_id)
        stage = _finding(self._job)
        with GatheredLog(self._directory / "gathered.parquet") as gathered:
            for index, marker in enumerate(self._markers):
                if marker.outcome == "done":
                    item = Item(stage=stage, index=index)
                    path = fetch_output(files, item, marker, _LOG, self._directory)
                    gathered.append(path)
                    path.unlink()
                    heartbeat()
        return gathered

    def _summary_bytes(self, links: Links) -> bytes:
        labels = self._manifest.job.vocabulary.labels
        near_misses: dict[str, float] = {}
        for marker in self._markers:
            for label, score in marker.near_misses.items():
                near_misses[label] = max(score, near_misses.get(label, 0.0))
        counted = Counter(labels[track.class_id] for track in links.tracks)
        objects = counted if self._manifest.job.tracks else None
        return self.summary.to_bytes(labels=labels, gaps=self.gaps, objects=objects, near_misses=near_misses)

    def _description(self, gathered: GatheredLog) -> dict[str, Any]:
        """What produced the log: kept in the Parquet file, and nothing that differs from run to run."""
        job = self._manifest.job
        return {
            "source": self._manifest.source.model_dump(mode="json"),
            "video": self._manifest.video.model_dump(mode="json"),
            "vocabulary": {
                "name": job.vocabulary.name,
                "labels": list(job.vocabulary.labels),
                "prompts": list(job.vocabulary.prompts),
                "digest": job.vocabulary.digest,
            },
            "detector": {"name": job.detector.name, "weights_sha256": weights_digests(self._markers)},
            "threshold": self.thresholds.default,
            "thresholds": dict(self.thresholds.by_label),
            "lowest_confidence": round(gathered.lowest_confidence, 6),
            "rows_left_out": gathered.rows_left_out,
            "every": job.every,
            "tracks": job.tracks,
        }


def thresholds_of(manifest: Manifest, markers: list[ChunkMarker]) -> Thresholds:
    """What the job asks for, or what its detector shows by default."""
    used = next((marker.threshold for marker in markers if marker.threshold is not None), 0.0)
    return Thresholds.of_job(manifest.job, default=used)


def _shown(frames: Iterable[FrameRecord], thresholds: Thresholds) -> Iterator[FrameRecord]:
    """Leave out what is below its threshold and of no track."""
    for frame in frames:
        boxes = tuple(
            box
            for box in frame.boxes
            if box.tracker_id is not None or box.confidence >= thresholds.of(box.class_name)
        )
        yield frame if len(boxes) == len(frame.boxes) else replace(frame, boxes=boxes)
