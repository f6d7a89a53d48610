"""Every stage against the official code, on every file of its numbers that can be found."""

import re
from dataclasses import replace

import numpy as np
import pytest
import torch

from tests.support.pasting import paste_mask
from tests.unit.detic import agreement
from tests.unit.detic.goldens import INPUTS, REFERENCE, Golden, all_goldens, network, referenced
from workers.detectors.detic.cascade import apply_deltas, clip_boxes
from workers.detectors.detic.centernet import Proposals
from workers.detectors.detic.classifier import class_logits, classifier_weights
from workers.detectors.detic.config import SelectionConfig
from workers.detectors.detic.model import DenseMaps, Detic
from workers.detectors.detic.postprocessing import to_frame
from workers.detectors.detic.preprocessing import normalise, pad, resize_as_trained, resized_size
from workers.detectors.detic.selection import select

LEVELS = ("p3", "p4", "p5", "p6", "p7")
MODES = {
    "demo": (0.3, SelectionConfig(one_class_per_region=True)),
    "eval": (0.02, SelectionConfig(one_class_per_region=False)),
}
MASKS_COMPARED = 40

COMMON_BAR = (agreement.DETECTIONS_MATCHED, agreement.MASK_PIXELS)
UNSTEADY = {
    "detic-convnext-convnext": (0.95, 0.002),
    "detic-convnext-astronaut_tall_small": (0.98, 0.002),
}
"""Pictures on which this random network multiplies a shift of the proposals by 2500 and more, so that
rounding alone moves its last boxes beyond the tolerance (all others: 1400 at most; ResNets: 200). In float64,
so without rounding of ours, 98.5 % and 96.3 % of the first one's detections match, and 0.10 % of the second
one's mask pixels differ: what is missing is the official run's own rounding, which no other kernels repeat
(docs/decisions/0013). From the official proposals both meet the common bar like all others."""

FLOAT32_SPACING_PX = 3e-5
"""Of neighbouring coordinates between 256 and 512 pixels."""


class Run:
    """One picture through the network, stage by stage."""

    def __init__(self, golden: Golden) -> None:
        self.golden = golden
        self.theirs = golden.arrays()
        self.model: Detic = network(golden.release_name, golden.origin, golden.backbone)
        self.resized_hw = tuple(self.theirs["resized_hw"].tolist())
        self.pixels = resize_as_trained(golden.frame(), self.resized_hw)
        self.images = pad(normalise(self.pixels[None], INPUTS["full"]))
        with torch.inference_mode():
            self.backbone_maps = self.model.backbone.bottom_up(self.images)
            pyramid = self.model.backbone.fuse(*self.backbone_maps)
            logits, distances = self.model.proposal_generator(pyramid)
            self.maps = DenseMaps(pyramid=pyramid, logits=logits, distances=distances)
            self.proposals = self.model.proposal_generator.decode(logits, distances)
            self.regions = self.model.roi_heads(pyramid, self.proposals, self.resized_hw)

    def their_proposals(self) -> Proposals:
        boxes = torch.from_numpy(self.theirs["proposals.boxes"])
        image = torch.zeros(len(boxes), dtype=torch.int64)
        return Proposals(
            boxes_xyxy=boxes, scores=torch.from_numpy(self.theirs["proposals.scores"]), image=image
        )


def _parameter(golden: Golden):
    marks = [pytest.mark.full, pytest.mark.timeout(1800)] if golden.size == "full" else []
    return pytest.param(golden, id=golden.id, marks=marks)


@pytest.fixture(scope="session", params=[_parameter(golden) for golden in all_goldens()])
def run(request) -> Run:
    torch.set_num_threads(1)
    return Run(request.param)


def test_the_reference_folder_is_looked_through():
    if not REFERENCE.is_dir():
        pytest.skip(f"no reference numbers in {REFERENCE}: the committed ones alone are compared")

    assert len(referenced()) == len(list(REFERENCE.rglob("golden_*_*.npz"))) > 0


def test_resize_gives_the_official_pixels(run):
    theirs, golden = run.theirs, run.golden

    assert tuple(theirs["orig_hw"]) == golden.frame().shape[:2]
    if golden.size in INPUTS:
        assert resized_size(tuple(theirs["orig_hw"].tolist()), INPUTS[golden.size]) == run.resized_hw
    assert run.images.shape[2:] == tuple(theirs["padded_hw"])
    assert np.abs(run.images[0, :, ::16, ::16].numpy() - theirs["input.sample"]).max() < 1e-6
    resized = golden.picture.with_name(f"{golden.picture.stem}_{golden.size}.png")
    if resized.exists():
        assert np.array_equal(run.pixels.numpy(), replace(golden, picture=resized).frame())


