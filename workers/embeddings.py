"""The text embeddings of a vocabulary: computed once, by whichever worker needs them first.

They are stored under (text encoder, vocabulary digest) as a safetensors file with one tensor, `embeddings`
(C, D) float32, and shared by all workers and all later jobs. The rows of the words come first, then those
of what phrases ask for.

With one prompt, a label's row is the encoder's vector as it is. With several, it is the mean of the
vectors of its sentences, each brought to length 1 first so that none outweighs the others (Radford et
al. 2021).
"""

import logging
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError
from safetensors.numpy import load, save

from api_client.contract import keys
from api_client.errors import IntegrityError, ObjectNotFoundError
from api_client.store import ObjectStore
from vocabularies import Vocabulary
from vocabularies.learnt_file import learnt_entries
from workers.detectors import EmbeddedVocabulary, Progress, TextEncoder

Lock = Callable[[str], AbstractContextManager[None]]

SENTENCES_PER_CALL = 4096
"""Passed to the encoder at once: bounds memory, and how long nothing is heard of a long vocabulary."""

_LOG = logging.getLogger(__name__)


class EmbeddingCache:
    """The vocabularies a process used last."""

    def __init__(self, *, capacity: int = 8) -> None:
        self._capacity = capacity
        self._recent: OrderedDict[tuple[str, Vocabulary], EmbeddedVocabulary] = OrderedDict()

    def embed(
        self,
        vocabulary: Vocabulary,
        encoder: TextEncoder,
        store: ObjectStore,
        lock: Lock,
        *,
        progress: Progress | None = None,
    ) -> EmbeddedVocabulary:
        """Like the function `embed`; the same object again while it is remembered."""
        key = (encoder.identity, vocabulary)
        if key not in self._recent:
            self._recent[key] = embed(vocabulary, encoder, store, lock, progress=progress)
        return self._used(key)

    def stored(
        self, vocabulary: Vocabulary, text_encoder: str, store: ObjectStore
    ) -> EmbeddedVocabulary | None:
        """Return what that encoder made of the vocabulary; None where that is not in the store."""
        key = (text_encoder, vocabulary)
        if key not in self._recent:
            found = stored(vocabulary, text_encoder, store)
            if found is None:
                return None
            self._recent[key] = found
        return self._used(key)

    def _used(self, key: tuple[str, Vocabulary]) -> EmbeddedVocabulary:
        self._recent.move_to_end(key)
        while len(self._recent) > self._capacity:
            self._recent.popitem(last=False)
        return self._recent[key]


def embed(
    vocabulary: Vocabulary,
    encoder: TextEncoder,
    store: ObjectStore,
    lock: Lock,
    *,
    progress: Progress | None = None,
) -> EmbeddedVocabulary:
    """Return the vocabulary with its embeddings, computing and storing them where nobody has yet.

    The lock only avoids work done twice. Without it several workers may compute; one object stays, and all
    of them go on with what it holds. progress: called now and then with (done, total) sentences; what it
    raises ends the work.
    """
    found = stored(vocabulary, encoder.identity, store)
    if found is not None:
        return found
    key = keys.embeddings(encoder.identity, vocabulary.digest)
    with lock(key):
        rows = _read(key, vocabulary, store)
        if rows is None:
            rows = _store(key, _compute(vocabulary, encoder, progress), vocabulary, store)
    return _embedded(vocabulary, rows, store)


def stored(vocabulary: Vocabulary, text_encoder: str, store: ObjectStore) -> EmbeddedVocabulary | None:
    """Return the vocabulary with its embeddings by that encoder; None where they are not in the store."""
    if not vocabulary.words:
        return _embedded(vocabulary, np.zeros((0, 1), np.float32), store)
    rows = _read(keys.embeddings(text_encoder, vocabulary.digest), vocabulary, store)
    return None if rows is None else _embedded(vocabulary, rows, store)


def _embedded(vocabulary: Vocabulary, rows: NDArray[np.float32], store: ObjectStore) -> EmbeddedVocabulary:
    """Add what was learnt from pictures, which whoever submitted the job has stored."""
    learnt = vocabulary.learnt
    if learnt is None:
        return EmbeddedVocabulary.of_rows(vocabulary, rows)
    entries = learnt_entries(store.get(keys.learnt(learnt.sha256)), vocabulary.name)
    return EmbeddedVocabulary.of_rows(vocabulary, rows, learnt=entries)


def _read(key: str, vocabulary: Vocabulary, store: ObjectStore) -> NDArray[np.float32] | None:
    """Return what is stored; None where nothing is, or nothing that fits the vocabulary."""
    try:
        rows = load(store.get(key)).get("embeddings")
    except ObjectNotFoundError:
        return None
    except (SafetensorError, IntegrityError, LookupError, TypeError, ValueError) as error:
        _LOG.warning("%s is damaged (%s) and will be computed again", key, error)
        return None
    if rows is None or not _fit(rows, len(_embedded_labels(vocabulary))):
        _LOG.warning(
            "%s holds no embeddings of %d labels and will be computed again", key, len(vocabulary.words)
        )
        return None
    return rows


def _fit(rows: NDArray[np.float32], labels: int) -> bool:
    is_table = rows.dtype == np.float32 and rows.ndim == 2 and len(rows) == labels and rows.shape[1] > 0
    return is_table and bool(np.isfinite(rows).all())


def _store(
    key: str, rows: NDArray[np.float32], vocabulary: Vocabulary, store: ObjectStore
) -> NDArray[np.float32]:
    """Store the rows unless somebody was quicker; return those that are stored."""
    data = save({"embeddings": rows})
    if store.put_if_absent(key, data):
        return rows
    stored = _read(key, vocabulary, store)
    if stored is not None:
        return stored
    store.put(key, data)
    return rows


def _compute(vocabulary: Vocabulary, encoder: TextEncoder, progress: Progress | None) -> NDArray[np.float32]:
    prompt_count = len(vocabulary.prompts)
    total = prompt_count * len(_embedded_labels(vocabulary))
    _LOG.info("embedding %d sentences of %r with %s", total, vocabulary.name, encoder.identity)
    parts: list[NDArray[np.float32]] = []
    done = 0
    for sentences in _sentences(vocabulary, max(1, SENTENCES_PER_CALL // prompt_count)):
        parts.append(_mean_over_prompts(encoder.encode(sentences), prompt_count))
        done += len(sentences)
        _LOG.info("embedded %d of %d sentences", done, total)
        if progress is not None:
            progress(done, total)
    return np.ascontiguousarray(np.concatenate(parts), np.float32)


def _sentences(vocabulary: Vocabulary, labels_per_part: int) -> Iterator[list[str]]:
    """Yield the sentences of some labels at a time, all prompts of a label together."""
    every = _embedded_labels(vocabulary)
    for start in range(0, len(every), labels_per_part):
        labels = every[start : start + labels_per_part]
        yield [sentence for label in labels for sentence in vocabulary.sentences(label)]


def _embedded_labels(vocabulary: Vocabulary) -> tuple[str, ...]:
    return (*vocabulary.words, *vocabulary.parts)


def _mean_over_prompts(vectors: NDArray[np.float32], prompt_count: int) -> NDArray[np.float32]:
    """From (labels * prompts, D) to (labels, D)."""
    if prompt_count == 1:
        return vectors
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True).clip(min=1e-12)
    mean: NDArray[np.float32] = unit.reshape(-1, prompt_count, unit.shape[1]).mean(axis=1)
    return mean
