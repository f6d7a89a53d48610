"""From `hf:MODEL` to a detector on a device.

MODEL is a folder on the worker or the id of a model on the hub, which the hub's client downloads once into
its own cache (HF_HOME); with HF_HUB_OFFLINE=1 nothing is downloaded and what is there is used. Weights are
read from safetensors alone, and no code of a model's repository is run.
"""

from collections.abc import Callable
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from workers.detectors.errors import WeightsError
from workers.detectors.hf.detector import HfDetector
from workers.detectors.hf.digest import folder_digest
from workers.detectors.hf.family import Family
from workers.detectors.hf.fixed import FixedModel
from workers.detectors.hf.grounding import GroundingModel
from workers.detectors.hf.omdet import OmDetModel
from workers.detectors.hf.one_word_a_pass import OneWordAPass
from workers.detectors.hf.owl import OwlModel

if TYPE_CHECKING:
    from collections.abc import Iterator

FILES = ("*.json", "*.txt", "*.safetensors", "*.model")
"""What is fetched of a repository: configuration, tokenizer, weights; no code, no pickles."""


@dataclass(frozen=True, kw_only=True)
class _Parts:
    model: Any
    tokenizer: Any
    image_processor: Any
    digest: str


_OPEN: dict[str, Callable[[_Parts], Family]] = {
    "grounding-dino": lambda parts: OneWordAPass(GroundingModel(parts.model, parts.tokenizer)),
    "mm-grounding-dino": lambda parts: OneWordAPass(GroundingModel(parts.model, parts.tokenizer)),
    "omdet-turbo": lambda parts: OneWordAPass(OmDetModel(parts.model, parts.tokenizer)),
    "owlv2": lambda parts: OwlModel(parts.model, parts.tokenizer, parts.digest),
    "owlvit": lambda parts: OwlModel(parts.model, parts.tokenizer, parts.digest),
}
"""Families that find what is named, by transformers' name of the model type."""


def load_model(name: str, *, device: str, weights: Path | None = None) -> HfDetector:
    """Return the detector. Raises `WeightsError` where the model cannot be had, or is no detector."""
    source = name.removeprefix("hf:")
    if weights is not None:
        raise WeightsError(
            f"{name!r} takes no --weights: a model of transformers is a folder; write -d hf:FOLDER"
        )
    place = torch.device(device)
    with _one_clear_error(source):
        folder = _folder(source)
        parts = _parts(folder, place)
        model_type = str(parts.model.config.model_type)
        make = _OPEN.get(model_type, _fixed)
        return HfDetector(
            make(parts),
            parts.image_processor,
            name=name,
            weights_digest=parts.digest,
            device=place,
            record=_record(source, folder, model_type, place),
        )


def _fixed(parts: _Parts) -> Family:
    return FixedModel(parts.model, parts.image_processor)


def _folder(source: str) -> Path:
    """A folder that is there goes before a model of the hub with that name."""
    path = Path(source).expanduser()
    if path.is_dir():
        return path
    if path.is_absolute() or source.startswith("."):
        raise WeightsError(f"there is no folder {source!r} on this worker: copy the model there")
    from huggingface_hub import snapshot_download

    return Path(snapshot_download(source, allow_patterns=list(FILES)))


def _parts(folder: Path, device: torch.device) -> _Parts:
    import transformers
    from transformers.models.auto import modeling_auto

    library: Any = transformers  # which types some of its functions, and some not
    config = library.AutoConfig.from_pretrained(folder, trust_remote_code=False)
    is_open = config.model_type in _OPEN
    if not is_open and config.model_type not in modeling_auto.MODEL_FOR_OBJECT_DETECTION_MAPPING_NAMES:
        raise WeightsError(
            f"{folder} holds a model of the type {config.model_type!r}, which is no detector known here: "
            f"there are {', '.join(_OPEN)}, and those transformers lists for object detection"
        )
    auto = library.AutoModelForZeroShotObjectDetection if is_open else library.AutoModelForObjectDetection
    model = auto.from_pretrained(folder, use_safetensors=True, trust_remote_code=False, dtype=torch.float32)
    return _Parts(
        model=model.eval().requires_grad_(False).to(device),
        tokenizer=library.AutoTokenizer.from_pretrained(folder) if is_open else None,
        image_processor=library.AutoImageProcessor.from_pretrained(folder),
        digest=folder_digest(folder),
    )


def _record(source: str, folder: Path, model_type: str, device: torch.device) -> dict[str, object]:
    from transformers import __version__

    revision = folder.name if folder.parent.name == "snapshots" else None  # the hub client's cache
    return {
        "model": source,
        "revision": revision,
        "family": model_type,
        "precision": "bfloat16" if device.type == "cuda" else "float32",
        "transformers": __version__,
    }


@contextmanager
def _one_clear_error(source: str) -> "Iterator[None]":
    try:
        yield
    except WeightsError:
        raise
    except Exception as error:  # hub client, tokenizers and transformers raise dozens of unrelated kinds
        reason = " ".join(str(error).split())[:200] or type(error).__name__
        raise WeightsError(
            f"cannot load the model {source!r} ({type(error).__name__}: {reason}): check its name, or give "
            "the folder of a downloaded one, -d hf:FOLDER; a worker without network needs it in its cache"
        ) from error
