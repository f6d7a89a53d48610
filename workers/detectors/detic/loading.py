"""From a name to a detector on a device."""

from pathlib import Path

import torch

from workers.detectors.clip_text import ClipTextEncoder
from workers.detectors.detic.checkpoint import network_from, read_checkpoint
from workers.detectors.detic.config import Release, release
from workers.detectors.detic.detector import DeticDetector
from workers.detectors.detic.download import BytesProgress, cached_checkpoint, default_cache
from workers.detectors.detic.inference import Inference
from workers.detectors.detic.progress_bar import download_bar
from workers.detectors.protocol import TextEncoder


def load_detic(
    name: str,
    *,
    device: str | torch.device,
    weights: Path | None = None,
    text_weights: Path | None = None,
    cache: Path | None = None,
    precision: torch.dtype | None = None,
    progress: BytesProgress | None = None,
) -> DeticDetector:
    """Return the Detic of that name (see `config.RELEASES`), warmed up where the device is a GPU.

    weights: a checkpoint of one's own; otherwise the official one is downloaded once into `cache`
    (~/.cache/horatio/weights). text_weights: CLIP's, otherwise those open_clip downloads.
    precision: what to compute in, otherwise `fastest_precision`; bfloat16 is far faster on CPUs that have it.
    Raises `WeightsError`.
    """
    chosen = release(name)
    path = weights if weights is not None else _official(chosen, cache or default_cache(), progress)
    checkpoint = read_checkpoint(path)
    network = network_from(checkpoint, chosen.config, chosen)
    place = torch.device(device)
    detector = DeticDetector(
        Inference(network, chosen.config, place, precision or fastest_precision(place)),
        name=name,
        weights_digest=checkpoint.digest,
        config=chosen.config,
        text_encoder=_text_encoder(text_weights),
    )
    detector.warm_up()
    return detector


def fastest_precision(device: torch.device) -> torch.dtype:
    """Return what the network computes in: float32 on a CPU, bfloat16 or else float16 on a GPU."""
    if device.type != "cuda":
        return torch.float32
    return torch.bfloat16 if torch.cuda.is_bf16_supported(including_emulation=False) else torch.float16


def _official(chosen: Release, cache: Path, progress: BytesProgress | None) -> Path:
    if progress is not None:
        return cached_checkpoint(chosen.url, cache, progress=progress)
    with download_bar(chosen.file_name) as show:
        return cached_checkpoint(chosen.url, cache, progress=show)


def _text_encoder(text_weights: Path | None) -> TextEncoder:
    if text_weights is not None:
        return ClipTextEncoder.from_file(text_weights)
    return ClipTextEncoder.official()
