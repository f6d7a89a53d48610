"""CLIP's text tower (Radford et al. 2021, arXiv 2103.00020), ViT-B/32, as a `TextEncoder`.

The tower and its tokenizer are open_clip's. Weights are OpenAI's, from open_clip's cache or a file.

Shapes: N sentences, T tokens.
"""

import logging
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from api_client.contract.digest import file_sha256
from workers.detectors.errors import WeightsError
from workers.detectors.protocol import Progress
from workers.detectors.weights_file import misfits, read_weights_file

if TYPE_CHECKING:
    from open_clip import SimpleTokenizer
    from open_clip.transformer import TextTransformer

_LOG = logging.getLogger(__name__)

CONTEXT_TOKENS = 77
EMBEDDING = 512
SENTENCES_AT_ONCE = 256
OTHER_HALF = ("visual.", "logit_scale", "input_resolution", "context_length", "vocab_size", "attn_mask")
"""What a file of the whole of CLIP holds beside the text tower."""

Weights = Callable[["TextTransformer"], dict[str, Tensor]]


class ClipTextEncoder:
    """A sentence's place in the joint space of texts and regions: 512 numbers, of no particular length."""

    def __init__(self, identity: str, weights: Weights) -> None:
        self.identity = identity
        self._weights = weights
        self._loaded: tuple[TextTransformer, SimpleTokenizer] | None = None

    @classmethod
    def official(cls) -> "ClipTextEncoder":
        """Return the encoder with OpenAI's weights; open_clip downloads them at the first use."""
        return cls("clip-vit-b-32-openai", lambda _: _official_weights())

    @classmethod
    def from_file(cls, path: Path) -> "ClipTextEncoder":
        """Return the encoder with the weights of a file; it is read at the first use, but for its digest."""
        try:
            digest = file_sha256(path)
        except OSError as error:
            raise WeightsError(f"cannot read CLIP's weights {path}: {error.strerror or error}") from error
        return cls(f"clip-vit-b-32-{digest[:16]}", lambda _: _read(path))

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), 512) float32, raw. A sentence over 77 tokens is cut, with a warning."""
        rows = np.zeros((len(sentences), EMBEDDING), np.float32)
        if not sentences:
            return rows
        if self._loaded is None:
            self._loaded = _load(self._weights)
        tower, tokenizer = self._loaded
        tokens_NT = tokenize(tokenizer, sentences)
        # Attention is causal: what follows the end token, the largest, cannot reach it and is left away.
        length_N = tokens_NT.argmax(dim=1) + 1
        done = 0
        for batch in torch.split(length_N.argsort(stable=True), SENTENCES_AT_ONCE):
            rows[batch.numpy()] = embed(tower, tokens_NT[batch, : int(length_N[batch].max())])
            done += len(batch)
            if progress is not None:
                progress(done, len(sentences))
        return rows


@torch.inference_mode()
def embed(tower: "TextTransformer", tokens_NT: Tensor) -> NDArray[np.float32]:
    """Return (N, 512) for sentences cut to any common number of tokens that holds their ends."""
    tokens = tokens_NT.shape[1]
    tower.attn_mask = torch.full((tokens, tokens), -torch.inf).triu(1)
    embeddings: NDArray[np.float32] = tower(tokens_NT).numpy()
    return embeddings


def tokenize(tokenizer: "SimpleTokenizer", sentences: Sequence[str]) -> Tensor:
    """Return (N, 77) int64: start, byte pairs, end, zeros. Warns of each sentence that is cut."""
    for sentence in sentences:
        excess = len(tokenizer.encode(sentence)) + 2 - CONTEXT_TOKENS
        if excess > 0:
            _LOG.warning("%r is %d tokens too long for CLIP: its end is ignored", sentence, excess)
    tokens_NT: Tensor = tokenizer(list(sentences))
    return tokens_NT


def _load(weights: Weights) -> "tuple[TextTransformer, SimpleTokenizer]":
    from open_clip import SimpleTokenizer

    tower = text_tower()
    tensors = weights(tower)
    differences = misfits(tensors, tower.state_dict())
    if differences:
        raise WeightsError(f"these are not the weights of CLIP ViT-B/32: {differences}")
    tower.load_state_dict(tensors, assign=True)
    return tower, SimpleTokenizer()


def text_tower() -> "TextTransformer":
    """Return the tower without weights. Its names are those of OpenAI's checkpoint."""
    from open_clip.transformer import QuickGELU, TextTransformer

    with torch.device("meta"):
        tower = TextTransformer(act_layer=QuickGELU)
    return tower.eval().requires_grad_(False)


def _official_weights() -> dict[str, Tensor]:
    from open_clip import download_pretrained, get_pretrained_cfg

    try:
        path = download_pretrained(get_pretrained_cfg("ViT-B-32-quickgelu", "openai"))
    except Exception as error:  # the hub's client raises a dozen unrelated kinds
        raise WeightsError(
            f"cannot download CLIP's weights ({type(error).__name__}): on a machine with network run "
            "`python -c \"import open_clip; open_clip.create_model('ViT-B-32-quickgelu', 'openai')\"`, "
            "and copy its ~/.cache/huggingface here"
        ) from error
    return _read(Path(path))


def _read(path: Path) -> dict[str, Tensor]:
    """Read the text tower from a state dict or safetensors file, of it or of the whole CLIP."""
    content = read_weights_file(path)
    tensors = content.get("state_dict", content)
    if not isinstance(tensors, dict):
        raise WeightsError(
            f"{path} holds no weights of CLIP: there are no tensors under its key 'state_dict'"
        )
    return {
        name.removeprefix("module."): tensor.float()
        for name, tensor in tensors.items()
        if isinstance(tensor, Tensor) and not name.removeprefix("module.").startswith(OTHER_HALF)
    }