def test_backbone_and_pyramid(run):
    names = sorted({match[1] for key in run.theirs if (match := re.match(r"bottom_up\.(\w+)\.sample", key))})
    mine = dict(zip((f"bottom_up.{name}" for name in names), run.backbone_maps, strict=bool(names)))
    mine |= {f"fpn.{level}": map_ for level, map_ in zip(LEVELS, run.maps.pyramid, strict=True)}

    for name, map_ in mine.items():
        assert tuple(map_.shape) == tuple(run.theirs[f"{name}.shape"])
        assert (
            np.abs(agreement.sample(map_[0].numpy()) - run.theirs[f"{name}.sample"]).max() < agreement.FEATURE
        )
        mean_std = np.array([map_.mean(), map_.std()])
        assert np.abs(mean_std - run.theirs[f"{name}.meanstd"]).max() < agreement.FEATURE


def test_proposal_head(run):
    for level, logits, distances in zip(LEVELS, run.maps.logits, run.maps.distances, strict=True):
        for key, map_ in (("hm_logit_sample", logits), ("reg_sample", distances)):
            theirs = run.theirs.get(f"centernet.{level}.{key}")
            if theirs is not None:
                mine = map_[0, :, :: max(1, map_.shape[2] // 20), :: max(1, map_.shape[3] // 20)]
                assert np.abs(mine.numpy() - theirs).max() < agreement.FEATURE


def test_proposals(run):
    mine = run.proposals
    classes, their_classes = (np.zeros(len(x)) for x in (mine.scores, run.theirs["proposals.scores"]))

    matches = agreement.match(
        (mine.boxes_xyxy.numpy(), mine.scores.numpy(), classes),
        (run.theirs["proposals.boxes"], run.theirs["proposals.scores"], their_classes),
        agreement.PROPOSAL_SCORE,
    )

    assert matches.fraction >= agreement.PROPOSALS_MATCHED
    assert (mine.scores.diff() <= 0).all()


@torch.inference_mode()
def test_cascade_fed_with_the_official_proposals(run):
    proposals = run.their_proposals()
    boxes = [
        proposals.boxes_xyxy,
        *(torch.from_numpy(run.theirs[f"cascade.stage{stage}_in_boxes"]) for stage in (1, 2)),
    ]

    for stage in range(3):
        embeddings, deltas = run.model.roi_heads.stage(stage, run.maps.pyramid, boxes[stage], proposals.image)

        assert np.abs(deltas.numpy() - run.theirs[f"cascade.stage{stage}_deltas"]).max() < agreement.STAGE
        if stage < 2:
            weights = run.model.roi_heads.config.delta_weights[stage]
            moved = clip_boxes(apply_deltas(boxes[stage], deltas, weights), run.resized_hw)
            assert (moved - boxes[stage + 1]).abs().max() < agreement.BOX_PX
        for name, words in run.golden.vocabularies().items():
            logits = class_logits(embeddings, classifier_weights(torch.from_numpy(words)))
            _compare_logits(logits.numpy(), run.theirs, f"{name}.stage{stage}")


def _compare_logits(logits, theirs, key):
    theirs_top = theirs[f"{key}_top5_logit"]
    mine_top = np.sort(logits, axis=1)[:, : -theirs_top.shape[1] - 1 : -1]
    at_their_classes = np.take_along_axis(logits, theirs[f"{key}_top5_class"].astype(np.int64), axis=1)
    assert np.abs(mine_top - theirs_top).max() < agreement.STAGE
    assert np.abs(at_their_classes - theirs_top).max() < agreement.STAGE
    if f"{key}_logit_sample" in theirs:
        with_background = np.pad(logits, ((0, 0), (0, 1)))
        mine = with_background[::16, :: max(1, with_background.shape[1] // 16)]
        assert np.abs(mine - theirs[f"{key}_logit_sample"]).max() < agreement.STAGE


@pytest.mark.parametrize("mode", MODES)
@torch.inference_mode()
def test_detections_from_the_official_proposals(run, mode):
    regions = run.model.roi_heads(run.maps.pyramid, run.their_proposals(), run.resized_hw)

    for name, words in run.golden.vocabularies().items():
        theirs = _of(run.theirs, name, mode)
        mine, resized_boxes = _detect(run, regions, words, mode)

        matches = _matches(mine, theirs)
        assert matches.fraction >= agreement.DETECTIONS_MATCHED
        if run.golden.id in UNSTEADY:
            _compare_masks(run, resized_boxes, mine[0], theirs, matches, agreement.MASK_PIXELS)


@torch.inference_mode()
def test_a_lower_bar_is_only_where_float_noise_moves_boxes_beyond_the_tolerance(run):
    if run.golden.id not in UNSTEADY:
        return
    official, moved_px = run.their_proposals(), []
    before = run.model.roi_heads(run.maps.pyramid, official, run.resized_hw)

    for seed in range(3):
        noise = torch.randn(official.boxes_xyxy.shape, generator=torch.Generator().manual_seed(seed))
        nudged = replace(official, boxes_xyxy=official.boxes_xyxy + FLOAT32_SPACING_PX * noise)
        after = run.model.roi_heads(run.maps.pyramid, nudged, run.resized_hw)
        moved_px.append(float((after.boxes_xyxy - before.boxes_xyxy).abs().max()))

    assert max(moved_px) > agreement.BOX_PX


@pytest.mark.parametrize("mode", MODES)
@torch.inference_mode()
def test_detections_and_masks(run, mode):
    for name, words in run.golden.vocabularies().items():
        theirs = _of(run.theirs, name, mode)
        mine, resized_boxes = _detect(run, run.regions, words, mode)

        assert abs(len(mine[0]) - len(theirs["boxes"])) <= 0.01 * max(1, len(theirs["boxes"]))
        assert (np.diff(mine[1]) <= 0).all()
        matched, mask_pixels = UNSTEADY.get(run.golden.id, COMMON_BAR)
        matches = _matches(mine, theirs)
        assert matches.fraction >= matched
        _compare_masks(run, resized_boxes, mine[0], theirs, matches, mask_pixels)


@pytest.mark.parametrize("mode", MODES)
@torch.inference_mode()
def test_mask_probabilities_at_the_official_boxes(run, mode):
    height, width = (int(side) for side in run.theirs["orig_hw"])
    to_resized = np.array([run.resized_hw[1] / width, run.resized_hw[0] / height] * 2)
    for name in run.golden.vocabularies():
        theirs = _of(run.theirs, name, mode)
        expected = theirs["mask28_first4"]

        boxes = torch.from_numpy(theirs["boxes"][: len(expected)] * to_resized).float()
        masks = run.model.roi_heads.masks(run.maps.pyramid, boxes, torch.zeros(len(boxes), dtype=torch.int64))

        assert np.abs(masks.numpy() - expected).max() < agreement.MASK_PROBABILITY


def _of(theirs, name, mode):
    return {key.removeprefix(f"{name}.{mode}."): value for key, value in theirs.items()}


def _detect(run, regions, words, mode):
    """Return (boxes, scores, classes) in the picture, and the boxes in the resized one."""
    threshold, config = MODES[mode]
    pairs = select(regions, classifier_weights(torch.from_numpy(words)), threshold=threshold, config=config)
    resized_boxes = regions.boxes_xyxy[pairs.region]
    boxes, has_area = to_frame(resized_boxes, run.resized_hw, tuple(run.theirs["orig_hw"].tolist()))
    return tuple(part[has_area].numpy() for part in (boxes, pairs.scores, pairs.label)), resized_boxes[
        has_area
    ]


def _matches(mine, theirs):
    return agreement.match(
        mine, (theirs["boxes"], theirs["scores"], theirs["classes"]), agreement.FINAL_SCORE
    )


def _compare_masks(run, resized_boxes, boxes, theirs, matches, bar):
    """Those the file keeps, of the detections that were matched."""
    kept = len(theirs["boxes"]) if run.golden.size == "full" else MASKS_COMPARED
    rows = np.flatnonzero(matches.agree[:kept])
    mine = torch.from_numpy(matches.nearest[rows])
    image = torch.zeros(len(rows), dtype=torch.int64)
    masks = run.model.roi_heads.masks(run.maps.pyramid, resized_boxes[mine], image).numpy()
    frame_hw = tuple(run.theirs["orig_hw"].tolist())
    differing = total = 0
    for mask, row, box in zip(masks, rows, boxes[mine.numpy()], strict=True):
        pasted = paste_mask(mask, box, frame_hw)
        total += int(theirs["mask_area"][row])
        differing += _differing_pixels(pasted, theirs, row)
    assert differing <= bar * total


def _differing_pixels(pasted, theirs, row) -> int:
    if row < len(theirs["masks_packed"]):
        packed = np.packbits(pasted.ravel())
        return int(np.unpackbits(packed ^ theirs["masks_packed"][row]).sum())
    return abs(int(pasted.sum()) - int(theirs["mask_area"][row]))
