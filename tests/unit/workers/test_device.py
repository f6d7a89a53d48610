"""The device a worker computes on."""

import sys

import pytest

torch = pytest.importorskip("torch", reason="needs the extra detic")

from api_client.errors import SettingsError  # noqa: E402  # after the skip
from workers.device import choose_device, describe_device  # noqa: E402

NO_GPU = not torch.cuda.is_available()


def test_auto_is_the_best_there_is():
    if not NO_GPU:
        assert choose_device("auto") == "cuda"
    else:
        assert choose_device("auto") == ("mps" if torch.backends.mps.is_available() else "cpu")


def test_the_cpu_is_always_there():
    assert describe_device(choose_device("cpu"), threads=3) == "cpu (threads: 3)"


@pytest.mark.parametrize("name", ["gpu", "cuda:x", "CPU", "", "cuda:-1", "cpu:0"])
def test_what_is_no_device_is_one_line(name):
    with pytest.raises(SettingsError, match="is no device: use"):
        choose_device(name)


@pytest.mark.parametrize(
    "name", ["cuda:99", pytest.param("cuda", marks=pytest.mark.skipif(not NO_GPU, reason="has a GPU"))]
)
def test_a_gpu_that_is_not_there_is_one_line(name):
    with pytest.raises(SettingsError, match=r'is not there: .* use "auto" or "cpu"'):
        choose_device(name)


def test_without_torch_there_is_the_cpu_and_a_gpu_is_one_line(monkeypatch):
    monkeypatch.setitem(sys.modules, "torch", None)  # as where it is not installed

    assert choose_device("auto") == "cpu"
    with pytest.raises(SettingsError, match=r"needs PyTorch: .*\[detic\]"):
        choose_device("cuda")
