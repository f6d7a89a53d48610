"""From the file of weights to a detector."""

import hashlib
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from torch import Tensor

from workers.detectors.errors import WeightsError
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.pocket.network import PocketNetwork, build
from workers.detectors.pocket.scoring import KnownNames
from workers.detectors.pocket.tables import check_tables
from workers.detectors.pocket.text_encoder import MiniLMTextEncoder
from workers.detectors.weights_file import misfits

SHIPPED_WEIGHTS = Path(__file__).parent / "weights.safetensors"
CPU_BATCH = 4
"""Eight would be slower: maps past 32 MiB are given back to the system and faulted in again each time."""
GPU_BATCH = 32


def load(*, device: str, weights: Path | None = None) -> PocketDetector:
    """Build the detector on a device ("cpu", "cuda", "cuda:1") from its shipped weights or another file.

    Raises `WeightsError` where the file is missing, damaged, or of something else.
    """
    path = SHIPPED_WEIGHTS if weights is None else weights
    tensors = _read(path)
    config = PocketConfig()
    check_tables(tensors, config, path)
    place = torch.device(device)
    dtype = _fastest_dtype(place)
    network = _network(tensors, config, path).to(place, dtype)
    network.to(memory_format=torch.channels_last)
    return PocketDetector(
        network.eval().requires_grad_(False),
        known=_known(tensors, config),
        sharpness=float(tensors["scale"]),
        text_encoder=MiniLMTextEncoder(),
        weights_digest=hashlib.sha256(path.read_bytes()).hexdigest(),
        device=place,
        dtype=dtype,
        batch_size=CPU_BATCH if place.type == "cpu" else GPU_BATCH,
    )


def read_network(path: Path) -> tuple[PocketNetwork, float]:
    """Return the network of a file of weights in float32, and its sharpness. Raises `WeightsError`."""
    tensors = _read(path)
    check_tables(tensors, PocketConfig(), path)
    return _network(tensors, PocketConfig(), path), float(tensors["scale"])


def _read(path: Path) -> dict[str, Tensor]:
    try:
        with safe_open(path, framework="pt") as file:
            return {key: file.get_tensor(key) for key in file.keys()}  # noqa: SIM118  (not a dict)
    except (OSError, SafetensorError) as error:
        raise WeightsError(f"cannot read the pocket detector's weights {path}: {error}") from error


def _network(tensors: dict[str, Tensor], config: PocketConfig, path: Path) -> PocketNetwork:
    network = build(config)
    ours = {
        key.removeprefix("network."): value.float()
        for key, value in tensors.items()
        if key.startswith("network.")
    }
    ours["regions.image_classes.weight"] = _rows(tensors, "classes")
    differences = misfits(ours, network.state_dict())
    if differences:
        raise WeightsError(f"{path} holds no weights of this pocket detector: {differences}")
    network.load_state_dict(ours)
    return network


def _known(tensors: dict[str, Tensor], config: PocketConfig) -> KnownNames:
    return KnownNames(
        rows_AD=_unit_rows(tensors, "names"),
        mean_D=tensors["names.mean"],
        image_names=config.image_classes,
        taught_SD=_unit_rows(tensors, "taught"),
    )


def _unit_rows(tensors: dict[str, Tensor], name: str) -> Tensor:
    return torch.nn.functional.normalize(_rows(tensors, name), dim=-1)


def _rows(tensors: dict[str, Tensor], name: str) -> Tensor:
    """A table kept as int8, and what one step of each row is."""
    return tensors[f"{name}.rows"].float() * tensors[f"{name}.steps"][:, None]


def _fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies it, else float32."""
    if device.type == "cuda":
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
