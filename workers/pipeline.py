"""One chunk, from its video to its outputs, with every stage working at the same time.

    decode ─► detect ─┬─► draw ─► encode ─► segment.mp4
                      ├─► log ────────────► detections.parquet
                      └─► regions ────────► regions.safetensors, where asked for

Each stage is a thread and each arrow a bounded channel that keeps order. Detection is the caller's own
thread: GPU libraries keep state per thread, and heartbeats and signals arrive there.
"""

from collections.abc import Generator, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from api_client.contract.detection_log import write_log
from api_client.errors import IntegrityError
from api_client.media.frames.decode import DecodedFrame, decode_chunk
from api_client.media.frames.encode import SegmentWriter
from tasks.work import ChunkOutput, ChunkWork
from workers.batches import batches, frames_per_batch
from workers.channel import Channel
from workers.detection_check import checked
from workers.detectors import Detections, Detector, EmbeddedVocabulary
from workers.device import peak_memory_bytes
from workers.drawing import draw
from workers.frame_detections import FrameDetections
from workers.log_writer import record_batches
from workers.near_misses import NearMisses
from workers.regions import write_regions
from workers.stages import Stages
from workers.stopwatch import Stopwatch

DECODER_THREADS = 4
"""Keeps up with a GPU on 1080p; more would take cores from the detector and the encoder."""
DRAWN_FRAMES_WAITING = 4
"""Enough that drawing and encoding do not wait for each other's hiccups."""
FRAMES_WITHOUT_PIXELS_WAITING = 64
"""Small: without pixels."""

ShownFrame = tuple[DecodedFrame, Detections]
DrawnFrame = tuple[NDArray[np.uint8], int]
"""(picture, pts)."""


class ChunkPipeline:
    """Processes one chunk, once."""

    def __init__(
        self, work: ChunkWork, *, detector: Detector, vocabulary: EmbeddedVocabulary, threshold: float
    ) -> None:
        self._work = work
        self._video, self._job, self._chunk = work.manifest.video, work.manifest.job, work.chunk
        self._detector, self._vocabulary, self._threshold = detector, vocabulary, threshold
        self._batch_frames = frames_per_batch(
            self._video, looked_at=detector.batch_size, every=self._job.every
        )
        self._stopwatch = Stopwatch()
        self._frames_encoded = 0
        self._detection_count = 0
        self._unreadable_frames: list[int] = []
        self._near_misses = NearMisses(vocabulary.vocabulary.labels)

    def run(self) -> ChunkOutput:
        """Write the outputs. Whatever goes wrong in a stage ends all of them and is raised here."""
        with Stages() as stages:
            decoded = stages.through("decode", self._decode(), capacity=self._batch_frames)
            shown: Channel[ShownFrame] = stages.channel(capacity=self._batch_frames)
            drawn = stages.through("draw", self._draw(shown), capacity=DRAWN_FRAMES_WAITING)
            stages.start("encode", self._encode, drawn)
            records = self._start_records(stages)
            self._detect(decoded, shown, records)
        return self._output()

    def _decode(self) -> Generator[DecodedFrame, None, None]:
        frames = decode_chunk(self._work.video_path, self._video, self._chunk, threads=DECODER_THREADS)
        return self._stopwatch.measured("decode", frames)

    def _detect(
        self,
        decoded: Iterable[DecodedFrame],
        shown: Channel[ShownFrame],
        records: Sequence[Channel[FrameDetections]],
    ) -> None:
        """Frames not looked at show what was found last."""
        detections = Detections.none()
        for batch in batches(
            decoded,
            looked_at=self._detector.batch_size,
            at_most=self._batch_frames,
            is_looked_at=self._is_looked_at,
        ):
            looked = {frame.frame_index: frame for frame in self._look_at(batch)}
            for frame in batch:
                if frame.frame_index in looked:
                    detections = looked[frame.frame_index].detections
                    for channel in records:
                        channel.put(looked[frame.frame_index])
                shown.put((frame, detections))
            self._unreadable_frames += [frame.frame_index for frame in batch if not frame.readable]
            self._work.heartbeat(self._frames_encoded)
        shown.close()
        for channel in records:
            channel.close()

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
                threshold=self._threshold,
                regions=self._job.regions_per_frame,
            )
        found = checked(
            found,
            [frame.frame_index for frame in frames],
            size_px=(self._video.width_px, self._video.height_px),
            labels=len(self._vocabulary.vocabulary.labels),
        )
        self._detection_count += sum(map(len, found))
        self._near_misses.add(found)
        return [
            FrameDetections(frame_index=frame.frame_index, pts=frame.pts, detections=detections)
            for frame, detections in zip(frames, found, strict=True)
        ]

    def _draw(self, shown: Iterable[ShownFrame]) -> Generator[DrawnFrame, None, None]:
        for frame, detections in shown:
            with self._stopwatch.measure("draw"):
                picture = draw(frame.rgb, detections, self._vocabulary.vocabulary.labels)
            yield picture, frame.pts

    def _encode(self, drawn: Iterable[DrawnFrame]) -> None:
        with SegmentWriter(self._work.output_dir / "segment.mp4", self._video) as writer:
            for picture, pts in drawn:
                with self._stopwatch.measure("encode"):
                    writer.write(picture, pts)
                self._frames_encoded += 1

    def _start_records(self, stages: Stages) -> list[Channel[FrameDetections]]:
        log: Channel[FrameDetections] = stages.channel(capacity=FRAMES_WITHOUT_PIXELS_WAITING)
        rows = record_batches(log, self._video, self._vocabulary.vocabulary.labels)
        stages.start("log", write_log, self._work.output_dir / "detections.parquet", rows)
        if not self._job.regions_per_frame:
            return [log]
        regions: Channel[FrameDetections] = stages.channel(capacity=FRAMES_WITHOUT_PIXELS_WAITING)
        stages.start("regions", write_regions, self._work.output_dir / "regions.safetensors", regions)
        return [log, regions]

    def _output(self) -> ChunkOutput:
        """Say what was written, once every stage has ended."""
        if self._frames_encoded != self._chunk.frame_count:
            raise IntegrityError(
                f"chunk {self._chunk.index} yielded {self._frames_encoded} frames where the manifest says "
                f"{self._chunk.frame_count}: its file in the store is damaged, submit the video again"
            )
        self._work.heartbeat(self._frames_encoded)
        return ChunkOutput(
            files=tuple(sorted(self._work.output_dir.iterdir())),
            detection_count=self._detection_count,
            unreadable_frames=tuple(self._unreadable_frames),
            seconds_by_stage=self._stopwatch.seconds_by_stage,
            detector_weights_digest=self._detector.weights_digest,
            threshold=self._threshold,
            near_misses=self._near_misses.highest(below=self._threshold),
            batch_frames=self._detector.batch_size,
            device_memory_bytes=peak_memory_bytes(),
        )
