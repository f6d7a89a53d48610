"""The text encoder as it is shipped, from the original's package: `python -m training.pocket.sentences`.

Tables are int8, a step for each row; norms and biases stay as they are. Prints how near the vectors of all
shipped names stay to the original's.
"""

import argparse
import shutil

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file
from tokenizers import Tokenizer
from torch import Tensor

from training.pocket.int8 import as_int8
from training.pocket.minilm import MiniLM, load_minilm, package_folder
from vocabularies import SHIPPED_NAMES, shipped_labels
from workers.detectors.pocket.text_encoder import (
    LONGEST_TOKENS,
    SENTENCES_AT_ONCE,
    SENTENCES_WEIGHTS,
    TOKENIZER,
    MiniLMTextEncoder,
)


def main() -> None:
    """Write the files unless only asked to compare, and compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--compare-only", action="store_true")
    if not parser.parse_args().compare_only:
        save_file(shipped_tensors(load_minilm()), SENTENCES_WEIGHTS)
        SENTENCES_WEIGHTS.chmod(0o644)
        shutil.copyfile(package_folder() / "tokenizer.json", TOKENIZER)
    names = shipped_names()
    cosines = compare(names)
    print(f"{len(names)} names: cosine at least {cosines.min():.5f}, on average {cosines.mean():.5f}")


def shipped_tensors(model: MiniLM) -> dict[str, Tensor]:
    """What the file holds, named as in the graph `sentences`."""
    tensors: dict[str, Tensor] = {}
    for name, value in model.state_dict().items():
        if value.ndim == 2 and len(value) > 2:
            rows, steps = as_int8(value)
            tensors |= {f"model.{name}.rows": rows, f"model.{name}.steps": steps}
        else:
            tensors[f"model.{name}"] = value.contiguous()
    return tensors


def shipped_names() -> list[str]:
    """Every label of every shipped list, once."""
    return sorted({label for name in SHIPPED_NAMES for label in shipped_labels(name)})


def compare(names: list[str]) -> NDArray[np.float32]:
    """The cosine of what is shipped to the original in torch, for each name with the usual prompt."""
    sentences = [f"a {name}" for name in names]
    shipped, original = MiniLMTextEncoder().encode(sentences), encode_original(sentences)
    lengths = np.linalg.norm(shipped, axis=1) * np.linalg.norm(original, axis=1)
    return np.asarray((shipped * original).sum(1) / lengths, np.float32)


@torch.inference_mode()
def encode_original(sentences: list[str]) -> NDArray[np.float32]:
    """The original's vectors."""
    tokenizer = Tokenizer.from_file(str(package_folder() / "tokenizer.json"))
    tokenizer.enable_truncation(LONGEST_TOKENS)
    tokenizer.enable_padding()
    model = load_minilm()
    vectors = []
    for start in range(0, len(sentences), SENTENCES_AT_ONCE):
        encoded = tokenizer.encode_batch(sentences[start : start + SENTENCES_AT_ONCE])
        ids_BT = torch.tensor([sentence.ids for sentence in encoded])
        mask_BT = torch.tensor([sentence.attention_mask for sentence in encoded], dtype=torch.bool)
        vectors.append(model(ids_BT, mask_BT).numpy())
    return np.concatenate(vectors)


if __name__ == "__main__":
    main()
