"""Reading labels from a file: one on each line."""

import errno
import os
import re
import select
import time
from pathlib import Path

from vocabularies.errors import VocabularyError
from vocabularies.label import clean_label

_MOST_BYTES = 8 << 20
"""Twenty times the longest list that is shipped, of twenty-two thousand labels."""
_MOST_LINES = 200_000
"""Blank lines and comments included."""
_WAIT_SECONDS = 10.0
"""How long a pipe or a device may take to say everything."""
_COMMENT = re.compile(r"(?:^|\s)#.*")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_label_file(path: Path) -> tuple[str, ...]:
    """Return the labels of a UTF-8 text file, without blank lines and `# comments`.

    Raises `VocabularyError` where it is missing, unreadable, no text, or holds no label.
    """
    lines = _text_of(path).splitlines()
    if len(lines) > _MOST_LINES:
        raise VocabularyError(f"{str(path)!r} has {len(lines)} lines: {_MOST_LINES} are the most")
    labels = tuple(label for line in lines if (label := clean_label(_COMMENT.sub("", line))))
    if not labels:
        raise VocabularyError(f"{str(path)!r} holds no label: write one on each line")
    if len(labels) == 1 and "," in labels[0]:
        raise VocabularyError(f"{str(path)!r} holds one line with commas: write one label on each line")
    return labels


def _text_of(path: Path) -> str:
    data = _bytes_of(path)
    if data.startswith(_UTF16_MARKS):
        raise VocabularyError(f"{str(path)!r} is UTF-16: save it as UTF-8")
    if b"\0" in data:
        raise VocabularyError(f"{str(path)!r} is no text file: give a file with one label on each line")
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise VocabularyError(f"{str(path)!r} is not UTF-8 at line {line}: save it as UTF-8") from None


def _bytes_of(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            data = _read_bounded(descriptor)
        finally:
            os.close(descriptor)
    except FileNotFoundError:
        raise VocabularyError(f"there is no vocabulary file {str(path)!r}: check its path") from None
    except IsADirectoryError:
        raise VocabularyError(f"{str(path)!r} is a directory: name a file, one label on each line") from None
    except TimeoutError:
        raise VocabularyError(
            f"nothing came out of {str(path)!r} within {_WAIT_SECONDS:g} s: write the labels to a file"
        ) from None
    except OSError as error:
        raise VocabularyError(
            f"the vocabulary file {str(path)!r} cannot be read ({error.strerror}): check its permissions"
        ) from error
    if len(data) > _MOST_BYTES:
        raise VocabularyError(
            f"{str(path)!r} is larger than {_MOST_BYTES >> 20} MiB: too long for a vocabulary"
        )
    return data


def _read_bounded(descriptor: int) -> bytes:
    """Read to the end, or one byte more than is allowed; raise `TimeoutError` where the end does not come."""
    deadline = time.monotonic() + _WAIT_SECONDS
    poll = select.poll()
    poll.register(descriptor, select.POLLIN)
    data = bytearray()
    while len(data) <= _MOST_BYTES:
        # a pipe that nobody writes to is neither ready nor at its end
        if not poll.poll(max(0.0, deadline - time.monotonic()) * 1000):
            raise TimeoutError(errno.ETIMEDOUT, "nothing comes out of it")
        block = os.read(descriptor, _MOST_BYTES + 1 - len(data))
        if not block:
            break
        data += block
    return bytes(data)
