"""Deterministic weights: every tensor a function of its name and shape.

They detect nothing sensible, but always the same, and they spread scores and boxes as trained weights do.
So tests can compare every stage with the official code, and whole jobs run where nothing can be downloaded:

    python -m training.detic.deterministic detic-r50 detic-r50.pth

Every place of a picture looks like some thing to them: 255 regions a frame are surer than .8. With
`--few-things` the last layer before the regions is steeper and lower, so that a few dozen are surer than .25.
"""

import argparse
import hashlib
import re
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vocabularies import DEFAULT_PROMPTS
from vocabularies.shipped import shipped_labels
from workers.detectors.clip_text import ClipTextEncoder
from workers.detectors.detic.config import RELEASES, release
from workers.detectors.detic.detector import DeticDetector
from workers.detectors.detic.model import build

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]


def noise(name: str, shape: tuple[int, ...]) -> Floats:
    """Return standard normal numbers that depend on the tensor's name alone."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")
    return np.random.Generator(np.random.PCG64(seed)).standard_normal(shape, dtype=np.float32)


def _fan_in(n: Floats) -> float:
    return float(np.prod(n.shape[1:]))


def _scaled(gain: float) -> Callable[[Floats], Floats]:
    return lambda n: (np.float32(gain) * n / np.float32(np.sqrt(_fan_in(n)))).astype(np.float32)


def _around(centre: float, spread: float) -> Callable[[Floats], Floats]:
    return lambda n: np.float32(centre) + np.float32(spread) * n


def _centred(gain: float, *axes: int) -> Callable[[Floats], Floats]:
    """Zero mean over the axes. It takes away the constant part that random networks with ReLU build up."""

    def value(n: Floats) -> Floats:
        precise: Doubles = n.astype(np.float64)
        precise = precise - precise.mean(axis=axes, keepdims=True)
        centred: Floats = (gain * precise / np.sqrt(_fan_in(n))).astype(np.float32)
        return centred

    return value


def _centred_pooled(n: Floats) -> Floats:
    """As `_centred`, over the 7x7 places of each channel that `fc1` reads."""
    return _centred(2.0, 2)(n.reshape(len(n), -1, 49)).reshape(n.shape)


def _centred_deconvolution(n: Floats) -> Floats:
    precise: Doubles = n.astype(np.float64)
    centred: Floats = (2.0 * (precise - precise.mean(axis=0)) / np.sqrt(len(n))).astype(np.float32)
    return centred


RULES: tuple[tuple[str, Callable[[Floats], Floats]], ...] = (
    (r"centernet_head\.agn_hm\.weight", _scaled(3.0)),
    (r"centernet_head\.agn_hm\.bias", _around(-2.0, 0.02)),
    (r"centernet_head\.bbox_pred\.weight", _scaled(2.0)),
    (r"centernet_head\.bbox_pred\.bias", _around(8.0, 0.02)),
    (r"box_head\.\d\.fc1\.weight", _centred_pooled),
    (r"box_head\.\d\.fc2\.weight", _centred(2.0, 1)),
    (r"box_predictor\.\d\.bbox_pred\.0\.weight", _centred(1.0, 1)),
    (r"box_predictor\.\d\.cls_score\.linear\.weight", _centred(1.25, 1)),
    (r"box_predictor\.\d\.bbox_pred\.2\.weight", _centred(4.0, 1)),
    (r"mask_head\.mask_fcn1\.weight", _centred(2.0, 2, 3)),
    (r"mask_head\.mask_fcn[234]\.weight", _centred(2.0, 1, 2, 3)),
    (r"mask_head\.deconv\.weight", _centred_deconvolution),
    (r"mask_head\.predictor\.weight", _centred(2.0, 1, 2, 3)),
    (r"cls_score\.zs_weight", lambda n: n / np.float32(np.sqrt(512))),
    (r"relative_position_bias_table", _around(0.0, 0.5)),
    (r"gamma", lambda n: np.float32(0.5) * (1 + np.float32(0.1) * n)),
    (r"scale", _around(1.0, 0.1)),
    (r"running_var", lambda n: 1 + np.float32(0.1) * np.abs(n)),
    (r"running_mean", _around(0.0, 0.02)),
    (r"in_proj_weight|text_projection", lambda n: n / np.float32(np.sqrt(512))),
    (r"positional_embedding", _around(0.0, 0.05)),
    (r"weight", lambda n: _scaled(1.0)(n) if n.ndim > 1 else _around(1.0, 0.1)(n)),
    (r"bias|in_proj_bias", _around(0.0, 0.02)),
)
"""How a name ends and what its tensor is made of; the first rule that fits applies."""

SOFT_PUSH = 0.3
"""Of the push away from the mean direction, in a written checkpoint. The sentences of its deterministic text
encoder are so alike that the whole push would leave nothing to find."""

HEAT_MAP = "proposal_generator.centernet_head.agn_hm"
FEW_THINGS_GAIN = 4.0
"""What the heat map's weights are multiplied by where things are to be few."""
FEW_THINGS_BIAS = -15.5

