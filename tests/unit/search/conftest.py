"""A store on this machine, and what searches it, in this process."""

from collections.abc import Callable
from pathlib import Path

import pytest

from api_client.queue.connections import open_store_of
from api_client.search.asked import SearchAnswer, SearchRequest
from api_client.settings import Settings
from api_client.store import ObjectStore
from vocabularies import Vocabulary
from workers.searching.searcher import Searcher

Search = Callable[..., SearchAnswer]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    for name in ("HORATIO_BROKER_URL", "HORATIO_STORE_URL"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HORATIO_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("HORATIO_ALLOW_PYTHON_DETECTORS", "1")
    return Settings.load()


@pytest.fixture
def store(settings: Settings) -> ObjectStore:
    return open_store_of(settings)


@pytest.fixture
def search(settings: Settings, store: ObjectStore) -> Search:
    """Search for words with a searcher of its own, as a new process would."""

    def search(*words: str, **request: object) -> SearchAnswer:
        if words:
            request["vocabulary"] = Vocabulary(name="custom", labels=words)
        asked = SearchRequest.model_validate(request)
        return Searcher(settings, store).search(asked, lambda _done, _of: None)

    return search
