"""A part of a model that reads the picture alone is computed once for all words that are asked of it."""

from typing import Any

from torch import nn


class Remembered:
    """Takes the place of a part's `forward`, and gives the last result until it is told to forget."""

    def __init__(self, part: nn.Module) -> None:
        self._compute = part.forward
        self._kept: Any = None
        part.forward = self._recall

    def forget(self) -> None:
        """Before other pictures are looked at, and to free memory."""
        self._kept = None

    def _recall(self, *arguments: Any, **named: Any) -> Any:
        if self._kept is None:
            self._kept = self._compute(*arguments, **named)
        return self._kept
