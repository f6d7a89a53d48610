"""Sentences to vectors with all-MiniLM-L6-v2 (Wang et al. 2020; Reimers and Gurevych 2019), shipped as int8.

`training.pocket.sentences` makes the files from the original's. Every row of a table has its own step, and is
multiplied out when it is loaded, so that nothing is computed in int8: the same vectors on any processor.
Legend: B sentences, T tokens, D channels.
"""

from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray
from tokenizers import Tokenizer

from workers.detectors.pocket.onnx_session import session
from workers.detectors.pocket.weights import Tensors, read_tensors, rows_of
from workers.detectors.protocol import Progress

SENTENCES_WEIGHTS = Path(__file__).parent / "sentences.safetensors"
TOKENIZER = Path(__file__).parent / "tokenizer.json"
CHANNELS = 384
LONGEST_TOKENS = 256
SENTENCES_AT_ONCE = 64
WORDS = "model.words.weight"


class MiniLMTextEncoder:
    """`TextEncoder` by MiniLM, on the CPU. Loads at the first call of `begin_loading` or `encode`."""

    identity = "all-minilm-l6-v2-int8"

    def __init__(self, *, threads: int = 0) -> None:
        self._threads = threads
        self._loading: Future[_Loaded] | None = None

    def begin_loading(self) -> "Future[_Loaded]":
        """Load in a thread of its own, while the caller goes on; once."""
        if self._loading is None:
            pool = ThreadPoolExecutor(1, thread_name_prefix="text-encoder")
            self._loading = pool.submit(_Loaded, self._threads)
            pool.shutdown(wait=False)
        return self._loading

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), 384) float32, not normalised; sentences past 256 tokens are cut.

        Raises `WeightsError` where the shipped files are damaged.
        """
        loaded = self.begin_loading().result()
        vectors = np.zeros((len(sentences), CHANNELS), np.float32)
        shortest_first = sorted(range(len(sentences)), key=lambda i: len(sentences[i]))
        for start in range(0, len(sentences), SENTENCES_AT_ONCE):
            chosen = shortest_first[start : start + SENTENCES_AT_ONCE]
            vectors[chosen] = loaded.encode([sentences[i] for i in chosen])
            if progress is not None:
                progress(start + len(chosen), len(sentences))
        return vectors


class _Loaded:
    """The tokenizer, the table of words and the layers."""

    def __init__(self, threads: int) -> None:
        tensors = read_tensors(SENTENCES_WEIGHTS)
        self._word_rows = tensors[f"{WORDS}.rows"]
        self._word_steps = tensors[f"{WORDS}.steps"]
        self._tokenizer = Tokenizer.from_file(str(TOKENIZER))
        self._tokenizer.enable_truncation(LONGEST_TOKENS)
        self._tokenizer.enable_padding()
        self._layers: onnxruntime.InferenceSession = session("sentences", _layers(tensors), threads=threads)

    def encode(self, sentences: list[str]) -> NDArray[np.float32]:
        encoded = self._tokenizer.encode_batch(sentences)
        ids_BT = np.array([sentence.ids for sentence in encoded])
        mask_BT = np.array([sentence.attention_mask for sentence in encoded], bool)
        words_BTD = self._word_rows[ids_BT] * self._word_steps[ids_BT][..., None]
        (vectors,) = self._layers.run(None, {"words": words_BTD, "mask": mask_BT})
        return np.asarray(vectors, np.float32)


def _layers(tensors: Tensors) -> dict[str, NDArray[np.float32]]:
    """Everything but the words, multiplied out."""
    tables = {name.removesuffix(".rows") for name in tensors if name.endswith(".rows")} - {WORDS}
    plain = {
        name: np.asarray(value, np.float32)
        for name, value in tensors.items()
        if not name.endswith((".rows", ".steps"))
    }
    return plain | {name: rows_of(tensors, name) for name in tables}
