"""What a search says of all jobs of a store."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from api_client.contract import DetectorSpec, Stage, keys
from api_client.errors import SettingsError
from api_client.search.asked import FoundMoment
from api_client.settings import Settings
from api_client.store import ObjectStore
from tests.colour_detector import ColourRescorer
from tests.unit.search.conftest import Search
from tests.unit.search.footage import store_looked_at, store_part

RED_THEN_BLUE = [[("red", 0), ("blue", 40)]] * 10
OTHER_SOURCE = "1" * 32


def spans(moments: tuple[FoundMoment, ...]) -> list[tuple[str, float, float]]:
    return [(moment.word, moment.first_seconds, moment.last_seconds) for moment in moments]


def test_words_nobody_had_asked_are_found_where_and_when_they_were(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    frames = [[("red", 0)] + ([("blue", 40)] if 3 <= number <= 7 else []) for number in range(10)]
    job = store_looked_at(store, tmp_path, [frames])

    answer = search("blue", "green")

    (moment,) = answer.moments
    assert spans(answer.moments) == [("blue", 0.3, 0.7)]
    assert moment.job_id == job.job_id
    assert moment.source_name == "clip.mp4"
    assert moment.score == pytest.approx(0.9, abs=0.01)
    assert moment.box_xyxy_px == pytest.approx((40, 5, 50, 15), abs=0.1)
    assert [(word.word, word.things) for word in answer.words] == [("blue", 1), ("green", 0)]


def test_a_thing_that_goes_on_in_the_next_part_is_one_moment(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_looked_at(store, tmp_path, [[[("red", 0)]] * 10, [[("red", 2)]] * 10])

    answer = search("red")

    assert spans(answer.moments) == [("red", 0.0, 1.9)]
    assert answer.words[0].things == 2


def test_two_things_apart_are_two_moments(store: ObjectStore, tmp_path: Path, search: Search) -> None:
    store_looked_at(store, tmp_path, [[[("red", 0), ("red", 40)]] * 10])

    assert len(search("red").moments) == 2
    assert len(search("red", top=1).moments) == 1


def test_several_jobs_on_one_source_show_a_thing_once(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    for number in range(3):
        store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id=f"job-{number}")
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="job-elsewhere", source_id=OTHER_SOURCE)

    answer = search("red")

    assert [moment.source_id for moment in answer.moments] == ["0" * 32, OTHER_SOURCE]
    assert (answer.jobs, answer.sources) == (4, 2)


def test_jobs_are_left_out_by_name_and_by_time(store: ObjectStore, tmp_path: Path, search: Search) -> None:
    store_looked_at(
        store, tmp_path, [RED_THEN_BLUE], job_id="old", created_at=datetime(2026, 1, 1, tzinfo=UTC)
    )
    store_looked_at(
        store, tmp_path, [RED_THEN_BLUE], job_id="new", source_id=OTHER_SOURCE,
        created_at=datetime(2026, 2, 1, tzinfo=UTC),
    )  # fmt: skip

    assert {moment.job_id for moment in search("red").moments} == {"old", "new"}
    assert {moment.job_id for moment in search("red", jobs=["old"]).moments} == {"old"}
    recent = search("red", since=datetime(2026, 1, 15, tzinfo=UTC))
    assert {moment.job_id for moment in recent.moments} == {"new"}


def test_jobs_that_an_earlier_version_kept_more_finely_are_found_too(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    coarse = tuple(segment.model_copy(update={"steps": 31}) for segment in ColourRescorer.layout)
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="earlier")
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="later", source_id=OTHER_SOURCE, layout=coarse)

    answer = search("red")

    assert {moment.job_id for moment in answer.moments} == {"earlier", "later"}
    assert answer.notes == ()


def test_what_this_machine_kept_follows_the_store(
    store: ObjectStore, tmp_path: Path, search: Search, settings: Settings
) -> None:
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="first")
    search("red")
    (kept,) = (settings.home / "search").iterdir()
    store.delete_prefix(keys.job_prefix("first"))
    job = store_looked_at(store, tmp_path, [RED_THEN_BLUE, None], job_id="second")

    before = search("red")
    store_part(store, tmp_path, job, 1, [[("red", 20)]] * 10)
    after = search("red")

    assert [path.name for path in kept.iterdir()] == ["second"]
    assert (len(before.moments), len(after.moments)) == (1, 2)


def test_what_is_lost_or_damaged_is_made_again(
    store: ObjectStore, tmp_path: Path, search: Search, settings: Settings
) -> None:
    store_looked_at(store, tmp_path, [RED_THEN_BLUE])
    first = search("red")
    (about,) = (settings.home / "search").rglob("about.json")
    about.write_text("{}")

    again = search("red")
    (looks,) = (settings.home / "search").rglob("looks.npy")
    looks.unlink()

    assert again == first
    assert search("red") == first


def test_unfinished_jobs_and_those_of_other_detectors_are_left_out_in_a_line(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="done")
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="under-way", is_finished=False)
    pocket = DetectorSpec(name="pocket")
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="of-pocket", detector=pocket)

    answer = search("red")

    assert {moment.job_id for moment in answer.moments} == {"done"}
    other, unfinished = sorted(answer.notes)
    assert unfinished == "left out: 1 job: not finished yet"
    assert "1 job: another version of the detector 'pocket' looked" in other


def test_damaged_regions_leave_out_their_job_alone(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="whole")
    store_looked_at(store, tmp_path, [RED_THEN_BLUE], job_id="damaged", source_id=OTHER_SOURCE)
    store.put(keys.part_output("damaged", Stage.DETECT, 0, keys.REGIONS), b"no index")

    answer = search("red")

    assert {moment.job_id for moment in answer.moments} == {"whole"}
    assert "is no index of regions that can be read" in answer.notes[0]


def test_nothing_to_search_is_said(store: ObjectStore, tmp_path: Path, search: Search) -> None:
    with pytest.raises(SettingsError, match="kept regions to search"):
        search("red")
    store_looked_at(store, tmp_path, [None])
    with pytest.raises(SettingsError, match="kept regions to search"):
        search("red")


def test_a_long_list_is_asked_in_blocks_and_a_thing_shows_its_best_word(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_looked_at(store, tmp_path, [RED_THEN_BLUE])
    many = [f"thing {number}" for number in range(5000)]

    answer = search("red", *many, "blue")

    assert sorted(moment.word for moment in answer.moments) == ["blue", "red"]
    assert len(answer.words) == 5002


def test_how_near_a_word_came_is_said_where_it_was_not_found(
    store: ObjectStore, tmp_path: Path, search: Search
) -> None:
    store_looked_at(store, tmp_path, [RED_THEN_BLUE])

    (red,) = search("red", threshold=0.95).words

    assert (red.things, red.best_score) == (0, pytest.approx(0.9, abs=0.01))


def test_a_flicker_is_nothing(store: ObjectStore, tmp_path: Path, search: Search) -> None:
    frames = [[("red", 0)] + ([("blue", 40)] if number == 5 else []) for number in range(10)]
    store_looked_at(store, tmp_path, [frames])

    answer = search("red", "blue")

    assert [moment.word for moment in answer.moments] == ["red"]
