import inspect
from pathlib import Path

import av.error
import pytest

from api_client.errors import IntegrityError, MediaError
from api_client.media.av_errors import av_errors_of, av_errors_of_our_own

_CODES = sorted(av.error.classes)
_CLASSES = {
    error
    for _, error in inspect.getmembers(av.error, inspect.isclass)
    if issubclass(error, av.error.FFmpegError)
}


def test_every_class_of_pyav_is_tried():
    never_raised_by_number = {
        av.error.FFmpegError,
        av.error.LookupError,
        av.error.HTTPError,
        av.error.HTTPClientError,
        av.error.UndefinedError,
    }

    assert {av.error.classes[code] for code in _CODES} | never_raised_by_number == _CLASSES


@pytest.mark.parametrize("code", _CODES)
def test_every_error_of_an_input_becomes_one_line_that_names_it(code):
    with pytest.raises(MediaError) as caught, av_errors_of(Path("/films/holiday.mp4")):
        raise av.error.classes[code](code, "as FFmpeg puts it", "/films/holiday.mp4")

    assert str(caught.value).startswith("/films/holiday.mp4 ")
    assert ";" in str(caught.value)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    "error", [av.error.UndefinedError(99, "odd"), OSError(28, "No space left on device")]
)
def test_what_has_no_number_of_its_own_is_translated_too(error):
    with pytest.raises(MediaError, match="film"), av_errors_of(Path("film")):
        raise error


def test_a_full_disk_is_said_to_be_full():
    with pytest.raises(MediaError, match="no space left"), av_errors_of(Path("film")):
        raise av.error.OSError(28, "No space left on device")


@pytest.mark.parametrize("code", _CODES)
def test_errors_of_our_own_files_are_inconsistencies(code):
    with pytest.raises(IntegrityError, match=r"segment\.mp4"), av_errors_of_our_own(Path("/tmp/segment.mp4")):
        raise av.error.classes[code](code, "as FFmpeg puts it")
