"""From the file of weights to a detector."""

import hashlib
from importlib import import_module
from pathlib import Path

import numpy as np

from workers.detectors.errors import WeightsError
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.pocket.known_names import KnownNames, normalised
from workers.detectors.pocket.onnx_network import OnnxNetwork
from workers.detectors.pocket.onnx_session import UNUSABLE
from workers.detectors.pocket.sight import Network
from workers.detectors.pocket.tables import check_tables
from workers.detectors.pocket.text_encoder import MiniLMTextEncoder
from workers.detectors.pocket.weights import Tensors, network_weights, read_tensors, rows_of

SHIPPED_WEIGHTS = Path(__file__).parent / "weights.safetensors"
CPU_BATCH = 4
GPU_BATCH = 32


def load(
    _name: str = "pocket", *, device: str, weights: Path | None = None, threads: int = 0, **_: object
) -> PocketDetector:
    """Build the detector on a device ("cpu", "cuda", "cuda:1") from its shipped weights or another file.

    threads: that compute on the CPU; 0 for one per core. Elsewhere torch is needed.
    Raises `WeightsError` where the file is missing, damaged, or of something else.
    """
    path = SHIPPED_WEIGHTS if weights is None else weights
    tensors = read_tensors(path)
    check_tables(tensors, PocketConfig(), path)
    return PocketDetector(
        _network(tensors, path, device, threads),
        known=_known(tensors),
        sharpness=float(tensors["scale"][0]),
        text_encoder=MiniLMTextEncoder(threads=threads),
        weights_digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        batch_size=CPU_BATCH if device == "cpu" else GPU_BATCH,
    )


def _network(tensors: Tensors, path: Path, device: str, threads: int) -> Network:
    found = network_weights(tensors)
    if device != "cpu":
        network: Network = import_module("workers.detectors.pocket.torch_network").load(found, path, device)
        return network
    try:
        return OnnxNetwork(found, threads=threads)
    except UNUSABLE as error:
        reason = str(error).splitlines()[0]
        raise WeightsError(f"{path} holds no weights of this pocket detector: {reason}") from error


def _known(tensors: Tensors) -> KnownNames:
    return KnownNames(
        rows_AD=normalised(rows_of(tensors, "names")),
        mean_D=tensors["names.mean"].astype(np.float32),
        image_names=PocketConfig().image_classes,
        taught_SD=normalised(rows_of(tensors, "taught")),
    )
