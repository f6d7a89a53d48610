"""What stands in for a text encoder where a detector reads no text."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workers.detectors.protocol import Progress


class NamesOnly:
    """A text encoder for models that read no text: the labels themselves are all they need."""

    identity = "names-only"

    def encode(self, sentences: Sequence[str], *, progress: Progress | None = None) -> NDArray[np.float32]:
        """Return (len(sentences), 1) zeros."""
        if progress is not None:
            progress(len(sentences), len(sentences))
        return np.zeros((len(sentences), 1), np.float32)
