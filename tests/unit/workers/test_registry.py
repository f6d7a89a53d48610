"""From names to detectors."""

import sys

import pytest

from api_client.detectors import DETECTORS, check_detector_name
from api_client.errors import SettingsError
from tests.colour_detector import ColourDetector
from workers.detectors.registry import load_detector

COLOUR = "python:tests.colour_detector:load"


@pytest.mark.parametrize("name", [*DETECTORS, "detectron2:configs/mask_rcnn.yaml,model.pkl", COLOUR])
def test_known_names_are_returned(name):
    assert check_detector_name(name) == name


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("detic-swin", "did you mean 'detic-swinb'?"),
        ("Pocket", "did you mean 'pocket'?"),
        ("yolo", "did you mean 'yolov3'?"),
        ("nothing like it", "there are pocket, detic-swinb"),
        ("detectron2", "write detectron2:CONFIG,WEIGHTS"),
        ("detectron2:config.yaml", "write detectron2:CONFIG,WEIGHTS"),
        ("python:os", "write python:MODULE:FACTORY"),
        ("python:os:system('rm')", "write python:MODULE:FACTORY"),
        ("", "there are pocket"),
    ],
)
def test_other_names_are_refused_in_one_line(name, hint):
    with pytest.raises(SettingsError) as caught:
        check_detector_name(name)

    assert hint in str(caught.value)
    assert repr(name) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_the_names_are_those_that_modules_know():
    config = pytest.importorskip("workers.detectors.detic.config", reason="Detic is not there")

    assert set(DETECTORS) == {"pocket", "yolov3", *config.RELEASES}


def test_a_detector_of_ones_own_is_loaded_where_allowed():
    assert isinstance(load_detector(COLOUR, device="cpu", allow_python=True), ColourDetector)


def test_a_detector_of_ones_own_is_refused_elsewhere():
    with pytest.raises(SettingsError, match="HORATIO_ALLOW_PYTHON_DETECTORS=1"):
        load_detector(COLOUR, device="cpu")


@pytest.mark.parametrize("name", ["python:no.such.module:load", "python:tests.colour_detector:nothing"])
def test_a_detector_that_cannot_be_imported_is_one_line(name):
    with pytest.raises(SettingsError, match="install its package there") as caught:
        load_detector(name, device="cpu", allow_python=True)

    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["detic-swinb", "detectron2:a.yaml,b.pkl"])
def test_a_detector_that_needs_torch_says_so_where_there_is_none(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed

    with pytest.raises(SettingsError, match=r"needs PyTorch, .*\[detic\]"):
        load_detector(name, device="cpu")
