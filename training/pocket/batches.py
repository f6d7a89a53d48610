"""Batches for training: photographs with rare categories more often, sizes that change, fixed by the seed."""

from collections.abc import Iterator, Sequence

import numpy as np
import torch

from training.pocket.augmentation import NOTHING, Annotated, Sample, augment
from training.pocket.batch import Batch
from training.pocket.photographs import Photograph
from training.pocket.proposals import ANNOTATED

SIZES_PX = (320, 384, 448, 512)
PICTURES_AT_320 = 16
MOSAIC_SHARE = 0.35
COMMON = 0.03


class Photographs:
    """Decoded photographs, drawn evenly, or the rare more often (repeat factors, Gupta et al. 2019)."""

    def __init__(self, photographs: list[Photograph], categories: int, *, evenly: bool = False) -> None:
        self.annotated = [
            Annotated(
                picture=p.decode(),
                boxes=p.boxes_xyxy_px,
                categories=p.categories,
            )
            for p in photographs
        ]
        present = np.array([[c in p.categories for c in range(categories)] for p in photographs])
        repeat = np.maximum(1.0, np.sqrt(COMMON / np.maximum(present.mean(0), 1e-6)))
        factor = np.ones(len(photographs)) if evenly else np.where(present, repeat, 1.0).max(1)
        self.probability = factor / factor.sum()

    def draw(self, step: int, seed: int, sizes_px: Sequence[int] = SIZES_PX) -> Batch:
        """Batch number `step`; the same for the same seed."""
        random = np.random.default_rng((seed, step))
        size_px = sizes_px[int(random.integers(len(sizes_px)))]
        count = max(4, round(PICTURES_AT_320 * (320 / size_px) ** 2))
        return self._batch([self._sample(size_px, random) for _ in range(count)])

    def _sample(self, size_px: int, random: np.random.Generator) -> Sample:
        count = 4 if random.random() < MOSAIC_SHARE else 1
        chosen = random.choice(len(self.annotated), count, p=self.probability)
        return augment([self.annotated[i] for i in chosen], size_px, random)

    def _batch(self, samples: list[Sample]) -> Batch:
        # turned by 180 degrees, as the network reads pictures
        turned = np.stack([sample.picture[::-1, ::-1] for sample in samples])
        pictures = torch.from_numpy(turned).permute(0, 3, 1, 2)
        boxes = np.stack([(turned.shape[1] - sample.boxes_xyxy_px)[:, [2, 3, 0, 1]] for sample in samples])
        categories = np.stack([sample.categories for sample in samples])
        most = max(ANNOTATED, int((categories != NOTHING).sum(1).max()))  # rows past the last box cost time
        return Batch(
            images_BCHW=pictures.float().sub(127).div(128).contiguous(memory_format=torch.channels_last),
            truth_BG4=torch.from_numpy(boxes[:, :most]),
            category_BG=torch.from_numpy(categories[:, :most]),
        )


def category_weights(photographs: list[Photograph], categories: int) -> torch.Tensor:
    """(categories,) weight of a category in the cross-entropy: frequent ones count less, mean 1."""
    counts = np.zeros(categories)
    for photograph in photographs:
        np.add.at(counts, photograph.categories[photograph.categories >= 0], 1)
    weight = (np.maximum(counts, 1) / np.median(counts)) ** -0.4
    return torch.from_numpy(np.clip(weight, 0.2, 3.0)).float()


def batches(photographs: Photographs, *, first: int, last: int, seed: int) -> Iterator[tuple[int, Batch]]:
    """Number and batch, from `first` up to, not including, `last`."""
    for step in range(first, last):
        yield step, photographs.draw(step, seed)
