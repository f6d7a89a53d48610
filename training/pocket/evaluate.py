"""Evaluate on any folder with `val.json` and `images/`: `python -m training.pocket.evaluate --data FOLDER`.

Prints one JSON line. The detector is asked as its users ask it: the category names as a vocabulary,
text only. The numbers are COCO's, by pycocotools. COCO ranks the boxes of each category by itself, so for the
average precision a region may bear `WORDS_PER_REGION` words, as in Detic's evaluation. `ap50_all_one_word` is
of what users are shown, one word a region, and so are precision and recall at the default threshold.
"""

import argparse
import contextlib
import io
import json
import tempfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from api_client.contract.tiling import tiling_of
from training.pocket.photographs import NOVEL_NAMES, Photograph, read_photographs
from vocabularies import Vocabulary
from workers.detectors import Detections, Detector, EmbeddedVocabulary
from workers.detectors.pocket import DEFAULT_THRESHOLD, load
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.tiled import TiledDetector

HIGHEST_RECALL_REGIONS = 100
SAME_OBJECT_IOU = 0.5
WORDS_PER_REGION = 3
SIZES = ("small", "medium", "large")
"""COCO's, below 32 and 96 pixels squared, of the photographs as they are stored."""

Result = dict[str, Any]
"""A box as COCO writes it."""


def main() -> None:
    """Evaluate and print."""
    options = _options()
    detector = load(device=options.device, weights=options.weights, threads=options.threads)
    if options.longer_side:
        detector.longer_side_px = options.longer_side
    annotations = options.data / "val.json"
    photographs, names = read_photographs(annotations)
    words = embed(detector, names)
    tiling = tiling_of(options.tiles, None)
    looking = detector if tiling is None else TiledDetector(detector, tiling)
    found = find(looking, photographs, words)
    print(json.dumps(measure(annotations, names, found, more_words(detector, found, words))))


def embed(detector: PocketDetector, names: list[str]) -> EmbeddedVocabulary:
    """The names as the client would embed them, with the default prompt."""
    vocabulary = Vocabulary(name="evaluation", labels=tuple(names))
    sentences = [vocabulary.sentences(label)[0] for label in names]
    return EmbeddedVocabulary(vocabulary=vocabulary, embeddings=detector.text_encoder.encode(sentences))


def find(detector: Detector, photographs: list[Photograph], words: EmbeddedVocabulary) -> list[Detections]:
    """Everything the detector says about each photograph, however unsure, one photograph at a time."""
    return [
        detector.detect([photograph.decode()], words, threshold=0.0, regions=HIGHEST_RECALL_REGIONS)[0]
        for photograph in photographs
    ]


def more_words(
    detector: PocketDetector, found: list[Detections], words: EmbeddedVocabulary
) -> list[Detections]:
    """The same regions, each with several words."""
    return [
        detector.rescore(one.regions, words, threshold=0.0, words_per_region=WORDS_PER_REGION)
        for one in found
        if one.regions is not None
    ]


def measure(
    annotations: Path, names: list[str], found: list[Detections], ranked: list[Detections]
) -> dict[str, float | int]:
    """The numbers of what was found, and of its boxes ranked with several words each, to four places."""
    with contextlib.redirect_stdout(io.StringIO()):
        truth = COCO(str(annotations))
        image_ids = [image["id"] for image in truth.dataset["images"]]
        per_class = _evaluated(truth, _said(image_ids, ranked), use_categories=True)
        one_word = _evaluated(truth, _said(image_ids, found), use_categories=True)
        agnostic = _evaluated(truth, _proposed(image_ids, found), use_categories=False)
    ap50 = _ap50_per_category(per_class)
    recall = agnostic.eval["recall"][
        0, 0, :, -1
    ]  # at IoU 0.5, most boxes; by area: all, small, medium, large
    numbers = {
        "recall_at_100": recall[0],
        "recall_at_100_small": recall[1],
        "recall_at_100_medium": recall[2],
        "recall_at_100_large": recall[3],
        "ap50_all": np.nanmean(list(ap50.values())),
        **{f"ap50_{size}": _mean_ap50(per_class, area=area) for area, size in enumerate(SIZES, 1)},
        "ap50_all_one_word": np.nanmean(list(_ap50_per_category(one_word).values())),
        "ap50_person": ap50[names.index("person") + 1],
        "ap50_novel": np.nanmean([ap50[names.index(name) + 1] for name in NOVEL_NAMES]),
        **_at_threshold(truth, image_ids, found, DEFAULT_THRESHOLD),
    }
    return {name: round(float(value), 4) for name, value in numbers.items()} | {"images": len(found)}


