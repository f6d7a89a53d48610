"""Whether the default threshold means the same for any list.

`python -m training.pocket.lists --data FOLDER --out PNG` prints one JSON line: for one word, three, COCO's 80
names and the shipped lists, the precision of what is shown at the default threshold, and how often a list
shows what its word alone shows: of the boxes; of the photographs, of each word; of those, of all words. Draws
precision by score.

Photographs are annotated with COCO's names only. A shown box is right if it lies on an annotation whose name
the word means: the name itself, its synonym, a kind of it (WordNet), or the name it is nearest to among
sentences. A word that means none of them counts as wrong wherever it is shown, so that long lists are judged
too hard.
"""

import argparse
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from training.pocket.evaluate import SAME_OBJECT_IOU, embed, find
from training.pocket.photographs import Photograph, read_photographs
from vocabularies import shipped_labels
from workers.detectors import Detections, EmbeddedVocabulary, Regions
from workers.detectors.pocket import DEFAULT_THRESHOLD, load
from workers.detectors.pocket.detector import PocketDetector

THREE_WORDS = ("person", "dog", "car")
SHIPPED = ("lvis", "imagenet1k", "imagenet21k")
WRONG_WORDS = ("submarine", "volcano", "octopus", "windmill", "harp", "igloo", "tank", "rocket", "penguin")
"""Of things that are on none of the photographs of `val.json`."""
MEANS = 0.5
"""Cosine from which a word means the COCO name whose spelling it is nearest to."""
LISTED = 0.7
"""Cosine from which a list has a COCO name under one of its spellings. "person" is not in imagenet1k."""
LOWEST_DRAWN = 0.45


@dataclass(frozen=True, kw_only=True)
class Shown:
    """What a list shows, over all photographs."""

    scores_N: NDArray[np.float32]
    right_N: NDArray[np.bool_]

    def precision(self, threshold: float) -> float:
        """Share of right boxes among those shown."""
        shown_N = self.scores_N >= threshold
        return float(self.right_N[shown_N].mean()) if shown_N.any() else float("nan")


def main() -> None:
    """Measure, print and draw."""
    options = _options()
    detector = load(device="cpu")
    photographs, names = read_photographs(options.data / "val.json")
    photographs = photographs[options.first :: options.every]
    found = find(detector, photographs, embed(detector, names))
    kept = [one.regions for one in found if one.regions is not None]
    numbers, curves = measure(detector, photographs, kept)
    print(json.dumps(numbers))
    draw(curves, options.out)


def measure(
    detector: PocketDetector, photographs: Sequence[Photograph], kept: Sequence[Regions]
) -> tuple[dict[str, float], dict[str, Shown]]:
    """Numbers by list, and what each list shows from `LOWEST_DRAWN` on."""
    coco = embed(detector, list(shipped_labels("coco")))
    alone = [
        detector.rescore(one, coco, threshold=LOWEST_DRAWN, words_per_region=len(coco.embeddings))
        for one in kept
    ]
    curves = {"one word": judged(photographs, alone, np.arange(len(coco.embeddings)))}
    numbers: dict[str, float] = {}
    lists = {"three words": THREE_WORDS, **{name: shipped_labels(name) for name in ("coco", *SHIPPED)}}
    for name, labels in lists.items():
        words = embed(detector, list(labels))
        meaning_C = detector._scorer.meanings(words, least=MEANS)
        said = [detector.rescore(one, words, threshold=LOWEST_DRAWN) for one in kept]
        curves[name] = judged(photographs, said, meaning_C)
        sure_C = detector._scorer.meanings(words, least=LISTED)
        asked = np.unique(sure_C[sure_C >= 0])
        numbers[f"agreement {name}"] = agreement(alone, said, meaning_C, asked)
        met = words_met(alone, said, meaning_C, asked)
        numbers[f"agreement {name}, photographs of a word"] = float(
            np.mean([word for one in met for word in one])
        )
        numbers[f"agreement {name}, photographs"] = float(np.mean([all(one) for one in met if one]))
        of_these = judged(photographs, [only(one, asked) for one in alone], np.arange(len(coco.embeddings)))
        numbers[f"precision one word, its names in {name}"] = of_these.precision(DEFAULT_THRESHOLD)
    for name, shown in curves.items():
        numbers[f"precision {name}"] = shown.precision(DEFAULT_THRESHOLD)
        numbers[f"shown {name}"] = int((shown.scores_N >= DEFAULT_THRESHOLD).sum())
    numbers["wrong words"] = fires(detector, kept, embed(detector, list(WRONG_WORDS)))
    return {name: round(number, 4) for name, number in numbers.items()}, curves