CLASS_BIAS = re.compile(r"box_predictor\.\d\.cls_score\.linear\.bias$")


def initial_tensor(name: str, shape: tuple[int, ...], mean_direction: Doubles) -> Tensor:
    """Return the tensor of a name. mean_direction: see `initial_weights`."""
    n = noise(name, shape)
    if CLASS_BIAS.search(name):
        return torch.from_numpy((0.02 * n.astype(np.float64) - 2.0 * mean_direction).astype(np.float32))
    for ending, value in RULES:
        if re.search(rf"(?:^|\.)(?:{ending})$", name):
            return torch.from_numpy(value(n))
    raise KeyError(name)


def initial_weights(
    names_and_shapes: Iterable[tuple[str, tuple[int, ...]]], mean_direction: Doubles
) -> dict[str, Tensor]:
    """Return a tensor per name.

    mean_direction: (512,), the unit mean of a vocabulary's unit embeddings. Regions are pushed away from it,
    which leaves each a few classes that score high; without it, every region would be of the same class.
    """
    return {name: initial_tensor(name, shape, mean_direction) for name, shape in names_and_shapes}


def mean_direction_of(embeddings_CD: NDArray[np.floating]) -> Doubles:
    """Return (D,): the unit mean of the unit embeddings."""
    unit: Doubles = embeddings_CD / np.linalg.norm(embeddings_CD.astype(np.float64), axis=1, keepdims=True)
    mean: Doubles = unit.mean(axis=0)
    return mean / np.linalg.norm(mean)


def text_encoder() -> ClipTextEncoder:
    """Return CLIP's text encoder with such weights: it needs no download either."""
    return ClipTextEncoder("clip-vit-b-32-deterministic", _text_weights)


def load(*, device: str, weights: Path) -> DeticDetector:
    """Load a checkpoint as a detector whose text encoder needs no download: `-d python:MODULE:load`.

    Its network is that of detic-r18.
    """
    from workers.detectors.detic.loading import load_detic

    detector = load_detic("detic-r18", device=device, weights=weights)
    detector.text_encoder = text_encoder()
    return detector


def write_checkpoint(name: str, path: Path, *, few_things: bool = False) -> None:
    """Write deterministic weights for the detector of that name, in the form of an official checkpoint."""
    with torch.device("meta"):
        network = build(release(name).config)
    names_and_shapes = [(key, tuple(tensor.shape)) for key, tensor in network.state_dict().items()]
    sentences = [DEFAULT_PROMPTS[0].format(label) for label in shipped_labels("coco")]
    mean_direction = mean_direction_of(text_encoder().encode(sentences))
    weights = initial_weights(names_and_shapes, SOFT_PUSH * mean_direction)
    if few_things:
        weights[f"{HEAT_MAP}.weight"] *= FEW_THINGS_GAIN
        weights[f"{HEAT_MAP}.bias"].fill_(FEW_THINGS_BIAS)
    torch.save({"model": weights}, path)


def _text_weights(tower: torch.nn.Module) -> dict[str, Tensor]:
    unused = np.zeros(512)
    return {
        name: initial_tensor(name, tuple(tensor.shape), unused) for name, tensor in tower.state_dict().items()
    }


def main() -> None:
    """Write a checkpoint."""
    parser = argparse.ArgumentParser(prog="python -m training.detic.deterministic", description=main.__doc__)
    parser.add_argument("name", choices=RELEASES, help="the detector to write weights for")
    parser.add_argument("path", type=Path, help="the file to write, e.g. detic-r50.pth")
    parser.add_argument("--few-things", action="store_true", help="few regions of a frame are sure")
    arguments = parser.parse_args()
    write_checkpoint(arguments.name, arguments.path, few_things=arguments.few_things)


if __name__ == "__main__":
    main()
