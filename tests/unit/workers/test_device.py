"""The device a worker computes on."""

import pytest

torch = pytest.importorskip("torch", reason="needs the worker extra")

from api_client.errors import SettingsError  # noqa: E402  # after the skip
from workers.device import choose_device, describe_device  # noqa: E402

NO_GPU = not torch.cuda.is_available()


def test_auto_is_the_best_there_is():
    assert choose_device("auto").type == (
        "cpu" if NO_GPU and not torch.backends.mps.is_available() else "cuda"
    )


def test_the_cpu_is_always_there():
    assert describe_device(choose_device("cpu")).startswith("cpu (threads: ")


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
