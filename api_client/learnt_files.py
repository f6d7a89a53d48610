"""What was learnt from pictures, on its way from a `.vocab` file to those who look for it."""

from api_client.contract import keys
from api_client.errors import VocabularyError
from api_client.store.protocol import ObjectStore
from vocabularies import Vocabulary


def check_learnt(vocabulary: Vocabulary, detector: str, weights_digest: str | None) -> None:
    """Raise `VocabularyError` where what was learnt belongs to another detector.

    weights_digest: of the detector's weights; None where only the workers know it, who check it again.
    """
    learnt = vocabulary.learnt
    if learnt is None:
        return
    label = learnt.labels[0]
    if learnt.detector != detector:
        raise VocabularyError(
            f"{label!r} was learnt with the detector {learnt.detector!r}, and {detector!r} is to look: "
            f"learn it again with `-d {detector}`, or look with `-d {learnt.detector}`"
        )
    if weights_digest not in (None, learnt.weights_digest):
        raise VocabularyError(
            f"{label!r} was learnt with another version of the detector {detector!r}: learn it again"
        )


def store_learnt(store: ObjectStore, vocabulary: Vocabulary) -> None:
    """Store what the vocabulary says it learnt, unless it is stored. Doing it twice changes nothing."""
    if vocabulary.learnt is None:
        return
    from vocabularies.learnt_file import remembered_bytes  # deferred: pyarrow, for those who need it

    key = keys.learnt(vocabulary.learnt.sha256)
    data = remembered_bytes(vocabulary.learnt.sha256)
    if data is not None:
        store.put_if_absent(key, data)
    elif not store.exists(key):
        raise VocabularyError(
            f"what was learnt of {vocabulary.learnt.labels[0]!r} is not in {store.url}: name its .vocab file"
        )
