import subprocess
import sys

import numpy as np
import torch

from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.digest import digest
from tests.unit.pocket.pictures import noise
from workers.detectors.pocket import PocketDetector


def test_another_process_gives_the_same_bits() -> None:
    command = [sys.executable, "-m", "tests.unit.pocket.digest", str(torch.get_num_threads())]

    elsewhere = subprocess.run(command, capture_output=True, text=True, check=True).stdout

    assert elsewhere == digest()


def test_neighbours_in_the_batch_change_float_noise_only(detector: PocketDetector, embed: Embed) -> None:
    words = embed("person", "car")
    frames = [noise(180, 320, seed) for seed in range(3)]

    together = detector.detect(frames, words, threshold=0.0)[1]
    alone = detector.detect(frames[1:2], words, threshold=0.0)[0]

    assert np.allclose(together.scores[:10], alone.scores[:10], atol=0.02)
