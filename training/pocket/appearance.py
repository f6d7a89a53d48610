"""Make the tables of `workers.detectors.pocket.appearance`.

    python -m training.pocket.appearance PHOTOGRAPHS

What is shipped of the photographs is a few regions of each as numbers, from which no picture can be had back.

Legend: R regions, K ImageNet's names, P numbers of an appearance, N ordinary regions.
"""

import sys
from pathlib import Path
from typing import cast

import cv2
import numpy as np
import torch
from safetensors.numpy import save_file

from training.pocket.int8 import as_int8
from workers.detectors.pocket.appearance import APPEARANCE_TABLES, CHANNELS, Appearance
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.frame_regions import frame_regions
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.onnx_network import OnnxNetwork
from workers.detectors.pocket.preprocessing import Fit
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS, network_weights, read_tensors

PHOTOGRAPHS = 700
REGIONS_OF_EACH = 6
LEAST_OBJECTNESS = 0.37
"""From which a region can score the default threshold."""
LONGER_SIDE_PX = 512


class _AllLogits:
    """In place of an `Appearance`: the logits themselves."""

    def of(self, image_logits_RK: Floats) -> Floats:
        return image_logits_RK


def directions(weights: dict[str, Floats]) -> Floats:
    """(K, P) from logits to the map along the classifier's strongest directions.

    logits = W map + b and W = U S Vᵀ, so that Vᵀ map = (logits - b) U / S.
    """
    left_KC, strength_C, _ = np.linalg.svd(weights["regions.image_classes.weight"], full_matrices=False)
    return np.asarray(left_KC[:, :CHANNELS] / strength_C[:CHANNELS], np.float32)


def looks_of(path: Path, network: OnnxNetwork) -> tuple[Floats, Floats]:
    """Embeddings (R, D) and ImageNet logits (R, K) of the surest regions of a photograph."""
    picture = cv2.cvtColor(np.asarray(cv2.imread(str(path)), np.uint8), cv2.COLOR_BGR2RGB).astype(np.uint8)
    fit = Fit.of((picture.shape[1], picture.shape[0]), LONGER_SIDE_PX)
    (found,) = frame_regions(
        network, [picture], fit, least=0.01, least_named=0.0, appearance=cast("Appearance", _AllLogits())
    )
    sure = np.flatnonzero(found.objectness_R >= LEAST_OBJECTNESS)[:REGIONS_OF_EACH]
    looks = found.looks_RF[sure].astype(np.float32)
    return looks[:, : PocketConfig().text_channels], looks[:, -PocketConfig().image_classes :]


def make(folder: Path, output: Path) -> None:
    """Look at photographs and write the tables."""
    paths = sorted(folder.glob("*.jpg"))
    paths = paths[:: max(1, len(paths) // PHOTOGRAPHS)]
    weights = network_weights(read_tensors(SHIPPED_WEIGHTS))
    network = OnnxNetwork(weights, threads=0)
    looks = [looks_of(path, network) for path in paths[:PHOTOGRAPHS]]
    embedding_ND = np.concatenate([embedding for embedding, _ in looks])
    appearance_NP = np.concatenate([logits for _, logits in looks]) @ directions(weights)
    middle_P = appearance_NP.mean(axis=0)
    length = np.linalg.norm(appearance_NP - middle_P, axis=1).mean()
    ordinary_NG = np.concatenate((embedding_ND, (appearance_NP - middle_P) / length), axis=1)
    save_file(
        {
            **_table("directions", directions(weights) / length),
            "middle": (middle_P / length).astype(np.float32),
            **_table("ordinary", ordinary_NG),
        },
        output,
    )
    print(f"{len(ordinary_NG)} regions of {len(looks)} photographs, mean length {length:.2f}")


def _table(name: str, rows: Floats) -> dict[str, np.ndarray]:
    whole, steps = as_int8(torch.from_numpy(np.ascontiguousarray(rows)))
    return {f"{name}.rows": whole.numpy(), f"{name}.steps": steps.numpy()}


if __name__ == "__main__":
    make(Path(sys.argv[1]), Path(sys.argv[2]) if len(sys.argv) > 2 else APPEARANCE_TABLES)
