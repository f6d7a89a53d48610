"""From the file of weights to a detector."""

import hashlib
from importlib import import_module
from pathlib import Path

from workers.detectors.errors import WeightsError
from workers.detectors.pocket.appearance import Appearance
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.pocket.known_words import known_names, sharpness
from workers.detectors.pocket.onnx_network import OnnxNetwork
from workers.detectors.pocket.onnx_session import UNUSABLE
from workers.detectors.pocket.sight import Network
from workers.detectors.pocket.tables import check_tables
from workers.detectors.pocket.text_encoder import MiniLMTextEncoder
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS, Tensors, network_weights, read_tensors

CPU_BATCH = 1
"""As fast as four, with the same bits, and the first frame is done first."""
GPU_BATCH = 32


def load(*, device: str, weights: Path | None = None, threads: int = 0) -> PocketDetector:
    """Build the detector on a device ("cpu", "cuda", "cuda:1") from its shipped weights or another file.

    threads: that compute on the CPU; 0 for one per core. Elsewhere torch is needed.
    Raises `WeightsError` where the file is missing, damaged, or of something else.
    """
    path = SHIPPED_WEIGHTS if weights is None else weights
    tensors = read_tensors(path)
    check_tables(tensors, PocketConfig(), path)
    text_encoder = MiniLMTextEncoder(threads=threads)
    text_encoder.begin_loading()  # most jobs bring new words: with the network, where there are two cores
    return PocketDetector(
        _network(tensors, path, device, threads),
        known=known_names(tensors),
        appearance=Appearance.shipped(),
        sharpness=sharpness(tensors),
        text_encoder=text_encoder,
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
