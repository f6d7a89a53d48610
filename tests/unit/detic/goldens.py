"""Files of numbers computed by the official Detic, and the networks they were computed with.

Those in `tests/data/detic` are in every clone. More are looked for in the folder that the environment
variable HORATIO_DETIC_REFERENCE names, by default `../shared/detic` beside the repository.
"""

import os
import re
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from training.detic.deterministic import CLASS_BIAS, initial_tensor
from workers.detectors.detic.config import CONVNEXT_T, RELEASES, BackboneConfig, DeticConfig, InputConfig
from workers.detectors.detic.model import Detic, build

REPOSITORY = Path(__file__).parents[3]
COMMITTED = REPOSITORY / "tests/data/detic"
REFERENCE = Path(os.environ.get("HORATIO_DETIC_REFERENCE", REPOSITORY.parent / "shared/detic"))

INPUTS = {
    "full": InputConfig(),
    "small": InputConfig(shortest_side_px=320, longest_side_px=533),
    "committed": InputConfig(shortest_side_px=256, longest_side_px=400),
}
CLIP_MEAN: dict[str, tuple[Path, str]] = {
    "committed": (COMMITTED / "vocabulary.npz", "mean"),
    "reference": (REFERENCE / "vocabularies.npz", "lvis_mean_direction"),
}


@dataclass(frozen=True, kw_only=True)
class Golden:
    """One file of numbers and what they were computed from."""

    path: Path
    release_name: str
    origin: str
    """"committed" or "reference"."""
    picture: Path
    size: str
    """"full", "small", "committed", or one the reference folder made up."""
    variance: str = "unbiased"

    @property
    def id(self) -> str:
        return f"{self.release_name}-{self.path.stem.removeprefix('golden_')}"

    @property
    def backbone(self) -> BackboneConfig:
        backbone = RELEASES[self.release_name].backbone
        return (
            replace(CONVNEXT_T, downsampling_variance="population")
            if self.variance != "unbiased"
            else backbone
        )

    def arrays(self) -> dict[str, NDArray]:
        with np.load(self.path) as archive:
            return dict(archive)

    def frame(self) -> NDArray[np.uint8]:
        return np.array(Image.open(self.picture).convert("RGB"))

    def vocabularies(self) -> dict[str, NDArray]:
        """Embeddings by the name under which the file speaks of them."""
        names = {match[1] for key in self.arrays() if (match := re.match(r"(\w+)\.demo\.boxes$", key))}
        if self.origin == "committed":
            return {name: np.load(COMMITTED / "vocabulary.npz")["words"] for name in names}
        return {name: np.load(REFERENCE / "vocabularies.npz")[name] for name in sorted(names)}


def committed() -> list[Golden]:
    return [
        Golden(
            path=COMMITTED / f"{stem}.npz",
            release_name=f"detic-{stem}",
            origin="committed",
            picture=COMMITTED / "picture.png",
            size="committed",
        )
        for stem in ("r18", "r50", "convnext", "swinb")
    ]


def referenced() -> list[Golden]:
    """Every `golden_*.npz` under the reference folder."""
    by_official_name = {release.official_name: name for name, release in RELEASES.items()}
    return [
        _referenced(path, by_official_name[path.parent.name]) for path in REFERENCE.rglob("golden_*_*.npz")
    ]


def _referenced(path: Path, release_name: str) -> Golden:
    stem = path.stem.removeprefix("golden_")
    photos = [photo for photo in (REFERENCE / "inputs").glob("*.png") if stem.startswith(photo.stem + "_")]
    photo = min(photos, key=lambda photo: len(photo.stem))
    size = stem.removeprefix(photo.stem + "_").removesuffix("_popvar")
    return Golden(
        path=path,
        release_name=release_name,
        origin="reference",
        picture=photo,
        size=size,
        variance="population" if stem.endswith("_popvar") else "unbiased",
    )


def all_goldens() -> list[Golden]:
    """Those of one backbone side by side, so its weights are made once."""
    return sorted(committed() + referenced(), key=lambda golden: (golden.release_name, golden.id))


@lru_cache(maxsize=1)
def _weights_but_class_bias(release_name: str) -> dict[str, Tensor]:
    names = _shapes(release_name).items()
    return {
        name: initial_tensor(name, shape, np.zeros(512))
        for name, shape in names
        if not CLASS_BIAS.search(name)
    }


def _shapes(release_name: str) -> dict[str, tuple[int, ...]]:
    with torch.device("meta"):
        model = build(RELEASES[release_name].config)
    return {name: tuple(tensor.shape) for name, tensor in model.state_dict().items()}


def weights(release_name: str, origin: str) -> dict[str, Tensor]:
    path, key = CLIP_MEAN[origin]
    mean = np.load(path)[key]
    biases = {name: shape for name, shape in _shapes(release_name).items() if CLASS_BIAS.search(name)}
    return _weights_but_class_bias(release_name) | {
        name: initial_tensor(name, shape, mean) for name, shape in biases.items()
    }


@lru_cache(maxsize=1)
def network(release_name: str, origin: str, backbone: BackboneConfig) -> Detic:
    """The network a file was computed with."""
    with torch.device("meta"):
        model = build(DeticConfig(backbone=backbone))
    model.load_state_dict(weights(release_name, origin), assign=True)
    return model
