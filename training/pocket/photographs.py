"""Annotated photographs, decoded once and kept in memory as uint8."""

import json
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

NOVEL_NAMES = (
    "airplane", "bus", "cat", "dog", "cow", "elephant", "umbrella", "tie", "snowboard", "skateboard",
    "cup", "knife", "cake", "couch", "keyboard", "sink", "scissors",
)  # fmt: skip
"""The 17 categories a hold-out run never sees labelled."""


@dataclass(frozen=True, kw_only=True)
class Photograph:
    """One photograph and what is known to be on it."""

    path: Path
    """JPEG file."""
    size_wh: tuple[int, int]
    """Pixels."""
    boxes_xyxy_px: NDArray[np.float32]
    """(N, 4)."""
    categories: NDArray[np.int64]
    """(N,), 0..79, or -1: something is here, neither a positive nor background."""
    annotation_ids: NDArray[np.int64]
    """(N,), as in the file."""

    def decode(self) -> NDArray[np.uint8]:
        """(H, W, 3) RGB."""
        return cv2.cvtColor(cv2.imread(str(self.path), cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)


def read_photographs(
    annotations: Path, *, without: tuple[str, ...] = ()
) -> tuple[list[Photograph], list[str]]:
    """Read a COCO file beside its `images/`; return photographs and category names in id order.

    without: names whose boxes are kept as ignored regions only.
    """
    content = json.loads(annotations.read_text())
    names = [category["name"] for category in sorted(content["categories"], key=lambda c: c["id"])]
    grouped: dict[int, list[dict]] = {image["id"]: [] for image in content["images"]}
    for annotation in content["annotations"]:
        grouped[annotation["image_id"]].append(annotation)
    folder = annotations.parent / "images"
    photographs = [
        _photograph(image, grouped[image["id"]], names, folder, without) for image in content["images"]
    ]
    return photographs, names


def _photograph(
    image: dict, found: list[dict], names: list[str], folder: Path, without: tuple[str, ...]
) -> Photograph:
    boxes = np.array([a["bbox"] for a in found], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    categories = [
        -1
        if a.get("ignore") or a.get("iscrowd") or names[a["category_id"] - 1] in without
        else a["category_id"] - 1
        for a in found
    ]
    return Photograph(
        path=folder / image["file_name"],
        size_wh=(image["width"], image["height"]),
        boxes_xyxy_px=boxes,
        categories=np.array(categories, np.int64),
        annotation_ids=np.array([a["id"] for a in found], np.int64),
    )
