"""Jobs of several detectors in one store: each is asked by its own rescorer, in words of its own encoder."""

from contextlib import nullcontext
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from api_client.contract import DetectorSpec, Stage, TrackMarker, keys
from api_client.contract.thresholds import Thresholds
from api_client.errors import SettingsError
from api_client.job_files import JobFiles
from api_client.log.regions import IndexBuilder, IndexHeader, write_index
from api_client.store import ObjectStore
from tests.manifests import asking, chunk, manifest, store_manifest
from tests.unit.search.conftest import Search
from tests.unit.search.footage import FRAMES, square, store_looked_at
from vocabularies import Vocabulary
from workers.detectors.registry import load_rescorer
from workers.embeddings import embed

DETIC = DetectorSpec(name="detic-r18")
OTHER_SOURCE = "1" * 32
STAGES, EMBEDDING = 3, 512


class OneAxisEach:
    """A `TextEncoder` of Detic's width, of an identity that no encoder of this machine has."""

    identity = "clip-of-another-machine"

    def encode(self, sentences: list[str], *, progress: object = None) -> NDArray[np.float32]:
        return np.eye(len(sentences), EMBEDDING, dtype=np.float32)


def look_of(word: int) -> NDArray[np.float32]:
    """What Detic says of a region that every stage takes for this one of two words, and not for the other."""
    axes = np.zeros((1, EMBEDDING), np.float32)
    axes[0, :2], axes[0, word] = -(0.5**0.5), 0.5**0.5
    return np.tile(axes, STAGES)


def read_by_somebody(store: ObjectStore, *words: str) -> None:
    """As a worker of `client query` leaves it."""
    vocabulary = Vocabulary(name="custom", labels=words)
    embed(vocabulary, OneAxisEach(), store, lambda _: nullcontext())


def store_seen_by_detic(store: ObjectStore, directory: Path, word: int) -> None:
    """A job of Detic that saw one thing for a second."""
    job = manifest(job_id="of-detic", chunks=(chunk(0, range(FRAMES), first_frame=0),))
    job = asking(job, detector=DETIC)
    store_manifest(store, job)
    builder = IndexBuilder(header_of_detic(job.video.width_px, job.video.height_px, job.video.time_base))
    for frame in range(FRAMES):
        builder.add(
            frame, frame, np.array([square(20)], np.float32), np.array([0.9], np.float32), look_of(word)
        )
    path = directory / keys.REGIONS
    write_index(path, builder.built())
    store.put_file(keys.part_output("of-detic", Stage.DETECT, 0, keys.REGIONS), path)
    marker = TrackMarker(files=(), rows=(), detection_count=0, provenance={"threshold": 0.5})
    JobFiles(store, "of-detic").write_tracked(marker)


def header_of_detic(width_px: int, height_px: int, time_base: tuple[int, int]) -> IndexHeader:
    rescorer = load_rescorer("detic-r18")
    assert rescorer is not None
    lowest = Thresholds(default=rescorer.default_threshold).default
    return IndexHeader(
        detector="detic-r18", weights_digest="d" * 64, text_encoder=OneAxisEach.identity,
        layout=rescorer.layout, width_px=width_px, height_px=height_px, time_base=time_base, first_pts=0,
        most_regions=48, least_objectness=0.1, lowest_threshold=lowest,
        sure_objectness=rescorer.least_objectness(lowest), looks_per_second=rescorer.looks_per_second,
    )  # fmt: skip


def test_words_somebodys_query_had_read_are_found_in_what_detic_saw(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    read_by_somebody(store, "red", "ladder")
    store_seen_by_detic(store, tmp_path, word=1)

    answer = search("red", "ladder")

    (moment,) = answer.moments
    assert (moment.word, moment.job_id) == ("ladder", "of-detic")
    assert (moment.first_seconds, moment.last_seconds) == (0.0, 0.9)
    assert moment.score == pytest.approx(0.9**0.5, abs=0.01)


def test_one_answer_holds_what_two_detectors_saw(store: ObjectStore, tmp_path: Path, search: Search) -> None:
    read_by_somebody(store, "red", "ladder")
    store_seen_by_detic(store, tmp_path, word=0)
    store_looked_at(store, tmp_path, [[[("red", 0)]] * FRAMES], job_id="of-colours", source_id=OTHER_SOURCE)

    answer = search("red", "ladder")

    assert [(moment.word, moment.job_id) for moment in answer.moments] == [
        ("red", "of-detic"),
        ("red", "of-colours"),
    ]
    assert (answer.jobs, answer.looks, answer.notes) == (2, 2, ())


def test_words_that_cannot_be_read_here_leave_out_detics_jobs_alone(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_seen_by_detic(store, tmp_path, word=0)
    with pytest.raises(SettingsError) as alone:
        search("red")
    store_looked_at(store, tmp_path, [[[("red", 0)]] * FRAMES], job_id="of-colours", source_id=OTHER_SOURCE)

    answer = search("red")

    assert [moment.job_id for moment in answer.moments] == ["of-colours"]
    (note,) = answer.notes
    assert note.startswith("left out: 1 job: the detector 'detic-r18' cannot be asked new words on this")
    assert "`client query JOB -v WORDS` has its workers read them" in note
    assert note in str(alone.value)
