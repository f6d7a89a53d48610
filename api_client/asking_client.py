"""What a client can ask of what was seen already, and learn from pictures: a part of `Client`."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from api_client.asked_words import Words
from api_client.contract import Manifest, Rendering
from api_client.contract.ids import JobId
from api_client.defaults import DEFAULT_DETECTOR
from api_client.job_files import JobFiles
from api_client.settings import Settings
from api_client.store import ObjectStore

if TYPE_CHECKING:
    from api_client.learning import LearningReport, OnPicture
    from api_client.search.process import OnKept, SearchProcess
    from api_client.search.result import SearchResult


def _look_silently(_done: int, _of: int) -> None:
    pass


class AskingClient:
    """The verbs that need no video."""

    settings: Settings
    _store: ObjectStore

    @abstractmethod
    def _again(self, derive: Callable[[JobFiles], Manifest], *, of: JobId) -> JobId:
        """Begin a job that is made of another; return its id."""

    def query(
        self,
        job_id: JobId,
        vocabulary: Words,
        *,
        threshold: float | None = None,
        exports: Iterable[str] = (),
        rendering: Rendering | None = None,
    ) -> JobId:
        """Ask other words of what a job has seen, in a job of its own; return that job's id.

        Needs neither the input file nor a detector's look at it: the regions that the job kept are asked.
        The options are those of `submit`. Raises `SettingsError` where no regions were kept, or by another
        version of the detector; `VocabularyError`.
        """
        from api_client.query import Query, queried  # deferred: pyarrow takes longer to load than most

        query = Query(vocabulary=vocabulary, threshold=threshold, exports=tuple(exports), rendering=rendering)
        return self._again(lambda files: queried(files, query), of=job_id)

    def search(
        self,
        words: Words,
        *,
        jobs: Iterable[JobId] = (),
        since: str | datetime | None = None,
        threshold: float | None = None,
        top: int = 20,
        pictures: bool = False,
        on_kept: "OnKept" = _look_silently,
    ) -> "SearchResult":
        """Search all that was seen, by whatever jobs, for words; return the moments they are in, best first.

        jobs: only these; none for all of the store. since: only jobs submitted since: a time, "2026-11-01",
        "7d". threshold: as of `submit`. top: moments of each word. pictures: whether to cut one of each
        moment out of the stored footage. on_kept: told how many jobs that are new here are taken in.

        The first search starts a process on this machine, which stays until the client is closed. Raises
        `SettingsError` where there is nothing to search, `JobNotFoundError`, `VocabularyError`.
        """
        from api_client.learnt_files import store_learnt
        from api_client.search.pictures import cut_pictures
        from api_client.search.request import search_request
        from api_client.search.result import SearchResult

        request = search_request(self._store, words, jobs=jobs, since=since, threshold=threshold, top=top)
        store_learnt(self._store, request.vocabulary)
        answer = self._searching.ask(request, on_kept)
        cut = cut_pictures(self._store, answer.moments) if pictures else ()
        return SearchResult(answer=answer, pictures=tuple(cut))

    @cached_property
    def _searching(self) -> "SearchProcess":
        from api_client.search.process import SearchProcess

        return SearchProcess(self.settings)

    def _end_search(self) -> None:
        if "_searching" in self.__dict__:
            self._searching.close()

    def learn(
        self,
        examples: Mapping[str, str | Path | Iterable[str | Path]],
        output: str | Path,
        *,
        others: Iterable[str | Path] = (),
        detector: str = DEFAULT_DETECTOR,
        weights: str | Path | None = None,
        on_picture: "OnPicture" = _look_silently,
    ) -> "LearningReport":
        """Learn labels from example pictures, on this machine; write them to a `.vocab` file.

        examples: label → a folder of pictures, or files. others: pictures of what must not be taken for any.
        The file is used as words are: `submit(…, vocabulary="breeds.vocab")`. Raises `SettingsError` where a
        picture or a detector is missing, or labels cannot be told apart.
        """
        from api_client.learning import learn, learning_request

        request = learning_request(examples, output, others=others, detector=detector, weights=weights)
        return learn(self.settings, request, on_picture)
