"""Jobs of several detectors in one store: each is asked by its own rescorer, in words of its own encoder."""

from pathlib import Path

import pytest

from api_client.errors import SettingsError
from api_client.store import ObjectStore
from tests.unit.search.conftest import Search
from tests.unit.search.footage import FRAMES, store_looked_at
from tests.unit.search.seen_by_detic import OBJECTNESS, Seen, read_by_somebody, store_seen_by_detic
from vocabularies import Vocabulary

LADDER: Seen = ("ladder", (20, 5, 30, 15), None)
RED = [[("red", 0.0)]] * FRAMES
ASKED = Vocabulary(name="custom", labels=("red", "ladder", "car"))
OTHER_SOURCE = "1" * 32


def test_words_somebodys_query_had_read_are_found_in_what_detic_saw(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    read_by_somebody(store, ASKED)
    store_seen_by_detic(store, tmp_path, [LADDER])

    answer = search(vocabulary=ASKED)

    (moment,) = answer.moments
    assert (moment.word, moment.job_id) == ("ladder", "of-detic")
    assert (moment.first_seconds, moment.last_seconds) == (0.0, 0.9)
    assert moment.score == pytest.approx(OBJECTNESS**0.5, abs=0.01)


def test_one_answer_holds_what_two_detectors_saw(store: ObjectStore, tmp_path: Path, search: Search) -> None:
    read_by_somebody(store, ASKED)
    store_seen_by_detic(store, tmp_path, [LADDER])
    store_looked_at(store, tmp_path, [RED], job_id="of-colours", source_id=OTHER_SOURCE)

    answer = search(vocabulary=ASKED)

    found = [(moment.word, moment.job_id) for moment in answer.moments]
    assert found == [("ladder", "of-detic"), ("red", "of-colours")]
    assert (answer.jobs, answer.looks, answer.notes) == (2, 2, ())


def test_words_that_cannot_be_read_here_leave_out_detics_jobs_alone(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_seen_by_detic(store, tmp_path, [LADDER])
    with pytest.raises(SettingsError) as alone:
        search("red")
    store_looked_at(store, tmp_path, [RED], job_id="of-colours", source_id=OTHER_SOURCE)

    answer = search("red")

    assert [moment.job_id for moment in answer.moments] == ["of-colours"]
    (note,) = answer.notes
    assert note.startswith("left out: 1 job: the detector 'detic-r18' cannot be asked new words on this")
    assert "`client query JOB -v WORDS` has its workers read them" in note
    assert note in str(alone.value)
