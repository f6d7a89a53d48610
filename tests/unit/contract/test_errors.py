import pickle

import pytest

from api_client import errors
from api_client.contract.stages import Stage
from api_client.errors import HoratioError
from api_client.queue.items import Item
from tasks.damage import DamagedOutputError
from workers.detectors import errors as detector_errors


def family(root: type[HoratioError]) -> list[type[HoratioError]]:
    return [root, *(error for child in root.__subclasses__() for error in family(child))]


@pytest.mark.parametrize("kind", family(HoratioError), ids=lambda kind: kind.__name__)
def test_every_error_survives_pickle(kind: type[HoratioError]) -> None:
    more = ("job", Item(stage=Stage.DETECT, index=0)) if issubclass(kind, DamagedOutputError) else ()
    error = kind("what happened, with which value, and what to do", *more)

    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy), copy.retryable) == (kind, str(error), error.retryable)


def test_the_docstring_draws_every_error_of_the_client() -> None:
    for name in (*errors.__all__, *vars(detector_errors)):
        if not name.endswith("Error"):
            continue
        assert name in (errors.__doc__ or "")
