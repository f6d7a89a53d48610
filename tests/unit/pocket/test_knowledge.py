import torch

from training.pocket.knowledge import ImageNet, large_enough
from training.pocket.student import new_student


def test_a_student_that_has_learnt_nothing_says_what_imagenet_says() -> None:
    torch.manual_seed(0)
    pictures = torch.rand(2, 3, 128, 192).to(memory_format=torch.channels_last)
    boxes_px = torch.tensor([[[0.0, 0, 96, 128], [64.0, 32, 192, 128]]]).repeat(2, 1, 1)
    boxes = boxes_px / torch.tensor([192.0, 128, 192, 128])
    network = new_student().network.eval()

    known = ImageNet()(pictures, boxes)
    with torch.inference_mode():
        _, _, image_map, levels = network(pictures)
        said = network.describe(image_map, levels, boxes)

    assert known.shape == (2, 2, 1000)
    # one of the two reads in bfloat16
    assert (torch.cosine_similarity(known, said.image_logits_BRK, dim=-1) > 0.99).all()
    assert torch.cosine_similarity(known[:, 0], known[:, 1], dim=-1).max() < 0.98


def test_small_regions_are_not_asked_about() -> None:
    boxes = torch.tensor([[[0.0, 0, 28, 40], [0.0, 0, 27, 400], [5.0, 5, 5, 5]]])

    assert large_enough(boxes).tolist() == [[True, False, False]]
