import numpy as np
import pytest

from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.pictures import noise
from vocabularies import Vocabulary, shipped_labels
from workers.detectors import EmbeddedVocabulary
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.pocket.imagenet_groups import groups
from workers.detectors.pocket.known_names import KnownNames
from workers.detectors.pocket.packed_looks import KEPT_NAMES, pack
from workers.detectors.pocket.prepared_words import WHOLE
from workers.detectors.pocket.scoring import WORD_POWER, Reading, Scorer

D = 1100
AXES = np.eye(D, dtype=np.float32)
# known names along the axes of a space: a thousand of ImageNet's, then COCO's eighty
KNOWN = KnownNames(
    rows_AD=AXES[:1080], mean_D=np.zeros(D, np.float32), image_names=1000, taught_SD=AXES[1000:1080]
)
TAUGHT, OTHER_TAUGHT, NOVEL, IMAGE = AXES[1000], AXES[1070], AXES[1090], AXES[0]
CERTAIN = np.ones(1, np.float32)


def _words(*rows: np.ndarray) -> EmbeddedVocabulary:
    labels = tuple(f"word {i}" for i in range(len(rows)))
    return EmbeddedVocabulary(
        vocabulary=Vocabulary(name="w", labels=labels), embeddings=np.array(rows, np.float32)
    )


def _region(looks: np.ndarray, *, image_name: int | None = None) -> np.ndarray:
    """Packed: what it looks like, and what ImageNet is sure of, or nothing."""
    return pack(looks[None], _sure_of() if image_name is None else _sure_of(image_name))


def _sure_of(*image_names: int) -> np.ndarray:
    """ImageNet's logits."""
    logits = np.zeros((1, 1000), np.float32)
    logits[0, list(image_names)] = 20
    return logits


def _full_of_pie(detector: PocketDetector, name: str) -> np.ndarray:
    """A region that is half one of COCO's names and half a fork, of which ImageNet sees a pot pie."""
    known, coco = detector._scorer.known, shipped_labels("coco")
    looks = known.rows_AD[[known.image_names + coco.index(one) for one in (name, "fork")]].sum(0)
    return pack(looks[None], _sure_of(964))


def _probability(score_of_a_certain_region: float) -> float:
    return float(score_of_a_certain_region ** (1 / WORD_POWER))


def _read(region: np.ndarray, *rows: np.ndarray, most: int = 1) -> Reading:
    return Scorer(KNOWN, sharpness=15.0).read(region, CERTAIN, _words(*rows), words_per_region=most)


@pytest.mark.parametrize("word", [TAUGHT, NOVEL], ids=["taught", "untaught"])
def test_one_word_alone_does_not_fit_everything(word: np.ndarray) -> None:
    like_it = _read(_region(word), word).scores_RW[0, 0]
    unlike_it = _read(_region(OTHER_TAUGHT), word).scores_RW[0, 0]

    assert like_it > 0.8
    assert unlike_it < 0.2


def test_adding_words_changes_no_score() -> None:
    rng = np.random.default_rng(0)
    others = rng.normal(size=(2500, D)).astype(np.float32)
    region = _region(TAUGHT + 0.3 * NOVEL, image_name=3)

    alone = _read(region, TAUGHT, NOVEL).label_scores_C
    among = _read(region, *others, TAUGHT, NOVEL).label_scores_C

    assert np.allclose(alone, among[-2:], atol=1e-5)


def test_the_list_decides_which_word_a_region_shows() -> None:
    shown = _read(_region(TAUGHT), OTHER_TAUGHT, TAUGHT, NOVEL)

    assert shown.labels_RW.tolist() == [[1]]


def test_imagenet_speaks_for_a_word_like_its_name() -> None:
    like_imagenets = 0.9 * IMAGE + 0.4 * NOVEL

    unsure = _read(_region(like_imagenets), like_imagenets).scores_RW[0, 0]
    sure = _read(_region(like_imagenets, image_name=0), like_imagenets).scores_RW[0, 0]

    assert sure > unsure


def test_imagenet_is_no_surer_than_sure_where_bytes_round_its_shares_up() -> None:
    region = _region(IMAGE, image_name=0)
    rounded_up = region.copy()
    rounded_up[0, D + KEPT_NAMES] = 1.01

    sure, surer = (_read(packed, IMAGE).scores_RW[0, 0] for packed in (region, rounded_up))

    assert surer == pytest.approx(sure, abs=0.01)


def test_a_word_near_a_taught_name_borrows_from_it_at_a_cost() -> None:
    near = 0.6 * TAUGHT + 0.8 * NOVEL

    name, borrower, stranger = _read(_region(TAUGHT), TAUGHT, near, NOVEL).label_scores_C

    assert name > borrower > stranger


