"""How small the index of regions is, and how well it answers words that nobody had asked.

    python -m benchmarks.ask_again CLIPS

Of all clips together, for every way of keeping regions: the bytes of the indexes beside those of the clips;
and how far what they say of other words agrees with a detector that looks at the frames with those words
(same word, IoU 0.5, the default threshold): twice the pairs over the boxes of both. A frame of the detector
against its own next frame says what can be expected where objects move.
"""

import argparse
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice, pairwise
from pathlib import Path

import av
import numpy as np

from api_client.contract import VideoSpec
from api_client.contract.thresholds import Thresholds
from api_client.log.regions import IndexBuilder, RegionIndex, write_index
from api_client.log.regions.linking import iou
from vocabularies import parse_vocabulary
from workers.detectors import Detections, Detector, EmbeddedVocabulary
from workers.detectors.registry import load_detector
from workers.frame_detections import FrameDetections
from workers.region_index import index_header
from workers.rescoring import Question, rescored

FIRST = "coco"
"""Asked while the frames are looked at; it must not matter."""
EVERYTHING = 300
"""Regions of a frame: more than could be shown."""


@dataclass(kw_only=True)
class Agreement:
    """Pairs of boxes that are the same, and how many boxes there were on both sides."""

    pairs: int = 0
    boxes: int = 0

    def add(self, one: Detections, other: Detections) -> None:
        """Count the greedy pairs of equal labels at IoU 0.5."""
        self.pairs += matched(one, other)
        self.boxes += len(one) + len(other)

    @property
    def share(self) -> float:
        """1 where everything agrees."""
        return 2 * self.pairs / self.boxes if self.boxes else 1.0


@dataclass(frozen=True, kw_only=True)
class Keeping:
    """A way of keeping regions."""

    most_regions: int
    looks_per_second: float
    down_to: float | None
    """The threshold below which nothing is kept; None for the detector's default."""


