"""What a client can ask of what was seen already, and learn from pictures: a part of `Client`."""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from api_client.asked_words import Words
from api_client.contract import Manifest, Rendering
from api_client.contract.ids import JobId
from api_client.job_files import JobFiles
from api_client.learning import LearningReport, OnPicture, learn, learning_request
from api_client.question import DEFAULT_DETECTOR
from api_client.settings import Settings


def _look_silently(_done: int, _of: int) -> None:
    pass


class AskingClient:
    """The verbs that need no video."""

    settings: Settings

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

    def learn(
        self,
        examples: Mapping[str, str | Path | Iterable[str | Path]],
        output: str | Path,
        *,
        others: Iterable[str | Path] = (),
        detector: str = DEFAULT_DETECTOR,
        weights: str | Path | None = None,
        on_picture: OnPicture = _look_silently,
    ) -> LearningReport:
        """Learn labels from example pictures, on this machine; write them to a `.vocab` file.

        examples: label → a folder of pictures, or files. others: pictures of what must not be taken for any.
        The file is used as words are: `submit(…, vocabulary="breeds.vocab")`. Raises `SettingsError` where a
        picture or a detector is missing, or labels cannot be told apart.
        """
        request = learning_request(examples, output, others=others, detector=detector, weights=weights)
        return learn(self.settings, request, on_picture)
