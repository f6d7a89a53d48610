"""What the detector says of three frames, as one number: `python -m tests.unit.pocket.digest THREADS`."""

import hashlib
import sys

import numpy as np

from tests.unit.pocket.pictures import noise
from vocabularies import Vocabulary
from workers.detectors import EmbeddedVocabulary
from workers.detectors.pocket import load


def digest(threads: int) -> str:
    rows = np.random.default_rng(0).normal(size=(3, 384)).astype(np.float32)
    words = EmbeddedVocabulary(vocabulary=Vocabulary(name="w", labels=("a", "b", "c")), embeddings=rows)
    said = hashlib.sha256()
    for found in load(device="cpu", threads=threads).detect(
        [noise(180, 320, seed) for seed in range(3)], words, threshold=0.0, regions=30
    ):
        assert found.regions is not None
        for array in (found.boxes_xyxy_px, found.scores, found.label_ids, found.regions.features):
            said.update(array.tobytes())
    return said.hexdigest()


if __name__ == "__main__":
    sys.stdout.write(digest(int(sys.argv[1])))
