"""Text embeddings, computed once and shared."""

import logging
import os
import subprocess
import sys
from contextlib import contextmanager, nullcontext

import numpy as np
import pytest
from safetensors.numpy import save

from api_client.contract import keys
from api_client.errors import JobCancelledError
from api_client.store.directory import DirectoryStore
from vocabularies import Vocabulary
from workers import embeddings
from workers.embeddings import EmbeddingCache, embed

STREET = Vocabulary(name="street", labels=("taxi", "cyclist", "bollard"))


class LetterCounts:
    """A `TextEncoder` that counts letters, and what it was asked."""

    identity = "letter-counts"

    def __init__(self) -> None:
        self.calls: list[list[str]] = []

    def encode(self, sentences, *, progress=None):
        self.calls.append(list(sentences))
        return np.array([[s.count(letter) for letter in "abcdeilorsty"] for s in sentences], np.float32)


def no_lock(_name):
    return nullcontext()


@pytest.fixture
def store(tmp_path):
    return DirectoryStore(tmp_path)


def test_a_row_per_label_as_the_encoder_gave_it(store):
    embedded = embed(STREET, LetterCounts(), store, no_lock)

    assert embedded.vocabulary == STREET
    assert np.array_equal(embedded.embeddings, LetterCounts().encode(["a taxi", "a cyclist", "a bollard"]))


def test_the_second_worker_reads_what_the_first_computed(store):
    first, second = LetterCounts(), LetterCounts()

    rows = [embed(STREET, encoder, store, no_lock).embeddings for encoder in (first, second)]

    assert np.array_equal(*rows)
    assert (len(first.calls), len(second.calls)) == (1, 0)


def test_equal_vocabularies_of_other_names_share(store):
    other = LetterCounts()
    embed(STREET, LetterCounts(), store, no_lock)

    embed(Vocabulary(name="other", labels=STREET.labels), other, store, no_lock)

    assert other.calls == []


def test_several_prompts_are_averaged_at_length_one(store):
    vocabulary = Vocabulary(name="v", labels=("cat", "dog"), prompts=("a {}", "a very large {}"))
    vectors = LetterCounts().encode(["a cat", "a very large cat", "a dog", "a very large dog"])
    unit = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)

    embedded = embed(vocabulary, LetterCounts(), store, no_lock)

    assert embedded.embeddings == pytest.approx(np.stack([unit[:2].mean(0), unit[2:].mean(0)]))


def test_a_long_vocabulary_is_computed_in_parts_that_are_heard_of(store, monkeypatch, caplog):
    monkeypatch.setattr(embeddings, "SENTENCES_PER_CALL", 4)
    vocabulary = Vocabulary(name="long", labels=tuple("abcdefghij"), prompts=("a {}", "the {}"))
    encoder, heard = LetterCounts(), []

    with caplog.at_level(logging.INFO):
        embedded = embed(vocabulary, encoder, store, no_lock, progress=lambda *at: heard.append(at))

    assert [len(sentences) for sentences in encoder.calls] == [4] * 5
    assert heard == [(4, 20), (8, 20), (12, 20), (16, 20), (20, 20)]
    assert "embedded 8 of 20 sentences" in caplog.text
    assert embedded.embeddings.shape == (10, 12)


def test_what_progress_raises_ends_the_work_and_stores_nothing(store):
    def cancelled(done, total):
        raise JobCancelledError("enough")

    with pytest.raises(JobCancelledError):
        embed(STREET, LetterCounts(), store, no_lock, progress=cancelled)

    assert list(store.list("embeddings/")) == []


@pytest.mark.parametrize(
    "damaged",
    [
        b"not safetensors",
        save({"embeddings": np.zeros((2, 12), np.float32)}),
        save({"embeddings": np.zeros((3, 12), np.float16)}),
        save({"others": np.zeros((3, 12), np.float32)}),
        save({"embeddings": np.full((3, 12), np.nan, np.float32)}),
        save({"embeddings": np.full((3, 12), np.inf, np.float32)}),
        save({"embeddings": np.zeros((3, 0), np.float32)}),
        b"\x4f"
        + bytes(7)
        + b'{"embeddings":{"dtype":"BF16","shape":[3,12],"data_offsets":[0,72]}}'.ljust(79)
        + bytes(72),
    ],
)
def test_what_is_damaged_is_computed_again_and_replaced(store, damaged, caplog):
    key = keys.embeddings(LetterCounts.identity, STREET.digest)
    store.put(key, damaged)

    embedded = embed(STREET, LetterCounts(), store, no_lock)

    assert embedded.embeddings.shape == (3, 12)
    assert store.get(key) == save({"embeddings": embedded.embeddings})
    assert key in caplog.text


def test_who_waited_for_the_lock_reads_what_its_holder_wrote(store):
    waiting = LetterCounts()

    @contextmanager
    def held_by_another(_name):
        embed(STREET, LetterCounts(), store, no_lock)
        yield

    embed(STREET, waiting, store, held_by_another)

    assert waiting.calls == []


def test_who_loses_the_race_goes_on_with_what_the_winner_stored(store):
    class Slow(LetterCounts):
        def encode(self, sentences, *, progress=None):
            embed(STREET, LetterCounts(), store, no_lock)  # somebody else is quicker
            return super().encode(sentences) + 1e-3  # and float noise makes ours differ

    embedded = embed(STREET, Slow(), store, no_lock)

    assert np.array_equal(embedded.embeddings, embed(STREET, LetterCounts(), store, no_lock).embeddings)


RACER = """
import sys
from contextlib import nullcontext
from pathlib import Path

import numpy as np

from api_client.store.directory import DirectoryStore
from vocabularies import Vocabulary
from workers.embeddings import embed

class Noise:
    identity = "noise"
    def encode(self, sentences, *, progress=None):
        print("encoding", flush=True)
        sys.stdin.readline()  # both have looked in the store before either goes on
        return np.random.default_rng().random((len(sentences), 8), np.float32)

vocabulary = Vocabulary(name="v", labels=("taxi", "bus"))
embedded = embed(vocabulary, Noise(), DirectoryStore(Path(sys.argv[1])), lambda name: nullcontext())
print(embedded.embeddings.tobytes().hex())
"""


def test_two_processes_that_race_end_with_one_object_and_the_same_rows(tmp_path):
    command = [sys.executable, "-c", RACER, str(tmp_path)]
    racers = [
        subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ)
        for _ in range(2)
    ]
    assert [racer.stdout.readline() for racer in racers] == ["encoding\n"] * 2

    for racer in racers:
        racer.stdin.write("go\n")
        racer.stdin.flush()
    first, second = [racer.communicate(timeout=60)[0] for racer in racers]

    assert first == second != ""
    assert len(list(DirectoryStore(tmp_path).list("embeddings/"))) == 1


def test_a_process_remembers_the_vocabularies_it_used_last(store):
    cache, encoder = EmbeddingCache(capacity=2), LetterCounts()
    others = [Vocabulary(name="v", labels=(word,)) for word in ("cat", "dog")]

    first = cache.embed(STREET, encoder, store, no_lock)
    again = cache.embed(STREET, encoder, store, no_lock)
    for vocabulary in others:
        cache.embed(vocabulary, encoder, store, no_lock)
    later = cache.embed(STREET, encoder, store, no_lock)

    assert first is again
    assert later is not first
    assert np.array_equal(later.embeddings, first.embeddings)
