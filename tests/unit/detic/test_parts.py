"""What single parts promise, beyond what the numbers of the official code show."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from tests.support.pasting import paste_mask
from tests.unit.detic.goldens import COMMITTED
from workers.detectors.detic import suppression
from workers.detectors.detic.batching import fitting_batch, in_batches, largest_batch
from workers.detectors.detic.cascade import CascadeRegions
from workers.detectors.detic.config import CONVNEXT_T, RESNET_18, SWIN_B, DeticConfig, SelectionConfig
from workers.detectors.detic.model import build
from workers.detectors.detic.preprocessing import resize_as_trained, resize_on_device
from workers.detectors.detic.roi_pooling import pool_regions, pyramid_level
from workers.detectors.detic.selection import select


def _boxes(count, seed=0, spread=100.0):
    generator = torch.Generator().manual_seed(seed)
    corner = torch.rand(count, 2, generator=generator) * spread
    boxes = torch.cat([corner, corner + 10 + 20 * torch.rand(count, 2, generator=generator)], dim=1)
    return boxes, torch.rand(count, generator=generator)


@pytest.mark.parametrize("ties", [False, True])
def test_suppression_of_a_prefix_gives_what_suppression_of_all_gives(monkeypatch, ties):
    boxes, scores = _boxes(900)
    scores = (scores * 50).round() / 50
    whole = suppression.best_after_suppression(boxes, scores, overlap_iou=0.5, best=20, ties=ties)
    monkeypatch.setattr(suppression, "FIRST_PREFIX", 16)

    prefix = suppression.best_after_suppression(boxes, scores, overlap_iou=0.5, best=20, ties=ties)

    assert torch.equal(prefix, whole)
    assert len(whole) >= 20


def test_groups_never_suppress_each_other():
    boxes, scores = _boxes(50)
    twice = torch.cat([boxes, boxes])
    group = torch.arange(2).repeat_interleave(50) * 20_000

    kept = suppression.best_after_suppression(
        twice, scores.repeat(2), overlap_iou=0.5, best=100, group_N=group
    )

    alone = suppression.best_after_suppression(boxes, scores, overlap_iou=0.5, best=100)
    assert sorted((kept % 50).tolist()) == sorted(alone.tolist() * 2)


def test_nothing_survives_of_nothing():
    none = suppression.best_after_suppression(
        torch.zeros(0, 4), torch.zeros(0), overlap_iou=0.5, best=5, group_N=torch.zeros(0)
    )

    assert none.shape == (0,)


def _regions(scores):
    """Regions far apart, whose embeddings are axes, so a column of the classifier is of one region."""
    count = len(scores)
    corner = torch.arange(count)[:, None] * 100.0
    return CascadeRegions(
        boxes_xyxy=torch.cat([corner, corner, corner + 10, corner + 10], dim=1),
        embeddings_SRD=torch.eye(count)[None].repeat(3, 1, 1),
        objectness=torch.tensor(scores),
        image=torch.zeros(count, dtype=torch.int64),
    )


def test_a_region_keeps_every_class_that_ties_for_its_best():
    columns = torch.tensor([[1.0, 0.0], [1.0, 0.0], [0.0, 1.0]]).t()

    pairs = select(_regions([0.9, 0.8]), columns, threshold=0.7, config=SelectionConfig())

    assert sorted(zip(pairs.region.tolist(), pairs.label.tolist(), strict=True)) == [(0, 0), (0, 1), (1, 2)]


def test_regions_that_are_not_finite_are_dropped():
    regions = _regions([0.9, 0.8])
    regions.boxes_xyxy[0, 2] = torch.inf

    pairs = select(regions, torch.eye(2), threshold=0.5, config=SelectionConfig())

    assert pairs.region.tolist() == [1]


def test_many_classes_a_region_are_the_best_of_all_pairs(monkeypatch):
    generator = torch.Generator().manual_seed(0)
    boxes, objectness = _boxes(40)
    embeddings = torch.nn.functional.normalize(torch.randn(3, 40, 16, generator=generator), dim=2)
    columns = torch.nn.functional.normalize(torch.randn(16, 5000, generator=generator), dim=0)
    regions = CascadeRegions(
        boxes_xyxy=boxes,
        embeddings_SRD=embeddings,
        objectness=objectness,
        image=torch.arange(2).repeat_interleave(20),
    )
    config = SelectionConfig(one_class_per_region=False, best_per_image=30)
    pruned = select(regions, columns, threshold=0.1, config=config)
    unpruned = select(regions, columns, threshold=0.1, config=replace(config, best_per_image=5000))

    for image in (0, 1):
        best = unpruned[(unpruned.region // 20 == image).nonzero().squeeze(1)[:30]]
        mine = pruned[(pruned.region // 20 == image).nonzero().squeeze(1)]
        assert torch.equal(mine.scores, best.scores)
        clearly = best.scores > best.scores[-1]  # those that tie for the last place are any
        assert sorted(mine.label[clearly].tolist()) == sorted(best.label[clearly].tolist())


def test_the_level_of_a_region_follows_its_size():
    sides = torch.tensor([0.0, 10.0, 223.0, 224.0, 447.0, 448.0, 5000.0])
    boxes = torch.stack([sides * 0, sides * 0, sides, sides], dim=1)

    assert pyramid_level(boxes).tolist() == [3, 3, 3, 4, 4, 5, 5]


def test_an_empty_region_pools_to_zeros():
    pyramid = [torch.ones(1, 2, 16 // scale, 16 // scale) for scale in (1, 2, 4)]

    pooled = pool_regions(pyramid, torch.tensor([[5.0, 5.0, 5.0, 5.0]]), torch.zeros(1, dtype=torch.int64), 7)

    assert pooled.shape == (1, 2, 7, 7)
    assert (pooled == 0).all()


def test_the_resize_on_a_device_gives_the_official_pixels_but_for_ties():
    picture = np.array(Image.open(COMMITTED / "picture.png").convert("RGB"))
    for height_width in ((400, 533), (100, 133)):
        official = resize_as_trained(picture, height_width)

        mine = resize_on_device(torch.from_numpy(picture)[None], height_width)[0]

        difference = (mine.int() - official.int()).abs()
        assert difference.max() <= 1
        assert (difference > 0).float().mean() < 0.002


def test_a_pasted_mask_stays_in_its_box_and_in_the_frame():
    mask = np.ones((28, 28), np.float32)

    pasted = paste_mask(mask, np.array([-5.0, 2.25, 10.5, 30.0], np.float32), (20, 40))

    assert pasted.shape == (20, 40)
    assert pasted[3:20, 0:10].all()
    assert not pasted[:2].any()
    assert not pasted[:, 11:].any()


def test_the_batch_fits_the_memory():
    gib = 1 << 30

    assert [fitting_batch(free * gib, gib) for free in (1, 3, 12, 80)] == [1, 2, 8, 32]


@pytest.mark.parametrize(("frames_that_fit", "found"), [(64, 16), (16, 16), (9, 8), (1, 1)])
def test_the_batch_size_is_searched_from_what_should_fit_downwards(frames_that_fit, found):
    tried = []

    def run(count):
        tried.append(count)
        if count > frames_that_fit:
            raise torch.OutOfMemoryError

    assert largest_batch(run, free_bytes=20 << 30, bytes_per_frame=1 << 30) == found
    assert tried == [16 >> halvings for halvings in range(len(tried))]


def test_a_network_that_has_no_room_for_one_frame_is_an_error():
    def run(count):
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        largest_batch(run, free_bytes=1 << 30, bytes_per_frame=1 << 28)


def test_what_was_too_much_is_let_go_before_the_smaller_batch(monkeypatch):
    class Tensor:
        """Counts itself, as memory does."""

        alive = 0

        def __init__(self):
            Tensor.alive += 1

        def __del__(self):
            Tensor.alive -= 1

    alive_at_clearing = []
    monkeypatch.setattr(torch.cuda, "empty_cache", lambda: alive_at_clearing.append(Tensor.alive))

    def run(frames):
        activations = Tensor()
        if len(frames) > 1:
            raise torch.OutOfMemoryError(activations)
        return list(frames)

    assert in_batches(run, [0, 1, 2], 4) == ([0, 1, 2], 1)
    assert alive_at_clearing == [0, 0]


def test_frames_keep_their_order_when_batches_are_halved():
    def run(frames):
        if len(frames) > 2:
            raise torch.OutOfMemoryError
        return list(frames)

    assert in_batches(run, list(range(7)), 8) == ([0, 1, 2, 3, 4, 5, 6], 2)


def test_a_last_batch_is_filled_for_a_compiled_network():
    sizes = []

    def run(frames):
        sizes.append(len(frames))
        return list(frames)

    assert in_batches(run, [0, 1, 2, 3, 4], 4, fill=True) == ([0, 1, 2, 3, 4], 4)
    assert sizes == [4, 4]


def test_one_frame_that_is_too_much_is_an_error():
    def run(frames):
        raise torch.OutOfMemoryError

    with pytest.raises(torch.OutOfMemoryError):
        in_batches(run, [0, 1], 2)


@pytest.mark.parametrize("backbone", [RESNET_18, CONVNEXT_T, SWIN_B], ids=["resnet", "convnext", "swin"])
def test_the_dense_part_compiles_as_one_graph(backbone):
    torch.manual_seed(0)
    model = build(DeticConfig(backbone=backbone))
    images = torch.randn(1, 3, 64, 96)
    compiled = torch.compile(model, backend="eager", fullgraph=True, dynamic=False)

    with torch.inference_mode():
        expected, maps = model(images), compiled(images)

    assert all(torch.allclose(*pair) for pair in zip(maps.pyramid, expected.pyramid, strict=True))
