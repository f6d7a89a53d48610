from pathlib import Path

import numpy as np
import pytest

from workers.detectors.errors import WeightsError
from workers.detectors.pocket import text_encoder as module
from workers.detectors.pocket.text_encoder import MiniLMTextEncoder


@pytest.fixture(scope="module")
def encoder() -> MiniLMTextEncoder:
    return MiniLMTextEncoder()


def _cosine(encoder: MiniLMTextEncoder, one: str, other: str) -> float:
    a, b = encoder.encode([one, other])
    return float(a @ b / np.linalg.norm(a) / np.linalg.norm(b))


def test_words_alike_are_near(encoder: MiniLMTextEncoder) -> None:
    assert _cosine(encoder, "a dog", "a puppy") > _cosine(encoder, "a dog", "a toaster") + 0.2


def test_a_sentence_does_not_depend_on_those_beside_it(encoder: MiniLMTextEncoder) -> None:
    alone = encoder.encode(["a dog"])
    beside = encoder.encode(["a dog", "a photograph of a very long sentence that needs padding"])

    assert np.allclose(alone[0], beside[0], atol=1e-5)


def test_rows_are_in_the_order_asked_and_progress_is_told(encoder: MiniLMTextEncoder) -> None:
    sentences = [f"a {'long ' * (i % 7)}thing {i}" for i in range(70)]
    told: list[tuple[int, int]] = []

    rows = encoder.encode(sentences, progress=lambda done, total: told.append((done, total)))

    assert rows.shape == (70, 384)
    assert np.allclose(rows[69], encoder.encode([sentences[69]])[0], atol=1e-5)
    assert told == [(64, 70), (70, 70)]


def test_no_sentences_no_rows(encoder: MiniLMTextEncoder) -> None:
    assert encoder.encode([]).shape == (0, 384)


def test_absent_files_are_one_clear_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(module, "SENTENCES_WEIGHTS", tmp_path / "sentences.safetensors")

    with pytest.raises(WeightsError, match=r"cannot read .*sentences\.safetensors"):
        MiniLMTextEncoder().encode(["a dog"])
