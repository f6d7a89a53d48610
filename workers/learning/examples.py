"""Pictures to looks: which files are examples, and what the detector sees in them.

A label of a whole picture says nothing of where. The region the detector is surest of, whatever it is, is
taken for what the label means: of the ways Detic tries for such labels (Zhou et al. 2021, section 3.3) the
one that did best here.

Legend: R regions, G numbers compared.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from api_client.errors import SettingsError
from vocabularies import Vocabulary
from workers.detectors import Detector, EmbeddedVocabulary, Frame, Regions

PICTURE_ENDINGS = {".jpg", ".jpeg", ".png", ".webp", ".bmp", ".tif", ".tiff"}
OTHERS_KEPT = 8
"""Regions besides the surest: what is ordinary in these pictures, for detectors that ship nothing of it."""

Floats = NDArray[np.float32]
OnPicture = Callable[[int, int], None]
"""Called with (pictures done, pictures in all)."""


@dataclass(frozen=True, kw_only=True)
class Pictures:
    """What was seen in the pictures of one label."""

    label: str
    looks_NG: Floats
    """The surest region of each picture in which there is one."""
    others_NG: Floats
    """Further regions of the same pictures."""
    without: tuple[Path, ...]
    """Pictures that could not be read, or in which nothing was found."""


def find_pictures(places: Iterable[Path]) -> tuple[Path, ...]:
    """Return the pictures that are meant by files and folders, sorted within a folder.

    Raises `SettingsError` where a place is missing, or a folder holds none.
    """
    found: list[Path] = []
    for place in places:
        if place.is_dir():
            inside = sorted(path for path in place.iterdir() if path.suffix.lower() in PICTURE_ENDINGS)
            if not inside:
                raise SettingsError(f"there is no picture in {str(place)!r}: it takes JPEG, PNG, WebP, TIFF")
            found += inside
        elif place.is_file():
            found.append(place)
        else:
            raise SettingsError(f"there is no picture or folder {str(place)!r}: check the path")
    return tuple(found)


def seen_in(
    detector: Detector, label: str, paths: Iterable[Path], *, done: Callable[[], None] = lambda: None
) -> Pictures:
    """Look at pictures, one after the other.

    Raises `SettingsError` where in none of them anything was found.
    """
    assert detector.rescorer is not None
    looks: list[Floats] = []
    others: list[Floats] = []
    without: list[Path] = []
    for path, regions in _regions(detector, paths):
        if regions is None or not len(regions.objectness):
            without.append(path)
        else:
            compared = detector.rescorer.compared(regions.features)
            looks.append(compared[:1])
            others.append(compared[1:])
        done()
    if not looks:
        raise SettingsError(
            f"nothing was found in the {len(without)} pictures of {label!r}, e.g. {str(without[0])!r}: "
            "show the thing larger"
        )
    return Pictures(
        label=label,
        looks_NG=np.concatenate(looks),
        others_NG=np.concatenate(others),
        without=tuple(without),
    )


def _regions(detector: Detector, paths: Iterable[Path]) -> Iterator[tuple[Path, Regions | None]]:
    anything = Vocabulary(name="anything", labels=("thing",))
    asked = EmbeddedVocabulary(vocabulary=anything, embeddings=detector.text_encoder.encode(["a thing"]))
    for path in paths:
        picture = read_picture(path)
        if picture is None:
            yield path, None
        else:
            found = detector.detect([picture], asked, threshold=0.0, regions=1 + OTHERS_KEPT)
            yield path, found[0].regions


def read_picture(path: Path) -> Frame | None:
    """(H, W, 3) RGB, upright, or None where it is no picture."""
    try:
        data = np.frombuffer(path.read_bytes(), np.uint8)
        picture = cv2.imdecode(data, cv2.IMREAD_COLOR) if len(data) else None
    except (OSError, cv2.error):
        return None
    return None if picture is None else np.ascontiguousarray(picture[:, :, ::-1])
