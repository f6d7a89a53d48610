"""The text tower against the official one, and what it does with sentences that are too long."""

import logging

import numpy as np
import pytest
import torch

from tests.unit.detic.goldens import REFERENCE
from training.detic.deterministic import text_encoder
from workers.detectors.clip_text import ClipTextEncoder, tokenize
from workers.detectors.errors import WeightsError


@pytest.fixture(scope="session")
def encoder() -> ClipTextEncoder:
    torch.set_num_threads(1)
    return text_encoder()


def test_tokens_and_embeddings_are_the_official_ones(encoder):
    path = REFERENCE / "text/golden_text.npz"
    if not path.exists():
        pytest.skip(f"no reference numbers in {REFERENCE}")
    golden = np.load(path)
    texts = golden["texts"].tolist()

    embeddings = encoder.encode(texts)

    assert np.abs(embeddings - golden["features"]).max() < 1e-4
    assert np.array_equal(tokenize(encoder._loaded[1], texts).numpy(), golden["tokens"])


def test_a_sentence_is_embedded_alike_beside_any_other(encoder):
    sentences = ["a cat", "a traffic light that has just turned from red to green", "a dog"]

    together = encoder.encode(sentences)

    alone = np.concatenate([encoder.encode([sentence]) for sentence in sentences])
    assert np.abs(together - alone).max() < 1e-5
    assert together.dtype == np.float32
    assert together.shape == (3, 512)


def test_progress_counts_up_to_every_sentence(encoder):
    seen = []

    encoder.encode(["a cat"] * 300, progress=lambda done, total: seen.append((done, total)))

    assert seen == [(256, 300), (300, 300)]


def test_no_sentences_give_no_rows(encoder):
    assert encoder.encode([]).shape == (0, 512)


def test_a_label_of_200_words_is_cut_with_a_warning_that_names_it(encoder, caplog):
    long = "a " + " ".join(f"word{index}" for index in range(200))

    with caplog.at_level(logging.WARNING):
        embedding = encoder.encode([long])

    assert np.isfinite(embedding).all()
    assert "word0 word1" in caplog.text
    assert "too long for CLIP" in caplog.text


def test_an_encoder_reads_its_weights_at_the_first_use(encoder, tmp_path):
    path = tmp_path / "text.pth"
    tower = encoder._loaded[0] if encoder._loaded else None
    if tower is None:
        encoder.encode(["a cat"])
        tower = encoder._loaded[0]
    torch.save({"state_dict": {**tower.state_dict(), "visual.proj": torch.zeros(2, 2)}}, path)

    from_file = ClipTextEncoder.from_file(path)

    assert from_file._loaded is None
    assert from_file.identity.startswith("clip-vit-b-32-")
    assert np.array_equal(from_file.encode(["a cat"]), encoder.encode(["a cat"]))


@pytest.mark.parametrize("content", [b"", b"not weights at all", b"PK\x03\x04 cut short"])
def test_a_damaged_file_is_one_clear_error(tmp_path, content):
    path = tmp_path / "text.pth"
    path.write_bytes(content)

    with pytest.raises(WeightsError, match=r"text\.pth is (damaged|truncated)"):
        ClipTextEncoder.from_file(path).encode(["a cat"])


def test_a_damaged_safetensors_file_is_one_clear_error(tmp_path):
    path = tmp_path / "text.safetensors"
    path.write_bytes(b"no header at all")

    with pytest.raises(WeightsError, match=r"text\.safetensors is truncated"):
        ClipTextEncoder.from_file(path).encode(["a cat"])


def test_weights_of_another_tower_are_one_clear_error(tmp_path):
    path = tmp_path / "text.pth"
    torch.save({"token_embedding.weight": torch.zeros(3, 3)}, path)

    with pytest.raises(WeightsError, match="not the weights of CLIP") as caught:
        ClipTextEncoder.from_file(path).encode(["a cat"])

    assert "148 tensors are missing" in str(caught.value)
    assert "1 have another shape (token_embedding.weight (3, 3) instead of (49408, 512))" in str(caught.value)
    assert "\n" not in str(caught.value)