def judged(
    photographs: Sequence[Photograph], said: Sequence[Detections], meaning_C: NDArray[np.int64]
) -> Shown:
    """Best first, each box takes the best free annotation of the category its word means."""
    scores: list[float] = []
    right: list[bool] = []
    for photograph, one in zip(photographs, said, strict=True):
        free = np.ones(len(photograph.categories), bool)
        overlap_NM = overlaps(one.boxes_xyxy_px, photograph.boxes_xyxy_px)
        for row, (score, label) in enumerate(zip(one.scores, one.label_ids, strict=True)):
            same = free & (photograph.categories == meaning_C[label]) & (overlap_NM[row] >= SAME_OBJECT_IOU)
            if same.any():
                free[np.where(same, overlap_NM[row], -1).argmax()] = False
            scores.append(float(score))
            right.append(bool(same.any()))
    return Shown(scores_N=np.array(scores, np.float32), right_N=np.array(right, bool))


def only(said: Detections, words: NDArray[np.int64]) -> Detections:
    """The boxes that bear one of these words."""
    kept = np.isin(said.label_ids, words)
    return Detections(
        boxes_xyxy_px=said.boxes_xyxy_px[kept], scores=said.scores[kept], label_ids=said.label_ids[kept]
    )


def agreement(
    alone: Sequence[Detections],
    said: Sequence[Detections],
    meaning_C: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> float:
    """Of the boxes that a COCO name alone shows best, the share on which a list shows a word meaning it."""
    agreed: list[bool] = []
    for one, other in zip(alone, said, strict=True):
        first, second = one.scores >= DEFAULT_THRESHOLD, other.scores >= DEFAULT_THRESHOLD
        overlap_NN = overlaps(one.boxes_xyxy_px[first], one.boxes_xyxy_px[first])
        shares_NM = overlaps(one.boxes_xyxy_px[first], other.boxes_xyxy_px[second])
        for row, label in enumerate(one.label_ids[first]):
            best = not (overlap_NN[row, :row] >= SAME_OBJECT_IOU).any()  # by score, highest first
            if best and label in asked:
                same = meaning_C[other.label_ids[second]] == label
                agreed.append(bool((same & (shares_NM[row] >= SAME_OBJECT_IOU)).any()))
    return float(np.mean(agreed)) if agreed else float("nan")


def words_met(
    alone: Sequence[Detections],
    said: Sequence[Detections],
    meaning_C: NDArray[np.int64],
    asked: NDArray[np.int64],
) -> list[list[bool]]:
    """Of each photograph, for each COCO name that fires alone, whether a list shows what means it."""
    met: list[list[bool]] = []
    for one, other in zip(alone, said, strict=True):
        first, second = one.scores >= DEFAULT_THRESHOLD, other.scores >= DEFAULT_THRESHOLD
        fired = np.intersect1d(one.label_ids[first], asked)
        met.append(np.isin(fired, meaning_C[other.label_ids[second]]).tolist())
    return met


def fires(detector: PocketDetector, kept: Sequence[Regions], words: EmbeddedVocabulary) -> float:
    """Share of photographs on which any of these words is shown."""
    return float(
        np.mean([len(detector.rescore(one, words, threshold=DEFAULT_THRESHOLD)) > 0 for one in kept])
    )


def overlaps(boxes_N4: NDArray[np.float32], boxes_M4: NDArray[np.float32]) -> NDArray[np.float32]:
    """(N, M) intersection over union."""
    low = np.maximum(boxes_N4[:, None, :2], boxes_M4[None, :, :2])
    high = np.minimum(boxes_N4[:, None, 2:], boxes_M4[None, :, 2:])
    shared_NM = np.clip(high - low, 0, None).prod(-1)
    area_N, area_M = ((b[:, 2:] - b[:, :2]).prod(-1) for b in (boxes_N4, boxes_M4))
    return np.asarray(shared_NM / (area_N[:, None] + area_M - shared_NM), np.float32)


def draw(curves: dict[str, Shown], out: Path) -> None:
    """Precision of the boxes in each tenth of the score, one line a list; no point under twenty boxes."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(6, 4.5), layout="constrained")
    axes = figure.add_subplot(
        xlabel="score", ylabel="share of right boxes", xlim=(LOWEST_DRAWN, 1), ylim=(0, 1)
    )
    edges = np.arange(LOWEST_DRAWN, 1, 0.1)
    for name, shown in curves.items():
        bins = np.digitize(shown.scores_N, edges) - 1
        full = [i for i in range(len(edges) - 1) if (bins == i).sum() >= 20]
        axes.plot(
            [edges[i] + 0.05 for i in full], [shown.right_N[bins == i].mean() for i in full], "o-", label=name
        )
    axes.axvline(DEFAULT_THRESHOLD, color="grey", linewidth=0.8)
    axes.legend(frameon=False)
    figure.savefig(out, dpi=110)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with val.json and images/")
    parser.add_argument("--every", type=int, default=1, help="one photograph in so many")
    parser.add_argument("--first", type=int, default=0, help="the first of them, from 0")
    parser.add_argument("--out", type=Path, required=True, help="PNG")
    return parser.parse_args()


if __name__ == "__main__":
    main()
