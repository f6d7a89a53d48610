import pickle

import pytest

from api_client import errors
from api_client.errors import HoratioError
from workers.detectors import errors as detector_errors


def family(root: type[HoratioError]) -> list[type[HoratioError]]:
    return [root, *(error for child in root.__subclasses__() for error in family(child))]


@pytest.mark.parametrize("kind", family(HoratioError), ids=lambda kind: kind.__name__)
def test_every_error_survives_pickle(kind: type[HoratioError]) -> None:
    error = kind("what happened, with which value, and what to do")

    copy = pickle.loads(pickle.dumps(error))

    assert (type(copy), str(copy), copy.retryable) == (kind, str(error), error.retryable)


def test_the_docstring_draws_every_error_of_the_client() -> None:
    for name in (*errors.__all__, *vars(detector_errors)):
        if not name.endswith("Error"):
            continue
        assert name in (errors.__doc__ or "")