def test_regions_bear_several_words_best_first() -> None:
    read = _read(_region(TAUGHT + 0.5 * OTHER_TAUGHT), NOVEL, OTHER_TAUGHT, TAUGHT, most=2)

    assert read.labels_RW.tolist() == [[2, 1]]
    assert read.scores_RW[0, 0] >= read.scores_RW[0, 1]


def test_no_region_is_no_error() -> None:
    read = Scorer(KNOWN, sharpness=15.0).read(
        _region(TAUGHT)[:0], CERTAIN[:0], _words(TAUGHT, NOVEL), words_per_region=3
    )

    assert read.labels_RW.shape == read.scores_RW.shape == (0, 2)
    assert read.label_scores_C.tolist() == [0, 0]


def test_packed_are_a_unit_embedding_and_the_likeliest_names() -> None:
    packed = _region(3 * TAUGHT, image_name=7)

    assert packed.dtype == np.float16
    assert packed.shape == (1, D + 2 * KEPT_NAMES)
    assert packed[0, 1000] == 1
    assert packed[0, D] == 7
    assert packed[0, D + KEPT_NAMES] == pytest.approx(1, abs=1e-3)


def test_imagenet_tells_kinds_of_a_taught_thing_apart(detector: PocketDetector, embed: Embed) -> None:
    scorer = detector._scorer
    beagle, pug = (scorer.words(embed(breed)) for breed in ("beagle", "pug"))
    dog = shipped_labels("coco").index("dog")

    assert beagle.coco.is_kind_C.tolist() == pug.coco.is_kind_C.tolist() == [True]
    assert beagle.coco.nearest_O_C.tolist() == pug.coco.nearest_O_C.tolist() == [dog]


def test_the_likeliest_breed_is_as_sure_as_the_dog(detector: PocketDetector, embed: Embed) -> None:
    scorer = detector._scorer
    dog_and_cat = [scorer.known.image_names + shipped_labels("coco").index(name) for name in ("dog", "cat")]
    looks = scorer.known.rows_AD[dog_and_cat].sum(0)
    logits = np.zeros((1, 1000), np.float32)
    logits[0, [162, 254, 250]] = 12.0, 11.0, 6.0  # beagle, pug, Siberian husky

    dog, beagle, pug, husky = scorer.read(
        pack(looks[None], logits), CERTAIN, embed("dog", "beagle", "pug", "husky")
    ).label_scores_C

    assert beagle == pytest.approx(dog, abs=0.02)
    assert beagle > pug + 0.05
    assert pug > husky + 0.2


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("boat", ("canoe", "sailboat")),
        ("chair", ("rocking chair", "folding chair")),
        ("motorcycle", ("moped",)),
        ("wine glass", ("goblet",)),
    ],
)
def test_a_kind_that_boxes_taught_is_as_sure_as_the_thing_where_imagenet_sees_it(
    detector: PocketDetector, embed: Embed, name: str, kinds: tuple[str, ...]
) -> None:
    words = embed(name, *kinds)
    looks = detector._scorer.known.unit(words.embeddings[:1])[0]
    (first, *_) = np.flatnonzero(groups((kinds[0],), np.zeros((1, 1000), np.float32))[0])

    thing, likeliest, *others = detector._scorer.read(
        pack(looks[None], _sure_of(int(first))), CERTAIN, words
    ).label_scores_C

    assert likeliest == pytest.approx(thing, abs=0.06)
    assert all(other < likeliest for other in others)


def test_the_likeliest_of_few_kinds_is_as_sure_as_the_thing_whatever_is_in_it(
    detector: PocketDetector, embed: Embed
) -> None:
    words = embed("bowl", "soup bowl", "mixing bowl")

    bowl, *kinds = detector._scorer.read(_full_of_pie(detector, "bowl"), CERTAIN, words).label_scores_C

    assert max(kinds) == pytest.approx(bowl, abs=0.02)


def test_of_many_kinds_none_is_as_sure_as_the_thing_where_imagenet_sees_none(
    detector: PocketDetector, embed: Embed
) -> None:
    words = embed("dog", "beagle", "pug")

    dog, *breeds = detector._scorer.read(_full_of_pie(detector, "dog"), CERTAIN, words).label_scores_C

    assert max(breeds) < dog - 0.2


