"""Reading labels from a file: one on each line."""

import re
from pathlib import Path

from vocabularies.errors import VocabularyError
from vocabularies.label import clean_label

_MOST_BYTES = 64 << 20
_COMMENT = re.compile(r"(?:^|\s)#.*")
_UTF16_MARKS = (b"\xff\xfe", b"\xfe\xff")


def read_label_file(path: Path) -> tuple[str, ...]:
    """Return the labels of a UTF-8 text file, without blank lines and `# comments`.

    Raises `VocabularyError` where it is missing, unreadable, no text, or holds no label.
    """
    lines = _text_of(path).splitlines()
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
        with path.open("rb") as file:
            data = file.read(_MOST_BYTES + 1)
    except FileNotFoundError:
        raise VocabularyError(f"there is no vocabulary file {str(path)!r}: check its path") from None
    except IsADirectoryError:
        raise VocabularyError(f"{str(path)!r} is a directory: name a file, one label on each line") from None
    except OSError as error:
        raise VocabularyError(
            f"the vocabulary file {str(path)!r} cannot be read ({error.strerror}): check its permissions"
        ) from error
    if len(data) > _MOST_BYTES:
        raise VocabularyError(
            f"{str(path)!r} is larger than {_MOST_BYTES >> 20} MiB: too long for a vocabulary"
        )
    return data
