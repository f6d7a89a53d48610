"""Modules are loaded without looking for garbage among them."""

import gc
import signal
import sys

import pytest

from api_client.loading import loading, switching_often


@pytest.fixture(autouse=True)
def _nothing_stays_frozen() -> object:
    yield
    gc.unfreeze()


def test_garbage_is_looked_for_again_once_all_is_loaded() -> None:
    with loading():
        assert not gc.isenabled()

    assert gc.isenabled()
    assert gc.get_freeze_count() > 0


def test_also_after_a_module_that_cannot_be_loaded() -> None:
    with pytest.raises(ImportError), loading():
        raise ImportError

    assert gc.isenabled()


def test_threads_take_turns_as_usual_afterwards() -> None:
    usual = sys.getswitchinterval()

    with switching_often():
        assert sys.getswitchinterval() < usual

    assert sys.getswitchinterval() == usual


def test_an_interrupt_comes_once_all_is_loaded() -> None:
    loaded: list[str] = []

    with pytest.raises(KeyboardInterrupt):
        _interrupted_while_loading(loaded)

    assert loaded == ["all"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def _interrupted_while_loading(loaded: list[str]) -> None:
    with loading():
        signal.raise_signal(signal.SIGINT)
        loaded.append("all")
