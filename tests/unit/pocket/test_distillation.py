import pytest
import torch

from tests.unit.pocket.pictures import DATA, photograph
from training.pocket.assignment import pairwise_iou
from training.pocket.distillation import Imitation, categories_of, location_terms, word_term
from training.pocket.teacher import TOWER_CHANNELS, Lesson, Teacher

PERSON = 0
BOX = [8.0, 8.0, 40.0, 40.0]


def lesson(objectness: list[float], boxes: list[list[float]]) -> Lesson:
    """Two points of one picture, two categories: the first point says the first, the second the second."""
    return Lesson(
        objectness_BP=torch.tensor([objectness]),
        boxes_BP4=torch.tensor([boxes]),
        categories_BPK=torch.tensor([[[0.9, 0.0], [0.0, 0.6]]]),
        towers_BEHW=[],
    )


def test_a_student_who_agrees_has_nothing_to_learn() -> None:
    taught = lesson([1.0, 0.0], [BOX, BOX])
    agrees, disagrees = torch.tensor([[20.0, -20.0, 5.0]]), torch.tensor([[-20.0, 20.0, 5.0]])
    boxes = torch.tensor([[BOX, [0.0, 0, 1, 1], [0.0, 0, 1, 1]]])  # the third point is of a level not taught

    right = location_terms(agrees, boxes, taught)
    wrong = location_terms(disagrees, boxes + 16, taught)

    assert sum(right.values()) < 1e-5
    assert all(wrong[name] > right[name] + 0.1 for name in right)


def test_the_teacher_is_asked_about_the_box_at_the_same_place() -> None:
    taught = lesson([0.5, 0.9], [BOX, [100.0, 100, 120, 120]])

    said = categories_of(torch.tensor([[BOX, [104.0, 100, 124, 120], [200.0, 0, 220, 20]]]), taught)

    assert torch.allclose(said[0], torch.tensor([[0.9, 0.0], [0.0, 0.6], [0.0, 0.0]]))


def test_only_regions_the_teacher_knows_teach_words() -> None:
    said = torch.tensor([[0.9, 0.0], [0.0, 0.0]])

    right = word_term(torch.tensor([[20.0, -20.0], [-20.0, 20.0]]), said)
    wrong = word_term(torch.tensor([[-20.0, 20.0], [-20.0, 20.0]]), said)

    assert right < 1e-4 < 1.0 < wrong


def test_imitation_is_learnt() -> None:
    torch.manual_seed(0)
    levels = [torch.randn(4, 8, 4, 4)]
    towers = torch.nn.Conv2d(8, TOWER_CHANNELS, 1)(levels[0]).detach()
    taught = Lesson(
        objectness_BP=torch.rand(4, 16),
        boxes_BP4=torch.zeros(4, 16, 4),
        categories_BPK=torch.zeros(4, 16, 2),
        towers_BEHW=[towers],
    )
    imitation = Imitation(8, 1)
    optimiser = torch.optim.Adam(imitation.parameters(), lr=0.03)
    before = imitation(levels, taught).item()

    for _ in range(200):
        optimiser.zero_grad()
        imitation(levels, taught).backward()
        optimiser.step()

    assert imitation(levels, taught).item() < 0.02 * before


def test_the_teacher_reads_turned_batches_of_any_size() -> None:
    path = DATA / "teacher" / "yolox_nano.onnx"
    if not path.exists():
        pytest.skip("needs the labelling model in ../shared/pocket-data")
    picture = torch.from_numpy(photograph("coco_000000409475.jpg")[:320].copy())
    turned = picture.flip(0, 1).permute(2, 0, 1)[None].float().sub(127).div(128)

    taught = Teacher(path, threads=1)(turned.repeat(2, 1, 1, 1))

    assert [t.shape[2:] for t in taught.towers_BEHW] == [(320 // s, 448 // s) for s in (8, 16, 32)]
    best = int(taught.objectness_BP[1].argmax())
    people_xyxy = torch.tensor([[88.0, 98, 209, 320], [246.0, 108, 402, 320]])
    people_turned = (torch.tensor([448.0, 320, 448, 320]) - people_xyxy)[:, [2, 3, 0, 1]]
    assert pairwise_iou(people_turned[None], taught.boxes_BP4[1:, [best]]).max() > 0.7
    assert int(taught.categories_BPK[1, best].argmax()) == PERSON
