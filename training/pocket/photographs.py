"""Annotated photographs, decoded once and kept in memory as uint8."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

NOVEL_NAMES = (
    "airplane", "bus", "cat", "dog", "cow", "elephant", "umbrella", "tie", "snowboard", "skateboard",
    "cup", "knife", "cake", "couch", "keyboard", "sink", "scissors",
)  # fmt: skip
"""The 17 categories a hold-out run never sees labelled."""
IGNORED = -1
"""Category of a box that is neither a positive nor background."""
WHOLE = -3
"""Category of a whole picture that shows something, nobody says where or what."""
LONGER_SIDE_PX = 448
PICTURE_ENDINGS = {".jpg", ".jpeg", ".png"}

Entry = dict[str, Any]
"""A picture or a box as COCO writes it."""


@dataclass(frozen=True, kw_only=True)
class Photograph:
    """One photograph and what is known to be on it."""

    path: Path
    """JPEG file."""
    size_wh: tuple[int, int]
    """Pixels, of the decoded picture."""
    boxes_xyxy_px: NDArray[np.float32]
    """(N, 4)."""
    categories: NDArray[np.int64]
    """(N,), 0..79, `IGNORED` or `WHOLE`."""

    def decode(self) -> NDArray[np.uint8]:
        """(H, W, 3) RGB."""
        picture = _read(self.path)
        if picture.shape[1::-1] != self.size_wh:
            picture = cv2.resize(picture, self.size_wh, interpolation=cv2.INTER_AREA)
        return np.asarray(picture, np.uint8)


def read_photographs(
    annotations: Path, *, without: tuple[str, ...] = ()
) -> tuple[list[Photograph], list[str]]:
    """Read a COCO file beside its `images/`; return photographs and category names in id order.

    without: names whose boxes are kept as ignored regions only.
    """
    content = json.loads(annotations.read_text())
    names = [category["name"] for category in sorted(content["categories"], key=lambda c: c["id"])]
    grouped: dict[int, list[Entry]] = {image["id"]: [] for image in content["images"]}
    for annotation in content["annotations"]:
        grouped[annotation["image_id"]].append(annotation)
    folder = annotations.parent / "images"
    photographs = [
        _photograph(image, grouped[image["id"]], names, folder, without) for image in content["images"]
    ]
    return photographs, names


def read_pictures(folder: Path) -> list[Photograph]:
    """Every picture of a folder, as a whole: what it shows is for the classifier and the teacher to say."""
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in PICTURE_ENDINGS)
    if not paths:
        raise SystemExit(f"{folder} holds no pictures ({', '.join(sorted(PICTURE_ENDINGS))})")
    return [_whole(path) for path in paths]


def _whole(path: Path) -> Photograph:
    height, width = _read(path).shape[:2]
    scale = min(1.0, LONGER_SIDE_PX / max(width, height))
    size_wh = (max(1, round(width * scale)), max(1, round(height * scale)))
    return Photograph(
        path=path,
        size_wh=size_wh,
        boxes_xyxy_px=np.array([[0, 0, *size_wh]], np.float32),
        categories=np.array([WHOLE]),
    )


def _read(path: Path) -> cv2.typing.MatLike:
    """(H, W, 3) RGB."""
    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise SystemExit(f"{path} is no picture OpenCV can read")
    return cv2.cvtColor(picture, cv2.COLOR_BGR2RGB)


def _photograph(
    image: Entry, found: list[Entry], names: list[str], folder: Path, without: tuple[str, ...]
) -> Photograph:
    boxes = np.array([a["bbox"] for a in found], np.float32).reshape(-1, 4)
    boxes[:, 2:] += boxes[:, :2]
    categories = [
        IGNORED
        if a.get("ignore") or a.get("iscrowd") or names[a["category_id"] - 1] in without
        else a["category_id"] - 1
        for a in found
    ]
    return Photograph(
        path=folder / image["file_name"],
        size_wh=(image["width"], image["height"]),
        boxes_xyxy_px=boxes,
        categories=np.array(categories, np.int64),
    )
