"""Jobs in a store that Detic kept regions of, without any having run: things of which every stage is sure."""

from collections.abc import Sequence
from contextlib import nullcontext
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from api_client.contract import DetectorSpec, Stage, TrackMarker, keys
from api_client.job_files import JobFiles
from api_client.log.regions import IndexBuilder, IndexHeader, share_rows, write_index
from api_client.store import ObjectStore
from tests.manifests import asking, chunk, manifest, store_manifest
from tests.unit.search.footage import FRAMES
from vocabularies import Vocabulary
from vocabularies.phrase import COLOURS
from workers.detectors.registry import load_rescorer
from workers.embeddings import embed

DETIC = DetectorSpec(name="detic-r18")
STAGES, EMBEDDING = 3, 512
KINDS = ("ladder", "car", "person", "bicycle")
OBJECTNESS = 0.9

Seen = tuple[str, tuple[float, float, float, float], str | None]
"""(kind, box in pixels, colour or None where nobody looked)."""


class KindWords:
    """A `TextEncoder` of Detic's width: a sentence means the kind it ends with, or none."""

    identity = "clip-of-another-machine"

    def encode(self, sentences: Sequence[str], *, progress: object = None) -> NDArray[np.float32]:
        return np.array([_axis_of(sentence.split()[-1]) for sentence in sentences], np.float32)


def read_by_somebody(store: ObjectStore, vocabulary: Vocabulary) -> None:
    """As a worker of `client query` leaves it."""
    embed(vocabulary, KindWords(), store, lambda _: nullcontext())


def store_seen_by_detic(
    store: ObjectStore, directory: Path, things: Sequence[Seen], *, colours: tuple[str, ...] = COLOURS
) -> None:
    """A job of Detic, "of-detic", that saw these things for a second, and nothing of them moved."""
    job = manifest(job_id="of-detic", chunks=(chunk(0, range(FRAMES), first_frame=0),))
    job = asking(job, detector=DETIC)
    store_manifest(store, job)
    builder = IndexBuilder(_header(job.video.width_px, job.video.height_px, job.video.time_base, colours))
    shares = np.array([[colour == name for name in COLOURS] for _, _, colour in things], np.float32)
    for frame in range(FRAMES):
        builder.add(
            frame,
            frame,
            np.array([box for _, box, _ in things], np.float32),
            np.full(len(things), OBJECTNESS, np.float32),
            np.array([_look(kind) for kind, _, _ in things], np.float32),
            share_rows(shares) if colours else None,
        )
    path = directory / keys.REGIONS
    write_index(path, builder.built())
    store.put_file(keys.part_output("of-detic", Stage.DETECT, 0, keys.REGIONS), path)
    marker = TrackMarker(files=(), rows=(), detection_count=0, provenance={"threshold": 0.5})
    JobFiles(store, "of-detic").write_tracked(marker)


def _axis(number: int) -> NDArray[np.float32]:
    return np.eye(1, EMBEDDING, number, dtype=np.float32)[0]


def _axis_of(word: str) -> NDArray[np.float32]:
    """Of a word that is no kind: what none of them is."""
    return _axis(KINDS.index(word)) if word in KINDS else -_axis(len(KINDS))


def _look(kind: str) -> NDArray[np.float32]:
    """What every stage says of it: this kind, and none of the others."""
    look = sum((0.5 if one == kind else -0.5) * _axis(place) for place, one in enumerate(KINDS))
    return np.tile(look + 0.5 * _axis(len(KINDS)), STAGES)


def _header(
    width_px: int, height_px: int, time_base: tuple[int, int], colours: tuple[str, ...]
) -> IndexHeader:
    rescorer = load_rescorer(DETIC.name)
    assert rescorer is not None
    lowest = rescorer.default_threshold
    return IndexHeader(
        detector=DETIC.name, weights_digest="d" * 64, text_encoder=KindWords.identity,
        layout=rescorer.layout, width_px=width_px, height_px=height_px, time_base=time_base, first_pts=0,
        most_regions=48, least_objectness=0.1, lowest_threshold=lowest,
        sure_objectness=rescorer.least_objectness(lowest), looks_per_second=rescorer.looks_per_second,
        colours=colours,
    )  # fmt: skip
