"""One part, from its video to what is found in it, with every step working at the same time.

    decode ─► detect ─┬─► log ─────► detections.parquet
                      └─► regions ─► regions.parquet, where asked for

Each step is a thread and each arrow a bounded channel that keeps order. Detection is the caller's own
thread: GPU libraries keep state per thread, and heartbeats and signals arrive there.
"""

import logging
from collections.abc import Generator, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from api_client.contract.detection_log import write_log
from api_client.contract.thresholds import Thresholds
from api_client.errors import IntegrityError
from api_client.log.regions import FILE_NAME
from api_client.media.frames.decode import DecodedFrame
from api_client.media.frames.footage import decode_part
from tasks.work import DetectOutput, DetectWork
from workers.batches import batches, frames_per_batch
from workers.channel import Channel
from workers.detection_check import checked
from workers.detectors import Detections, Detector, EmbeddedVocabulary
from workers.detectors.facts import facts_of
from workers.device import peak_memory_bytes
from workers.frame_detections import FrameDetections
from workers.log_writer import record_batches
from workers.near_misses import NearMisses
from workers.region_colours import RegionColours
from workers.region_index import index_header, write_regions
from workers.stages import Stages
from workers.stopwatch import Stopwatch

DECODER_THREADS = 4
"""Keeps up with a GPU on 1080p; more would take cores from the detector."""
FRAMES_WITHOUT_PIXELS_WAITING = 64
"""Small."""
_LOG = logging.getLogger(__name__)


