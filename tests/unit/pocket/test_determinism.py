import subprocess
import sys

import numpy as np

from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.digest import digest
from tests.unit.pocket.pictures import noise
from workers.detectors.pocket.detector import PocketDetector


def test_another_process_with_other_threads_gives_the_same_bits() -> None:
    command = [sys.executable, "-m", "tests.unit.pocket.digest", "1"]

    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert elsewhere == digest(threads=3)


def test_neighbours_in_the_batch_change_nothing(detector: PocketDetector, embed: Embed) -> None:
    words = embed("person", "car")
    frames = [noise(180, 320, seed) for seed in range(5)]

    together = detector.detect(frames, words, threshold=0.0, regions=20)[1]
    alone = detector.detect(frames[1:2], words, threshold=0.0, regions=20)[0]

    assert together.regions is not None
    assert alone.regions is not None
    assert np.array_equal(together.scores, alone.scores)
    assert np.array_equal(together.boxes_xyxy_px, alone.boxes_xyxy_px)
    assert np.array_equal(together.regions.features, alone.regions.features)
