import numpy as np
import pytest
import torch

from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.pictures import noise
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.pocket import PocketDetector
from workers.detectors.pocket.scoring import KnownNames, candidates, pack, word_probabilities

# three known names along the axes of a four-dimensional space, the first two ImageNet's
KNOWN = KnownNames(
    rows_AD=torch.eye(4)[:3], mean_D=torch.zeros(4), image_names=2, taught_SD=torch.eye(4)[2:3]
)
UNSURE = torch.zeros(1, 16)


def _words(*rows: tuple[float, ...]) -> EmbeddedVocabulary:
    labels = tuple(f"word {i}" for i in range(len(rows)))
    return EmbeddedVocabulary(
        vocabulary=Vocabulary(name="w", labels=labels), embeddings=np.array(rows, np.float32)
    )


def test_distractors_are_the_known_names_far_from_every_word() -> None:
    chosen = candidates(_words((0.9, 0.1, 0, 0), (0, 0, 0, 1.0)), KNOWN)

    assert chosen.labels == 2
    assert torch.equal(chosen.rows_AD[2:], KNOWN.rows_AD[1:])


@pytest.mark.parametrize("word", [(0, 0, 1.0, 0), (0, 0, 0, 1.0)], ids=["taught", "untaught"])
def test_one_word_alone_does_not_fit_everything(word: tuple[float, ...]) -> None:
    chosen = candidates(_words(word), KNOWN)

    packed = pack(torch.tensor([word, (1.0, 0, 0, 0)]), UNSURE.expand(2, -1) * 0)
    packed[:, 4:20] = torch.arange(16) % 2  # the stand-in classifier knows two names only
    like_the_word, like_a_distractor = word_probabilities(packed, chosen, sharpness=10.0)[1]

    assert like_the_word > 0.8
    assert like_a_distractor < 0.2


def test_imagenet_speaks_for_a_word_like_its_name() -> None:
    chosen = candidates(_words((0.95, 0, 0, 0.3), (0, 0, 0, 1.0)), KNOWN)
    nowhere = torch.zeros(1, 4)

    packed = pack(nowhere, UNSURE)
    packed[:, 4:20], packed[:, 20:] = 0, 0
    packed[:, 20] = 1.0  # certain of ImageNet's first name
    label, _ = word_probabilities(packed, chosen, sharpness=10.0)

    assert label.item() == 0


def test_imagenet_counts_for_more_where_no_box_taught_the_word() -> None:
    chosen = candidates(_words((0, 0, 1.0, 0), (0, 0, 0, 1.0)), KNOWN)

    taught, untaught = chosen.image_share_A[:2]

    assert taught < untaught


def test_synonyms_of_what_was_taught_are_taught(detector: PocketDetector, embed: Embed) -> None:
    words = ("person", "child", "sofa", "mug", "labrador", "taxi", "kettle", "hoverboard")

    chosen = candidates(embed(*words), detector._known)

    taught = [word for word, gain in zip(words, chosen.gain_A, strict=False) if gain == 0]
    assert taught == ["person", "child", "sofa", "mug"]


def test_kept_regions_rescore_to_what_detect_says(detector: PocketDetector, embed: Embed) -> None:
    frames, other = [noise(90, 160)], embed("kettle", "dog")

    kept = detector.detect(frames, embed("person"), threshold=0.9, regions=100)[0].regions
    direct = detector.detect(frames, other, threshold=0.0, regions=100)[0]

    assert kept is not None
    again = detector.rescore(kept, other, threshold=0.0)
    assert np.array_equal(again.scores, direct.scores)
    assert np.array_equal(again.label_ids, direct.label_ids)
    assert np.array_equal(again.boxes_xyxy_px, direct.boxes_xyxy_px)
