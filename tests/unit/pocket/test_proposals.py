import torch

from training.pocket.augmentation import NOTHING
from training.pocket.batch import Batch
from training.pocket.losses import second_look
from training.pocket.photographs import IGNORED
from training.pocket.proposals import Proposed, annotated, proposed

DOG, UNSAID = [10.0, 10, 50, 50], [80.0, 80, 120, 120]
BESIDE_DOG, IN_UNSAID, EMPTY = [10.0, 12, 50, 52], [82.0, 82, 110, 110], [90.0, 10, 120, 40]


def propose(*boxes: list[float]) -> Proposed:
    """What is made of these predictions of a picture with a dog (category 16) and a box nobody named."""
    batch = Batch(
        images_BCHW=torch.zeros(1, 3, 128, 128),
        truth_BG4=torch.tensor([[DOG, UNSAID, [0.0, 0, 0, 0]]]),
        category_BG=torch.tensor([[16, IGNORED, NOTHING]]),
    )
    return proposed(
        torch.zeros(1, len(boxes)), torch.tensor([boxes]), batch, torch.Generator().manual_seed(0)
    )


def test_a_proposal_on_an_object_bears_its_category() -> None:
    found = propose(BESIDE_DOG)

    assert found.category_BR.tolist() == [[16]]
    assert found.truth_BR4.tolist() == [[DOG]]
    assert found.overlap_BR.item() > 0.8


def test_a_proposal_on_nothing_is_judged_but_bears_no_category() -> None:
    found = propose(EMPTY)

    assert found.category_BR.tolist() == [[NOTHING]]
    assert found.judged_BR.tolist() == [[True]]


def test_what_nobody_named_is_not_judged() -> None:
    assert propose(IN_UNSAID).judged_BR.tolist() == [[False]]


def test_the_second_look_learns_from_what_is_judged_alone() -> None:
    boxes, truth = torch.tensor([[BESIDE_DOG, EMPTY]]), torch.tensor([[DOG, DOG]])
    overlap, shifts = torch.tensor([[0.8, 0.0]]), torch.tensor([[[0.0, -0.05, 0, 0], [0.0, 0, 0, 0]]])
    sure, wrong = torch.tensor([[20.0, -20.0]]), torch.tensor([[20.0, 20.0]])

    right = second_look(sure, shifts, boxes, truth, overlap, torch.tensor([[True, True]]))
    too_sure = second_look(wrong, shifts, boxes, truth, overlap, torch.tensor([[True, True]]))
    excused = second_look(wrong, shifts, boxes, truth, overlap, torch.tensor([[True, False]]))

    assert right["quality"] < 1e-6
    assert right["shift"] < 1e-6
    assert too_sure["quality"] > 5
    assert excused["quality"] < 1e-6


def test_boxes_nobody_named_are_not_described() -> None:
    batch = Batch(
        images_BCHW=torch.zeros(1, 3, 128, 128),
        truth_BG4=torch.tensor([[DOG, *[UNSAID] * 13]]),
        category_BG=torch.tensor([[16, *[IGNORED] * 13]]),
    )

    chosen = annotated(batch, torch.Generator().manual_seed(0))

    assert chosen.described_BR.sum() == 1
    assert chosen.category_BR[chosen.described_BR].tolist() == [16]
