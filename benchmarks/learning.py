"""How well labels learnt from pictures are found: dog breeds, in pictures that were held out.

    python -m benchmarks.learning BREEDS PHOTOGRAPHS

Ten breeds are learnt from the pictures in `train`, and judged on those in `val`: whether the surest region is
called by the right name of the ten (top-1), beside the names as text; labrador against husky alone; how often
the right name is found at the default threshold; and how often any of them is found in photographs without a
dog. A second round learns two breeds alone, with and without `--not`, and looks at other breeds.
"""

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from vocabularies import Vocabulary
from vocabularies.learnt import LearntLabels
from vocabularies.learnt_file import LearntEntries
from workers.detectors import Detector, EmbeddedVocabulary, Regions
from workers.detectors.registry import load_detector
from workers.learning.examples import Pictures, find_pictures, read_picture, seen_in
from workers.learning.learn import learn

DIGEST = "0" * 64


def asked(labels: Sequence[str], entries: LearntEntries | None, detector: Detector) -> EmbeddedVocabulary:
    """The labels as words, or as what was learnt."""
    if entries is None:
        words = Vocabulary(name="text", labels=tuple(labels))
        sentences = [f"a {label}" for label in labels]
        return EmbeddedVocabulary(vocabulary=words, embeddings=detector.text_encoder.encode(sentences))
    learnt = LearntLabels(
        labels=entries.labels, sha256=DIGEST, detector=detector.name, weights_digest=detector.weights_digest
    )
    words = Vocabulary(name="learnt", labels=entries.labels, learnt=learnt)
    none = np.zeros((0, 1), np.float32)
    return EmbeddedVocabulary(vocabulary=words, embeddings=none, learnt=entries)


def regions_of(detector: Detector, paths: Iterable[Path]) -> list[Regions]:
    """What is seen in pictures: the regions that could be shown."""
    anything = asked(["thing"], None, detector)
    found = []
    for path in paths:
        picture = read_picture(path)
        assert picture is not None
        regions = detector.detect([picture], anything, threshold=0.0, regions=48)[0].regions
        assert regions is not None
        found.append(regions)
    return found


def surest(
    detector: Detector, seen: Sequence[Regions], vocabulary: EmbeddedVocabulary
) -> NDArray[np.float32]:
    """(pictures, labels): what is said of each picture's surest region."""
    assert detector.rescorer is not None
    looks = np.concatenate([regions.features[:1] for regions in seen])
    return detector.rescorer.chances(looks, vocabulary)


def found_labels(detector: Detector, regions: Regions, vocabulary: EmbeddedVocabulary) -> set[int]:
    """The labels shown in a picture at the default threshold."""
    rescorer = detector.rescorer
    assert rescorer is not None
    shown = rescorer.detections(
        regions.boxes_xyxy_px,
        regions.objectness,
        rescorer.name(regions.features, vocabulary),
        threshold=detector.default_threshold,
    )
    return set(shown.label_ids.tolist())


def judge(
    detector: Detector, seen: dict[str, list[Regions]], vocabulary: EmbeddedVocabulary, dogless: list[Regions]
) -> None:
    """Print a line of figures."""
    labels = vocabulary.vocabulary.labels
    chances = {label: surest(detector, seen[label], vocabulary) for label in labels}
    right = np.concatenate([chances[label].argmax(axis=1) == own for own, label in enumerate(labels)])
    shown = [
        own in found_labels(detector, regions, vocabulary)
        for own, label in enumerate(labels)
        for regions in seen[label]
    ]
    false = [bool(found_labels(detector, regions, vocabulary)) for regions in dogless]
    two = [labels.index("labrador retriever"), labels.index("siberian husky")]
    pair = [chances[labels[own]][:, two].argmax(axis=1) == place for place, own in enumerate(two)]
    print(
        f"  top-1 {right.mean():.3f}, labrador/husky {np.concatenate(pair).mean():.3f}, "
        f"right one found {np.mean(shown):.3f}, photographs without a dog {np.mean(false):.3f}"
    )


def of_others(detector: Detector, seen: dict[str, list[Regions]], vocabulary: EmbeddedVocabulary) -> float:
    """Share of pictures of other breeds in which one of these is found."""
    others = [regions for label, every in seen.items() for regions in every if label not in
              vocabulary.vocabulary.labels]  # fmt: skip
    return float(np.mean([bool(found_labels(detector, regions, vocabulary)) for regions in others]))


def without_dogs(data: Path, most: int) -> list[Path]:
    """Photographs in which people marked no dog."""
    known = json.loads((data / "val.json").read_text())
    dog = next(one["id"] for one in known["categories"] if one["name"] == "dog")
    with_dog = {box["image_id"] for box in known["annotations"] if box["category_id"] == dog}
    names = [image["file_name"] for image in known["images"] if image["id"] not in with_dog]
    return [data / "images" / "val" / Path(name).name for name in sorted(names)[:most]]


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("breeds", type=Path)
    parser.add_argument("photographs", type=Path)
    parser.add_argument("--most", type=int, default=250, help="photographs without a dog")
    told = parser.parse_args()
    detector = load_detector("pocket", device="cpu")
    folders = sorted((told.breeds / "train").iterdir())
    started = time.process_time()
    seen = [seen_in(detector, f.name.replace("_", " "), find_pictures([f])) for f in folders]
    looked = time.process_time()
    learnt = learn(detector, seen)
    ended = time.process_time()
    count = sum(len(one.looks_NG) for one in seen)
    print(
        f"{count} pictures: {looked - started:.1f} s of the processor to look, {ended - looked:.1f} to learn"
    )
    held_out = {one.label: regions_of(detector, _held_out(told.breeds, one)) for one in seen}
    dogless = regions_of(detector, without_dogs(told.photographs, told.most))
    print(f"{sum(map(len, held_out.values()))} held-out pictures, {len(dogless)} photographs without a dog")
    labels = learnt.entries.labels
    for name, entries in (("names as text", None), ("learnt", learnt.entries)):
        print(name)
        judge(detector, held_out, asked(labels, entries, detector), dogless)
    _few(detector, seen, held_out, dogless)
    _two(detector, seen, held_out)


def _held_out(breeds: Path, pictures: Pictures) -> list[Path]:
    return list(find_pictures([breeds / "val" / pictures.label.replace(" ", "_")]))


def _few(
    detector: Detector, seen: Sequence[Pictures], held_out: dict[str, list[Regions]], dogless: list[Regions]
) -> None:
    for count in (5, 10, 20):
        some = [
            Pictures(label=one.label, looks_NG=one.looks_NG[:count], others_NG=one.others_NG, without=())
            for one in seen
        ]
        print(f"learnt from {count} pictures each")
        entries = learn(detector, some).entries
        judge(detector, held_out, asked(entries.labels, entries, detector), dogless)


def _two(detector: Detector, seen: Sequence[Pictures], held_out: dict[str, list[Regions]]) -> None:
    pair = [one for one in seen if one.label in ("labrador retriever", "siberian husky")]
    siblings = [one for one in seen if one.label in ("pug", "beagle", "samoyed", "german shepherd")]
    alone, against = learn(detector, pair).entries, learn(detector, pair, siblings).entries
    unseen = {label: every for label, every in held_out.items() if label not in {s.label for s in siblings}}
    for name, entries in (("two alone", alone), ("with --not, four other breeds", against)):
        share = of_others(detector, unseen, asked(entries.labels, entries, detector))
        print(f"{name}: found in {share:.3f} of pictures of breeds that are neither")


if __name__ == "__main__":
    main()