class DetectPipeline:
    """Looks at one part, once."""

    def __init__(
        self,
        work: DetectWork,
        *,
        detector: Detector,
        vocabulary: EmbeddedVocabulary,
        thresholds: Thresholds,
    ) -> None:
        self._work = work
        self._footage, self._job, self._chunk = work.manifest.footage, work.manifest.job, work.chunk
        self._detector, self._vocabulary, self._thresholds = detector, vocabulary, thresholds
        labels = vocabulary.vocabulary.labels
        self._shown_from = np.array(thresholds.each(labels), np.float32)
        self._logged_from = np.array(thresholds.floors.each(labels), np.float32)
        self._batch_frames = self._frames_that_hold(detector.batch_size)
        self._stopwatch = Stopwatch()
        # a detector of one's own may be older than rescorers
        self._keeps_regions = bool(self._job.regions_per_frame and getattr(detector, "rescorer", None))
        self._region_colours: RegionColours | None = None
        self._frames_seen = 0
        self._detection_count = 0
        self._unreadable_frames: list[int] = []
        self._notes: list[str] = []
        self._near_misses = NearMisses(labels, shown_from=self._shown_from)

    def run(self) -> DetectOutput:
        """Write the outputs. Whatever goes wrong in a step ends all of them and is raised here."""
        with Stages() as stages:
            waiting = self._frames_that_hold(max(self._detector.batch_size, DECODER_THREADS))
            decoded = stages.through("decode", self._decode(), capacity=waiting)
            self._detect(decoded, self._start_records(stages))
        return self._output()

    def _frames_that_hold(self, looked_at: int) -> int:
        return frames_per_batch(self._footage.video, looked_at=looked_at, every=self._job.every)

    def _decode(self) -> Generator[DecodedFrame, None, None]:
        frames = decode_part(self._work.video_path, self._footage, self._chunk, threads=DECODER_THREADS)
        return self._stopwatch.measured("decode", frames)

    def _detect(self, decoded: Iterable[DecodedFrame], records: Sequence[Channel[FrameDetections]]) -> None:
        for batch in batches(
            decoded,
            looked_at=self._detector.batch_size,
            at_most=self._batch_frames,
            is_looked_at=self._is_looked_at,
        ):
            for frame in self._look_at(batch):
                for channel in records:
                    channel.put(frame)
            self._unreadable_frames += [frame.frame_index for frame in batch if not frame.readable]
            self._notes += self._notes_on(batch)
            if not self._frames_seen:
                _LOG.info("the first frames have been looked at: %d", len(batch))
            self._frames_seen += len(batch)
            self._work.heartbeat(self._frames_seen)
        for channel in records:
            channel.close()

    def _notes_on(self, batch: Sequence[DecodedFrame]) -> list[str]:
        pictures = ((self._footage.picture(frame.frame_index), frame.notes) for frame in batch)
        return [f"{picture.name}: {note}" for picture, notes in pictures if picture for note in notes]

    def _is_looked_at(self, frame: DecodedFrame) -> bool:
        return frame.readable and self._job.is_sampled(frame.frame_index, self._chunk.first_frame)

    def _look_at(self, batch: Sequence[DecodedFrame]) -> list[FrameDetections]:
        frames = [frame for frame in batch if self._is_looked_at(frame)]
        if not frames:
            return []
        with self._stopwatch.measure("detect"):
            found = self._detector.detect(
                [frame.rgb for frame in frames],
                self._vocabulary,
                threshold=float(self._logged_from.min()),
                regions=self._job.regions_per_frame if self._keeps_regions else 0,
            )
        found = checked(
            found,
            [frame.frame_index for frame in frames],
            size_px=self._footage.size_px(frames[0].frame_index),
            labels=len(self._vocabulary.vocabulary.labels),
        )
        self._near_misses.add(found)
        self._detection_count += sum(
            int((one.scores >= self._shown_from[one.label_ids]).sum()) for one in found
        )
        return [
            FrameDetections(
                frame_index=frame.frame_index,
                pts=frame.pts,
                detections=self._logged(one),
                region_colours=self._colours_of(frame, one),
            )
            for frame, one in zip(frames, found, strict=True)
        ]

    def _colours_of(self, frame: DecodedFrame, found: Detections) -> NDArray[np.uint8] | None:
        if self._region_colours is None or found.regions is None:
            return None
        with self._stopwatch.measure("colours"):
            return self._region_colours.of(frame.rgb, frame.pts, found.regions)

    def _logged(self, found: Detections) -> Detections:
        """Leave out what is below its own word's floor."""
        return found.where(found.scores >= self._logged_from[found.label_ids])

    def _start_records(self, stages: Stages) -> list[Channel[FrameDetections]]:
        log: Channel[FrameDetections] = stages.channel(capacity=FRAMES_WITHOUT_PIXELS_WAITING)
        rows = record_batches(log, self._footage.video, self._vocabulary.vocabulary.labels)
        stages.start("log", write_log, self._work.output_dir / "detections.parquet", rows)
        if not self._keeps_regions:
            return [log]
        regions: Channel[FrameDetections] = stages.channel(capacity=FRAMES_WITHOUT_PIXELS_WAITING)
        header = index_header(
            self._detector,
            self._footage.video,
            thresholds=self._thresholds,
            most_regions=self._job.regions_per_frame,
            of_pictures=bool(self._footage.pictures),
        )
        self._region_colours = RegionColours(header)
        stages.start("regions", write_regions, self._work.output_dir / FILE_NAME, header, regions)
        return [log, regions]

    def _output(self) -> DetectOutput:
        """Say what was written, once every stage has ended."""
        if self._frames_seen != self._chunk.frame_count:
            raise IntegrityError(
                f"chunk {self._chunk.index} yielded {self._frames_seen} frames where the manifest says "
                f"{self._chunk.frame_count}: its file in the store is damaged, submit the video again"
            )
        said = facts_of(self._detector, self._vocabulary.vocabulary)
        return DetectOutput(
            detection_count=self._detection_count,
            unreadable_frames=tuple(self._unreadable_frames),
            seconds_by_stage=self._stopwatch.seconds_by_stage,
            detector_weights_digest=self._detector.weights_digest,
            detector_facts=said.facts,
            notes=(*said.notes, *self._notes),
            threshold=self._thresholds.default,
            near_misses=self._near_misses.highest(),
            batch_frames=self._detector.batch_size,
            device_memory_bytes=peak_memory_bytes(),
        )