def _said(image_ids: list[int], found: list[Detections]) -> list[Result]:
    """Boxes with their words."""
    return [
        _result(image_id, int(label) + 1, box, score)
        for image_id, one in zip(image_ids, found, strict=True)
        for box, score, label in zip(one.boxes_xyxy_px, one.scores, one.label_ids, strict=True)
    ]


def _proposed(image_ids: list[int], found: list[Detections]) -> list[Result]:
    """Regions by objectness alone; the category is not looked at."""
    return [
        _result(image_id, 1, box, score)
        for image_id, one in zip(image_ids, found, strict=True)
        if one.regions is not None
        for box, score in zip(one.regions.boxes_xyxy_px, one.regions.objectness, strict=True)
    ]


def _result(image_id: int, category_id: int, box_xyxy: NDArray[np.float32], score: float) -> Result:
    x_min, y_min, x_max, y_max = map(float, box_xyxy)
    box = [x_min, y_min, x_max - x_min, y_max - y_min]
    return {"image_id": image_id, "category_id": category_id, "bbox": box, "score": float(score)}


def _evaluated(truth: COCO, results: list[Result], *, use_categories: bool) -> COCOeval:
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(results, file)
        file.flush()
        evaluation = COCOeval(truth, truth.loadRes(file.name), "bbox")
    evaluation.params.useCats = int(use_categories)
    evaluation.params.iouThrs = np.array([SAME_OBJECT_IOU])
    evaluation.evaluate()
    evaluation.accumulate()
    return evaluation


def _ap50_per_category(evaluation: COCOeval) -> dict[int, float]:
    """AP at IoU 0.5 by category id, NaN where no photograph has it."""
    precision = evaluation.eval["precision"][0, :, :, 0, -1]
    return {
        category: float(row.mean()) if (row > -1).all() else float("nan")
        for category, row in zip(evaluation.params.catIds, precision.T, strict=True)
    }


def _mean_ap50(evaluation: COCOeval, *, area: int) -> float:
    """Of the categories that have objects of that size; not a number where none has."""
    precision = evaluation.eval["precision"][0, :, :, area, -1]
    there = [row.mean() for row in precision.T if (row > -1).all()]
    return float(np.mean(there)) if there else float("nan")


def _at_threshold(
    truth: COCO, image_ids: list[int], found: list[Detections], threshold: float
) -> dict[str, float]:
    """Share of shown boxes that are right in place and word, and how many are shown."""
    right = shown = 0
    for image_id, detections in zip(image_ids, found, strict=True):
        annotations = truth.loadAnns(truth.getAnnIds(imgIds=[image_id]))
        confident = int((detections.scores >= threshold).sum())
        shown += confident
        right += _right(detections, confident, annotations)
    real = sum(not a.get("ignore") for a in truth.dataset["annotations"])
    return {
        "precision_at_default": right / max(1, shown),
        "recall_at_default": right / max(1, real),
        "shown_per_image": shown / max(1, len(image_ids)),
    }


def _right(detections: Detections, confident: int, annotations: list[Result]) -> int:
    """Best first, each box takes the best free annotation of its word with IoU 0.5."""
    free = list(annotations)
    right = 0
    for box, label in zip(
        detections.boxes_xyxy_px[:confident], detections.label_ids[:confident], strict=True
    ):
        same = [a for a in free if a["category_id"] == int(label) + 1]
        overlaps = [_iou(box, np.array(a["bbox"], float)) for a in same]
        if overlaps and max(overlaps) >= SAME_OBJECT_IOU:
            free.remove(same[int(np.argmax(overlaps))])
            right += 1
    return right


def _iou(box_xyxy: NDArray[np.float32], box_xywh: NDArray[np.float64]) -> float:
    low = np.maximum(box_xyxy[:2], box_xywh[:2])
    high = np.minimum(box_xyxy[2:], box_xywh[:2] + box_xywh[2:])
    shared = float(np.prod(np.clip(high - low, 0, None)))
    return shared / (float(np.prod(box_xyxy[2:] - box_xyxy[:2]) + np.prod(box_xywh[2:])) - shared)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with val.json and images/")
    parser.add_argument("--weights", type=Path, default=None, help="another file than the shipped one")
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--longer-side", type=int, default=0, help="input size in pixels; 0 for the default")
    parser.add_argument("--tiles", help="look at so many tiles of each photograph too, e.g. 2x2")
    return parser.parse_args()


if __name__ == "__main__":
    main()