@dataclass(kw_only=True)
class Score:
    """What one way of keeping regions comes to."""

    index_bytes: int = 0
    sampled: Agreement = field(default_factory=Agreement)
    every: Agreement = field(default_factory=Agreement)


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A clip, and all regions of its frames."""

    video: VideoSpec
    frames: list[FrameDetections]
    footage_bytes: float
    """Of the frames looked at."""


def matched(one: Detections, other: Detections) -> int:
    """How many boxes of one are boxes of the other, each used once."""
    overlap = iou(one.boxes_xyxy_px, other.boxes_xyxy_px)
    overlap[one.label_ids[:, None] != other.label_ids[None]] = 0
    pairs = 0
    while overlap.size and overlap.max() >= 0.5:
        row, column = np.unravel_index(overlap.argmax(), overlap.shape)
        overlap[row], overlap[:, column] = 0, 0
        pairs += 1
    return pairs


def embedded(detector: Detector, words: str) -> EmbeddedVocabulary:
    """Embed without a store."""
    vocabulary = parse_vocabulary(words)
    sentences = [vocabulary.sentences(label)[0] for label in vocabulary.labels]
    return EmbeddedVocabulary(vocabulary=vocabulary, embeddings=detector.text_encoder.encode(sentences))


def looked_at(path: Path, detector: Detector, words: EmbeddedVocabulary, *, most: int) -> Looked:
    """Look at the first frames of a clip, and keep every region."""
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        video = VideoSpec(
            codec="h264", width_px=stream.width, height_px=stream.height, frame_count=stream.frames,
            time_base=(stream.time_base.numerator, stream.time_base.denominator),
            average_rate=(stream.average_rate.numerator, stream.average_rate.denominator), first_pts=0,
        )  # fmt: skip
        frames = islice(enumerate(container.decode(stream)), most)
        found: list[FrameDetections] = []
        while batch := list(islice(frames, detector.batch_size)):
            pictures = [frame.to_ndarray(format="rgb24") for _, frame in batch]
            detections = detector.detect(
                pictures, words, threshold=detector.default_threshold, regions=EVERYTHING
            )
            found += [
                FrameDetections(frame_index=index, pts=frame.pts, detections=one)
                for (index, frame), one in zip(batch, detections, strict=True)
            ]
    share = len(found) / stream.frames
    return Looked(video=video, frames=found, footage_bytes=path.stat().st_size * share)


def fresh(detector: Detector, looked: Looked, words: EmbeddedVocabulary) -> dict[int, Detections]:
    """What the detector says of every frame with these words: that of all its regions (a test says so)."""
    rescorer = detector.rescorer
    assert rescorer is not None
    found = {}
    for frame in looked.frames:
        regions = frame.detections.regions
        assert regions is not None
        # the rest cannot come up to the threshold, and what does not has no say
        sure = regions.objectness >= rescorer.least_objectness(detector.default_threshold)
        found[frame.frame_index] = rescorer.detections(
            regions.boxes_xyxy_px[sure],
            regions.objectness[sure],
            rescorer.name(regions.features[sure], words),
            threshold=detector.default_threshold,
        )
    return found


def kept(detector: Detector, looked: Looked, keeping: Keeping) -> RegionIndex:
    """The index of a clip."""
    default = detector.default_threshold if keeping.down_to is None else keeping.down_to
    header = index_header(
        detector, looked.video, thresholds=Thresholds(default=default), most_regions=keeping.most_regions
    ).model_copy(update={"looks_per_second": keeping.looks_per_second})
    builder = IndexBuilder(header)
    for frame in looked.frames:
        regions = frame.detections.regions
        assert regions is not None
        builder.add(frame.frame_index, frame.pts, regions.boxes_xyxy_px, regions.objectness, regions.features)
    return builder.built()


def size_of(index: RegionIndex) -> int:
    """Bytes of the index as a file."""
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "regions.parquet"
        write_index(path, index)
        return path.stat().st_size


def moments(looked: Looked, looks_per_second: float) -> set[int]:
    """The frames of which all looks are kept."""
    seen: dict[int, int] = {}
    for frame in looked.frames:
        seen.setdefault(int(looked.video.time_seconds(frame.pts) * looks_per_second), frame.frame_index)
    return set(seen.values())


def measure(
    detector: Detector, looked: Looked, keeping: Keeping, truths: dict[str, dict[int, Detections]],
    questions: dict[str, EmbeddedVocabulary], scores: dict[str, Score],
) -> None:  # fmt: skip
    """Add one clip to the scores of one way of keeping, by question."""
    index = kept(detector, looked, keeping)
    size, sampled = size_of(index), moments(looked, keeping.looks_per_second)
    assert detector.rescorer is not None
    for name, words in questions.items():
        thresholds = Thresholds(default=detector.default_threshold)
        question = Question(vocabulary=words, rescorer=detector.rescorer, thresholds=thresholds)
        said = {frame.frame_index: frame.detections for frame in rescored(index, question)}
        scores[name].index_bytes += size
        for frame_index, truth in truths[name].items():
            answer = said.get(frame_index, Detections.none())
            answer = answer.where(answer.scores >= detector.default_threshold)
            scores[name].every.add(answer, truth)
            if frame_index in sampled:
                scores[name].sampled.add(answer, truth)


def neighbours(truth: dict[int, Detections]) -> Iterator[tuple[Detections, Detections]]:
    """Yield each frame's answer with the next one's."""
    frames = sorted(truth)
    yield from ((truth[one], truth[other]) for one, other in pairwise(frames))


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clips", nargs="+", type=Path)
    parser.add_argument("--detector", default="pocket")
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--frames", type=int, default=300, help="of each clip, from its start")
    parser.add_argument("--caps", default="32,48,64,100")
    parser.add_argument("--rates", default="1,2")
    parser.add_argument("--down-to", default="default")
    parser.add_argument("--questions", nargs="+", default=["coco", "lvis"])
    told = parser.parse_args()
    detector = load_detector(told.detector, device="cpu", weights=told.weights, allow_python=True)
    questions = {words: embedded(detector, words) for words in told.questions}
    ways = [
        Keeping(
            most_regions=int(cap),
            looks_per_second=float(rate),
            down_to=None if down_to == "default" else float(down_to),
        )
        for cap in told.caps.split(",")
        for rate in told.rates.split(",")
        for down_to in told.down_to.split(",")
    ]
    report(detector, told.clips, told.frames, ways, questions)


def report(
    detector: Detector, clips: Sequence[Path], frames: int, ways: Sequence[Keeping],
    questions: dict[str, EmbeddedVocabulary],
) -> None:  # fmt: skip
    """Look at every clip once, and score every way of keeping its regions."""
    first = embedded(detector, FIRST)
    scores = {way: {name: Score() for name in questions} for way in ways}
    moving = {name: Agreement() for name in questions}
    footage_bytes = seconds = 0.0
    for clip in clips:
        looked = looked_at(clip, detector, first, most=frames)
        footage_bytes += looked.footage_bytes
        seconds += len(looked.frames) * looked.video.average_rate[1] / looked.video.average_rate[0]
        truths = {name: fresh(detector, looked, words) for name, words in questions.items()}
        for name, truth in truths.items():
            for one, other in neighbours(truth):
                moving[name].add(one, other)
        for way in ways:
            measure(detector, looked, way, truths, questions, scores[way])
        print(f"{clip.name}: {len(looked.frames)} frames", flush=True)
    print(f"{seconds:.0f} s of footage, {footage_bytes / 1e6:.1f} MB")
    for name in questions:
        print(f"{name}: a frame agrees with its neighbour at {moving[name].share:.3f}")
        for way in ways:
            score = scores[way][name]
            share, rate = score.index_bytes / footage_bytes, score.index_bytes / seconds
            print(
                f"  {way.most_regions:3} regions, {way.looks_per_second:g}/s, to {way.down_to or 'default'}: "
                f"{100 * share:5.1f} % of the footage, {rate / 1000:5.1f} kB/s; "
                f"agreement {score.sampled.share:.3f} sampled, {score.every.share:.3f} every frame"
            )


if __name__ == "__main__":
    main()
