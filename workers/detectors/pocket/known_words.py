"""From a file of weights to what scores words: the tables of names, without the network."""

from pathlib import Path

import numpy as np

from api_client.contract.digest import file_sha256
from workers.detectors.pocket.appearance import Appearance
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.known_names import KnownNames, normalised
from workers.detectors.pocket.rescoring import PocketRescorer
from workers.detectors.pocket.scoring import Scorer
from workers.detectors.pocket.tables import check_tables
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS, Tensors, read_tensors, rows_of


def load_rescorer(*, weights: Path | None = None) -> PocketRescorer:
    """Return the rescorer of the shipped weights or another file. Neither torch nor ONNX Runtime is needed.

    Raises `WeightsError` where the file is missing, damaged, or of something else.
    """
    path = SHIPPED_WEIGHTS if weights is None else weights
    tensors = read_tensors(path, without="network.")
    check_tables(tensors, PocketConfig(), path)
    scorer = Scorer(known_names(tensors), sharpness=sharpness(tensors))
    return PocketRescorer(scorer, Appearance.shipped(), weights_digest=file_sha256(path))


def known_names(tensors: Tensors) -> KnownNames:
    """The names the network was taught."""
    return KnownNames(
        rows_AD=normalised(rows_of(tensors, "names")),
        mean_D=tensors["names.mean"].astype(np.float32),
        image_names=PocketConfig().image_classes,
        taught_SD=normalised(rows_of(tensors, "taught")),
    )


def sharpness(tensors: Tensors) -> float:
    """By which a cosine becomes a logit."""
    return float(tensors["scale"][0])
