"""A JSON array that is written one element at a time."""

import json
from pathlib import Path
from shutil import copyfileobj


class StreamedArray:
    """Writes `[`, elements, `]`; between them whatever the document needs around."""

    def __init__(self, path: Path, *, before: str = "[") -> None:
        self.path = path
        self._file = path.open("w", encoding="utf-8", newline="\n")
        self._file.write(before)
        self._separator = "\n"

    def append(self, element: object) -> None:
        """Add an element."""
        text = json.dumps(element, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
        self._file.write(f"{self._separator}{text}")
        self._separator = ",\n"

    def close(self, *, after: str = "\n]\n") -> None:
        """End the document."""
        self._file.write(after)
        self._file.close()

    def continue_with(self, other: Path) -> None:
        """Once closed: append what another file holds, and delete that."""
        with self.path.open("ab") as document, other.open("rb") as rest:
            copyfileobj(rest, document)
        other.unlink()
