"""Every family of transformers' detectors, tiny, with random weights, as a folder that a hub would send.

Nothing is downloaded: word pieces are those of the pocket detector's text encoder (BERT's), byte pairs those
of open_clip (CLIP's).
"""

import gzip
import json
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
import transformers
from transformers import AutoConfig, AutoModelForObjectDetection, AutoModelForZeroShotObjectDetection

from tests.unit.hf.tiny_configs import CONFIGS, OPEN, SIDE_PX
from workers.detectors.pocket.text_encoder import TOKENIZER


def write_model(family: str, folder: Path) -> Path:
    """Write configuration, weights, tokenizer and picture processor; return the folder."""
    torch.manual_seed(20)
    config = AutoConfig.for_model(family, **CONFIGS[family])
    auto = AutoModelForZeroShotObjectDetection if family in OPEN else AutoModelForObjectDetection
    model = auto.from_config(config).eval()
    _lively(model)
    model.save_pretrained(folder)
    _processor(family).save_pretrained(folder)
    return folder


@torch.no_grad()
def _lively(model: torch.nn.Module) -> None:
    """Weights large enough that words, places and pictures make a difference."""
    for name, parameter in model.named_parameters():
        if parameter.ndim > 1 and "embeddings" not in name:
            parameter.normal_(0, 0.6 / parameter[0].numel() ** 0.5)
        if name.endswith("text_projection"):
            parameter.normal_(0, 0.2)
    for name, parameter in model.named_parameters():
        if name.endswith(("vision_param", "text_param")):  # a fused part starts with next to no say
            parameter.fill_(0.5)


def _processor(family: str) -> Any:
    size = {"height": SIDE_PX, "width": SIDE_PX}
    if family in ("owlv2", "owlvit"):
        pictures = "Owlv2" if family == "owlv2" else "OwlViT"
        image_processor = getattr(transformers, f"{pictures}ImageProcessor")(size=size)
        return getattr(transformers, f"{pictures}Processor")(image_processor, clip_tokenizer(length=16))
    if family == "omdet-turbo":
        return transformers.OmDetTurboProcessor(transformers.DetrImageProcessor(size=size), clip_tokenizer())
    shorter = {"shortest_edge": SIDE_PX, "longest_edge": 2 * SIDE_PX}
    if family in OPEN:
        image_processor = transformers.GroundingDinoImageProcessor(size=shorter)
        return transformers.GroundingDinoProcessor(image_processor, bert_tokenizer())
    if family == "detr":
        return transformers.DetrImageProcessor(size=shorter)
    if family == "rf_detr":
        return transformers.RfDetrImageProcessor(size=size)
    return transformers.RTDetrImageProcessor(size=size)


def bert_tokenizer() -> Any:
    """BERT's: all of its word pieces come with the pocket detector's text encoder."""
    words = json.loads(TOKENIZER.read_text())["model"]["vocab"]
    return transformers.BertTokenizer(vocab=words, model_max_length=512)


def clip_tokenizer(length: int = 77) -> Any:
    """CLIP's, from open_clip's file of byte pairs."""
    vocab, merges = _byte_pairs()
    return transformers.CLIPTokenizer(vocab=vocab, merges=merges, model_max_length=length)


@cache
def _byte_pairs() -> tuple[dict[str, int], list[tuple[str, ...]]]:
    from open_clip.tokenizer import bytes_to_unicode

    package = Path(find_spec("open_clip").origin).parent
    lines = gzip.decompress((package / "bpe_simple_vocab_16e6.txt.gz").read_bytes()).decode().split("\n")
    merges = [tuple(line.split()) for line in lines[1 : 49152 - 256 - 2 + 1]]
    letters = list(bytes_to_unicode().values())
    words = [*letters, *(f"{letter}</w>" for letter in letters), *map("".join, merges)]
    words += ["<|startoftext|>", "<|endoftext|>"]
    return {word: index for index, word in enumerate(words)}, merges
