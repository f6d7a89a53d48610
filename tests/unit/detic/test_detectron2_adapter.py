"""Models of detectron2 beside Detic. What needs detectron2 itself is skipped where it is not installed."""

import os
import pickle
from importlib.util import find_spec

import numpy as np
import pytest
import torch

from vocabularies import Vocabulary, VocabularyError
from workers.detectors.detectron2_adapter import (
    NamesOnly,
    _set_weights,
    class_labels,
    load,
    read_weights,
    to_detections,
)
from workers.detectors.errors import WeightsError

COCO_BASELINE = "COCO-InstanceSegmentation/mask_rcnn_R_50_FPN_1x.yaml"


def _vocabulary(*labels):
    return Vocabulary(name="test", labels=labels)


@pytest.mark.skipif(find_spec("detectron2") is not None, reason="detectron2 is installed")
def test_without_detectron2_the_error_says_how_to_get_it():
    with pytest.raises(WeightsError, match=r"git\+https://github\.com/facebookresearch/detectron2"):
        load("detectron2:config.yaml,weights.pth", device="cpu")


@pytest.mark.filterwarnings("ignore")  # of detectron2, which is older than the torch beneath it
@pytest.mark.skipif(find_spec("detectron2") is None, reason="detectron2 is not installed")
def test_a_model_of_the_zoo_detects(tmp_path):
    from detectron2.modeling import build_model

    from workers.detectors import EmbeddedVocabulary
    from workers.detectors.detectron2_adapter import read_config

    path = tmp_path / "weights.pth"
    torch.save({"model": build_model(read_config(COCO_BASELINE, "cpu")).state_dict()}, path)
    detector = load(f"detectron2:{COCO_BASELINE},{path}", device="cpu")
    vocabulary = EmbeddedVocabulary(
        vocabulary=_vocabulary("person", "car"), embeddings=detector.text_encoder.encode(["person", "car"])
    )

    found = detector.detect([np.zeros((120, 160, 3), np.uint8)], vocabulary, threshold=0.0)

    assert len(found) == 1


def test_labels_are_matched_by_name_whatever_their_case():
    labels = class_labels(["person", "Car", "boat"], _vocabulary("car", "tree", "Person"), 3)

    assert labels.tolist() == [2, 0, -1]


def test_a_model_without_names_takes_the_labels_in_their_order():
    assert class_labels((), _vocabulary("a", "b"), 2).tolist() == [0, 1]
    with pytest.raises(VocabularyError, match="3 classes without names"):
        class_labels((), _vocabulary("a", "b"), 3)


def test_a_vocabulary_the_model_knows_nothing_of_is_one_clear_error():
    with pytest.raises(VocabularyError, match="knows none"):
        class_labels(["person"], _vocabulary("bollard"), 1)


def test_what_was_found_becomes_detections_of_the_frame():
    found = {
        "boxes": np.array([[0, 0, 20, 10], [10, 10, 50, 90], [0, 0, 5, 5], [3, 3, 3, 9]], np.float32),
        "scores": np.array([0.6, 0.9, 0.8, 0.95], np.float32),
        "classes": np.array([0, 1, 2, 0]),
        "masks": np.full((4, 28, 28), 0.5, np.float32),
        "size": (50, 100),
    }

    detections = to_detections(found, (100, 200), np.array([1, 0, -1], np.int32), 0.5)

    assert detections.label_ids.tolist() == [0, 1]
    assert detections.boxes_xyxy_px.tolist() == [[20, 20, 100, 100], [0, 0, 40, 20]]
    assert detections.masks.shape == (2, 28, 28)
    assert detections.masks[0, 0, 0] == 128


def test_the_zoos_pickles_of_arrays_are_read(tmp_path):
    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"model": {"a": np.arange(3.0, dtype=np.float32)}, "__author__": "zoo"}))

    assert read_weights(path)["a"].tolist() == [0, 1, 2]


def test_a_pickle_that_holds_code_is_refused_and_not_run(tmp_path):
    class Payload:
        def __reduce__(self):
            return (os.mkdir, (str(tmp_path / "ran"),))

    path = tmp_path / "model.pkl"
    path.write_bytes(pickle.dumps({"model": {"a": Payload()}}))

    with pytest.raises(WeightsError, match=r"posix\.mkdir.*could run code"):
        read_weights(path)

    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("name", ["model.pkl", "model.pth"])
@pytest.mark.parametrize("content", [b"", b"\x80\x02cut", b"no pickle", pickle.dumps([1], 2)])
def test_a_damaged_file_is_one_clear_error(tmp_path, name, content):
    path = tmp_path / name
    path.write_bytes(content)

    with pytest.raises(WeightsError, match=name) as caught:
        read_weights(path)

    assert "\n" not in str(caught.value)


def test_weights_of_another_model_are_one_clear_error(tmp_path):
    path = tmp_path / "model.pth"
    torch.save({"model": {"weight": torch.zeros(9, 2), "stray": torch.zeros(1)}}, path)

    with pytest.raises(
        WeightsError, match=r"another model: 1 tensors are missing \(bias\), 1 are unexpected"
    ) as caught:
        _set_weights(torch.nn.Linear(2, 3), path)

    assert "weight (9, 2) instead of (3, 2)" in str(caught.value)


def test_weights_fit_whatever_lies_beside_them(tmp_path):
    path, model = tmp_path / "model.pth", torch.nn.Linear(2, 3)
    tensors = {"weight": torch.full((3, 2), 5.0), "bias": torch.zeros(3), "stray": torch.zeros(1)}
    torch.save({"model": tensors, "iteration": 7}, path)

    _set_weights(model, path)

    assert (model.weight == 5).all()


def test_names_need_no_embedding():
    seen = []

    rows = NamesOnly().encode(["a", "b"], progress=lambda *counts: seen.append(counts))

    assert rows.shape == (2, 1)
    assert seen == [(2, 2)]