@pytest.mark.parametrize(
    ("name", "same"),
    [
        ("bottle", "bottle (glass or plastic vessel used for storing drinks)"),
        ("laptop", "laptop computer"),
    ],
)
def test_what_stands_for_the_same_names_is_as_sure(
    detector: PocketDetector, embed: Embed, name: str, same: str
) -> None:
    words = embed(name, same)

    thing, other = detector._scorer.read(_full_of_pie(detector, name), CERTAIN, words).label_scores_C

    assert other == pytest.approx(thing, abs=0.01)


def test_what_is_only_near_is_not_as_sure(detector: PocketDetector, embed: Embed) -> None:
    words = embed("cup", "measuring cup")

    cup, near = detector._scorer.read(_full_of_pie(detector, "cup"), CERTAIN, words).label_scores_C

    assert near < cup - 0.05


def test_another_spelling_is_as_sure_as_the_name(detector: PocketDetector, embed: Embed) -> None:
    words = embed("motorcycle", "motorbike")
    looks = detector._scorer.known.unit(words.embeddings[:1])[0]

    name, spelling = detector._scorer.read(_region(looks, image_name=0), CERTAIN, words).label_scores_C

    assert spelling == pytest.approx(name, abs=1e-5)


def test_another_spelling_is_preferred_to_what_is_only_near_the_name(
    detector: PocketDetector, embed: Embed
) -> None:
    mug, neighbour = detector._scorer.words(embed("coffee mug", "measuring cup")).coco.preference_C

    assert mug > neighbour + 0.5


@pytest.mark.parametrize(("name", "spelling"), [("cow", "calf"), ("horse", "foal"), ("umbrella", "parasol")])
def test_beside_the_name_another_spelling_is_not_shown(
    detector: PocketDetector, embed: Embed, name: str, spelling: str
) -> None:
    words = embed(spelling, name)
    looks = detector._scorer.known.unit(words.embeddings[1:])[0]

    shown = detector._scorer.read(_region(looks, image_name=0), CERTAIN, words)

    assert shown.labels_RW.tolist() == [[1]]


@pytest.mark.parametrize("role", ["bridegroom", "scuba diver", "baseball player"])
def test_a_role_is_no_kind_of_person(detector: PocketDetector, embed: Embed, role: str) -> None:
    assert not detector._scorer.words(embed(role)).coco.is_kind_C[0]


def test_the_kite_that_is_a_bird_means_a_bird(detector: PocketDetector, embed: Embed) -> None:
    bird, kite = (shipped_labels("coco").index(name) for name in ("bird", "kite"))

    meaning = detector._scorer.meanings(embed("kite (bird of prey)", "kite"), least=0.5)

    assert meaning.tolist() == [bird, kite]


def test_a_hypernym_stands_for_all_its_kinds() -> None:
    (ball,), (person,) = (groups([word], np.zeros((1, 1000), np.float32)) for word in ("balls", "no word"))

    assert ball.sum() == 10
    assert person.sum() == 0


def test_one_breed_is_not_another_however_alike_their_names_are(
    detector: PocketDetector, embed: Embed
) -> None:
    breeds = embed("German Shepherd Dog", "Sussex Spaniel", "King Charles Spaniel")
    blenheim_spaniel = 156  # what ImageNet calls the last of them

    shares = detector._scorer.words(breeds).translation_KC[blenheim_spaniel]

    assert shares.tolist() == [0, 0, WHOLE]


def test_every_name_of_the_shipped_list_stands_for_itself() -> None:
    labels = shipped_labels("imagenet1k")

    stands_for = groups(labels, np.zeros((1000, 1000), np.float32))

    assert stands_for.diagonal().all()


def test_what_is_surely_a_person_is_nothing_that_has_nothing_to_do_with_people(
    detector: PocketDetector, embed: Embed
) -> None:
    words = embed("person", "gymnastic horizontal bar", "groom")
    person = detector._scorer.known.unit(words.embeddings[:1])
    horizontal_bar, groom = 602, 982
    region = pack(person, _sure_of(horizontal_bar, groom))

    shown, bar, man = detector._scorer.read(region, CERTAIN, words).label_scores_C

    assert _probability(bar) <= 1 - _probability(shown) + 1e-3
    assert man > bar


def test_kept_regions_rescore_to_what_detect_says(detector: PocketDetector, embed: Embed) -> None:
    frames, other = [noise(90, 160)], embed("kettle", "dog")

    kept = detector.detect(frames, embed("person"), threshold=0.0, regions=100)[0].regions
    direct = detector.detect(frames, other, threshold=0.0, regions=100)[0]

    assert kept is not None
    again = detector.rescore(kept, other, threshold=0.0)
    assert np.array_equal(again.scores, direct.scores)
    assert np.array_equal(again.label_ids, direct.label_ids)
    assert np.array_equal(again.boxes_xyxy_px, direct.boxes_xyxy_px)
