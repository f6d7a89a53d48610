"""A request that is under way when its client is told to end."""

import threading

import pytest

from api_client.errors import StoreAccessError
from api_client.uninterrupted import uninterrupted


def test_what_a_request_returns_and_raises_is_returned_and_raised() -> None:
    def refuse() -> None:
        raise StoreAccessError("no")

    assert uninterrupted(lambda: 3) == 3
    with pytest.raises(StoreAccessError, match="no"):
        uninterrupted(refuse)


def test_a_server_that_does_not_answer_is_not_waited_for_forever(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("api_client.uninterrupted._MOST_SECONDS", 0)
    monkeypatch.setattr("api_client.uninterrupted.Future.result", interrupt)
    answers = threading.Event()

    with pytest.raises(KeyboardInterrupt) as raised:
        uninterrupted(answers.wait)

    answers.set()
    assert "may still do what it was asked to" in raised.value.__notes__[0]
