"""From what was seen in pictures to entries: made-up looks whose classes are known."""

from dataclasses import replace

import numpy as np
import pytest

from api_client.errors import SettingsError
from tests.colour_detector import ColourDetector
from vocabularies import VocabularyError
from vocabularies.learnt_file import learnt_bytes, learnt_entries
from workers.learning.calibration import ORDINARY_TAKEN_FOR_IT, TAKEN_FOR_IT, calibrated
from workers.learning.confusion import check_told_apart
from workers.learning.examples import Pictures
from workers.learning.learn import learn

NUMBERS = 16


class Seeing(ColourDetector):
    """A detector that ships what is ordinary: noise around nought."""

    class Rescorer:
        space = "made up"

        def ordinary(self):
            return np.random.default_rng(0).normal(size=(500, NUMBERS)).astype(np.float32)

    rescorer = Rescorer()


def pictures(label: str, direction: int, count: int = 20, *, distance: float = 6.0) -> Pictures:
    """Looks that lie in one direction, more or less."""
    looks = np.random.default_rng(direction + 1).normal(size=(count, NUMBERS)).astype(np.float32)
    looks[:, direction] += distance
    return Pictures(label=label, looks_NG=looks, others_NG=looks[:0], without=())


def test_what_is_learnt_is_told_apart_and_from_everything_ordinary():
    learnt = learn(Seeing(), [pictures("pug", 0), pictures("beagle", 1)])

    chances, none = learnt.entries.chances(pictures("", 1, 50).looks_NG)
    ordinary, _ = learnt.entries.chances(Seeing.rescorer.ordinary())
    assert learnt.entries.labels == ("pug", "beagle")
    assert (chances.argmax(axis=1) == 1).mean() > 0.95
    assert none.mean() < 0.2
    assert (ordinary.max(axis=1) > 0.5).mean() < 0.02


def test_held_out_pictures_say_which_labels_are_taken_for_which():
    learnt = learn(Seeing(), [pictures("pug", 0), pictures("beagle", 1)])

    assert learnt.confusion.counts_EE.sum(axis=1).tolist() == [20, 20]
    assert learnt.confusion.right > 0.95
    assert list(learnt.confusion.pairs(below=0.8)) == []


def test_labels_that_cannot_be_told_apart_are_refused():
    same = [pictures("husky", 0), pictures("malamute", 0)]
    learnt = learn(Seeing(), same)

    with pytest.raises(SettingsError, match="'husky' and 'malamute' cannot be told apart"):
        check_told_apart(learnt.confusion)


def test_what_is_not_meant_is_found_less():
    near = pictures("fox", 1).looks_NG + 3 * np.eye(NUMBERS, dtype=np.float32)[0]
    fox = Pictures(label="", looks_NG=near, others_NG=near[:0], without=())

    alone = learn(Seeing(), [pictures("pug", 0)])
    against = learn(Seeing(), [pictures("pug", 0)], [fox])

    assert against.entries.chances(near)[0].mean() < 0.5 * alone.entries.chances(near)[0].mean()
    assert against.entries.labels == ("pug",)


def test_one_picture_is_enough_and_nothing_is_said_of_how_good():
    learnt = learn(Seeing(), [pictures("bag", 2, 1, distance=12)])

    assert learnt.confusion is None
    assert learnt.entries.chances(pictures("", 2, 20, distance=12).looks_NG)[0].mean() > 0.5


def test_of_two_that_are_both_sure_the_surer_is_likelier():
    entries = learn(Seeing(), [pictures("pug", 0), pictures("beagle", 1)]).entries
    far = replace(entries, slope=100.0)

    chances, _ = far.chances(pictures("", 1, 20).looks_NG)

    assert np.isfinite(chances).all()
    assert (chances[:, 1] > 0.99).mean() > 0.9


def test_a_file_holds_all_of_it():
    entries = learn(Seeing(), [pictures("pug", 0)], [pictures("", 1)]).entries

    read = learnt_entries(learnt_bytes(entries), "dogs.vocab")

    looks = pictures("", 0).looks_NG
    assert np.allclose(read.chances(looks)[0], entries.chances(looks)[0])
    assert (read.labels, read.detector, read.space) == (("pug",), "colour", "made up")
    assert learnt_bytes(read) == learnt_bytes(entries)


@pytest.mark.parametrize(
    "data", [b"", b"PAR1", learnt_bytes(learn(Seeing(), [pictures("a", 0)]).entries)[:-9]]
)
def test_a_file_that_is_none_is_told_in_one_line(data):
    with pytest.raises(VocabularyError, match="no vocabulary that `client learn` wrote"):
        learnt_entries(data, "dogs.vocab")


def test_what_is_learnt_alone_is_hardly_ever_taken_from_what_is_ordinary() -> None:
    rng = np.random.default_rng(0)
    ordinary = rng.normal(-10, 6, (4000, 1)).astype(np.float32)  # some of them look much like it
    mine = np.array([[8], [9], [12]], np.float32)
    truth = np.zeros(3, np.int64)

    alone = calibrated(mine, truth, ordinary)
    beside = calibrated(np.hstack([mine, mine - 30]), truth, np.hstack([ordinary, ordinary - 30]))

    taken = [float((it.slope * ordinary + it.offset >= TAKEN_FOR_IT).mean()) for it in (alone, beside)]
    assert taken[0] <= ORDINARY_TAKEN_FOR_IT * 1.01 < taken[1]
