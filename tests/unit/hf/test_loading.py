"""From `hf:MODEL` to a detector."""

import json
import shutil
import subprocess
import sys

import pytest
import torch

from tests.unit.hf.tiny_models import bert_tokenizer
from workers.detectors.errors import WeightsError
from workers.detectors.hf.digest import folder_digest
from workers.detectors.registry import load_detector

DETECT_OFFLINE = """
import json, sys
import numpy as np
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.registry import load_detector
detector = load_detector("hf:some/model", device="cpu")
vocabulary = Vocabulary(name="test", labels=("dog",))
words = EmbeddedVocabulary(vocabulary=vocabulary, embeddings=detector.text_encoder.encode(["a dog"]))
(found,) = detector.detect([np.zeros((40, 60, 3), np.uint8)], words, threshold=0.0)
print(json.dumps([len(found), detector.weights_digest, dict(detector.facts(vocabulary).facts)]))
"""


def load(name, **options):
    return load_detector(name, device="cpu", **options)


def test_what_the_hubs_client_has_downloaded_works_without_network(folder_of, tmp_path):
    repository = tmp_path / "hub" / "models--some--model"
    shutil.copytree(folder_of("rt_detr_v2"), repository / "snapshots" / ("a" * 40))
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("a" * 40)
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    environment["PYTHONPATH"] = ":".join(sys.path)

    done = subprocess.run(
        [sys.executable, "-c", DETECT_OFFLINE], env=environment, capture_output=True, text=True, check=True
    )

    count, digest, facts = json.loads(done.stdout)
    assert count > 0
    assert digest == folder_digest(folder_of("rt_detr_v2"))
    assert (facts["model"], facts["revision"]) == ("some/model", "a" * 40)


def test_the_digest_is_of_what_a_result_depends_on(folder_of, tmp_path):
    copy = shutil.copytree(folder_of("detr"), tmp_path / "copy")
    (copy / "README.md").write_text("for people")
    same = folder_digest(copy)

    config = json.loads((copy / "config.json").read_text())
    (copy / "config.json").write_text(json.dumps({**config, "num_queries": 5}))

    assert same == folder_digest(folder_of("detr"))
    assert folder_digest(copy) != same


@pytest.mark.parametrize("name", ["hf:./nowhere", "hf:/no/where"])
def test_a_folder_that_is_not_there_is_one_clear_error(name):
    with pytest.raises(WeightsError, match="there is no folder"):
        load(name)


def test_a_model_that_is_not_here_and_cannot_be_downloaded_is_one_clear_error(monkeypatch):
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)

    with pytest.raises(WeightsError, match=r"cannot load the model 'nobody/nothing'.*hf:FOLDER") as caught:
        load("hf:nobody/nothing")

    assert "\n" not in str(caught.value)


def test_a_model_that_detects_nothing_is_one_clear_error(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": "bert"}))
    bert_tokenizer().save_pretrained(tmp_path)

    with pytest.raises(WeightsError, match="type 'bert', which is no detector known here"):
        load(f"hf:{tmp_path}")


def test_a_pickle_is_not_read(folder_of, tmp_path):
    copy = shutil.copytree(folder_of("detr"), tmp_path / "copy")
    (copy / "model.safetensors").unlink()
    torch.save({"weight": torch.zeros(1)}, copy / "pytorch_model.bin")

    with pytest.raises(WeightsError, match="safetensors"):
        load(f"hf:{copy}")


def test_code_beside_the_weights_is_not_run(folder_of, tmp_path):
    copy = shutil.copytree(folder_of("detr"), tmp_path / "copy")
    (copy / "theirs.py").write_text(f"open({str(tmp_path / 'ran')!r}, 'w')\nclass Theirs: pass\n")
    config = json.loads((copy / "config.json").read_text())
    theirs = {"AutoConfig": "theirs.Theirs", "AutoModelForObjectDetection": "theirs.Theirs"}
    (copy / "config.json").write_text(json.dumps({**config, "model_type": "theirs", "auto_map": theirs}))

    with pytest.raises(WeightsError, match="cannot load the model"):
        load(f"hf:{copy}")

    assert not (tmp_path / "ran").exists()


def test_weights_of_a_file_are_refused_with_what_to_write(tmp_path):
    with pytest.raises(WeightsError, match="write -d hf:FOLDER"):
        load("hf:some/model", weights=tmp_path / "weights.safetensors")
