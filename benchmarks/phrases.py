"""What phrases bring on photographs: pairs of a phrase and a photograph, half of them false.

    python -m benchmarks.phrases --data ../shared/pocket-data

Printed is how many true and how many false pairs are kept at the detector's default threshold, by the whole
phrase asked as if it were a word, by its nouns alone, and by its parts; and which of the eleven colours come
out for things whose colour the pairs tell, by the region's embedding and by its pixels. `--each` tells every
pair. The pairs are `benchmarks/phrases.tsv`; the photographs are not in the repository.
"""

import argparse
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from api_client.asked_words import asked_vocabulary
from api_client.contract.thresholds import Thresholds
from vocabularies import Vocabulary
from vocabularies.phrase import COLOURS, Phrase
from workers.detectors import Detector, EmbeddedVocabulary, Frame, Regions
from workers.detectors.phrases import colours
from workers.detectors.phrases.detector import MOST_REGIONS
from workers.detectors.phrases.question import PhraseQuestion
from workers.detectors.phrases.scoring import SeenParts
from workers.detectors.registry import load_detector

PAIRS = Path(__file__).with_suffix(".tsv")
WAYS = ("the whole phrase as a word", "its nouns, wherever they are", "its parts")


@dataclass(frozen=True, kw_only=True)
class Pair:
    """A phrase, and whether a photograph shows it."""

    shows: bool
    photograph: str
    phrase: str

    @property
    def kind(self) -> str:
        """What decides it."""
        (read,) = asked_vocabulary([self.phrase]).phrases
        return "colour" if read.colours else "relation"


def pairs(path: Path = PAIRS) -> list[Pair]:
    """Those of a file."""
    lines = [line.split("\t") for line in path.read_text().splitlines() if line and line[0] != "#"]
    return [
        Pair(shows=answer == "yes", photograph=photograph, phrase=phrase)
        for answer, photograph, phrase in lines
    ]


@dataclass(frozen=True, kw_only=True)
class Look:
    """One photograph, looked at once for all that is asked of it."""

    frame: Frame
    regions: Regions
    naive: dict[str, float]
    """How sure each phrase is as a word."""
    detector: Detector

    def scores(self, words: EmbeddedVocabulary) -> np.ndarray:
        """(R, words), each asked alone."""
        rescorer = self.detector.rescorer
        assert rescorer is not None
        return rescorer.scores(self.regions.objectness, rescorer.chances(self.regions.features, words))


def looked_at(detector: Detector, path: Path, phrases: Sequence[str]) -> Look:
    """Ask the phrases as words, and keep the regions."""
    frame = np.asarray(Image.open(path).convert("RGB"))
    words = embedded(detector, Vocabulary(name="whole", labels=tuple(phrases)))
    (found,) = detector.detect([frame], words, threshold=0.4, regions=MOST_REGIONS)
    assert found.regions is not None
    assert found.label_scores is not None
    naive = dict(zip(phrases, found.label_scores.tolist(), strict=True))
    return Look(frame=frame, regions=found.regions, naive=naive, detector=detector)


def embedded(detector: Detector, vocabulary: Vocabulary) -> EmbeddedVocabulary:
    """As workers do with the prompt "a {}"."""
    sentences = [f"a {word}" for word in (*vocabulary.words, *vocabulary.parts)]
    return EmbeddedVocabulary.of_rows(vocabulary, detector.text_encoder.encode(sentences))


def best_scores(look: Look, pair: Pair) -> tuple[float, float, float]:
    """How sure each of `WAYS` is of the pair."""
    vocabulary = embedded(look.detector, asked_vocabulary([pair.phrase]))
    threshold = look.detector.default_threshold
    question = PhraseQuestion.of(vocabulary, Thresholds(default=threshold))
    scores = look.scores(question.parts)
    (phrase,) = question.phrases.values()
    boxes = look.regions.boxes_xyxy_px
    seen = SeenParts(
        boxes_R4=boxes,
        parts=question.parts.vocabulary.labels,
        scores_RC=scores,
        shares_RK=colours.shares(look.frame, boxes),
    )
    nouns = [scores[:, seen.parts.index(thing.noun)].max(initial=0) for thing in phrase.things]
    return look.naive[pair.phrase], float(min(nouns)), float(seen.of_phrases([phrase]).max(initial=0))


def colours_told(look: Look, phrase: Phrase) -> Iterator[tuple[str, str, str]]:
    """(colour, by embedding, by pixels) of each of a phrase's things with one colour, where it is surest."""
    for thing in (it for it in phrase.things if len(it.colours) == 1):
        row = _surest(look, thing.noun)
        words = Vocabulary(name="colours", labels=tuple(f"{colour} {thing.noun}" for colour in COLOURS))
        by_embedding = COLOURS[int(look.scores(embedded(look.detector, words))[row].argmax())]
        shares = colours.shares(look.frame, look.regions.boxes_xyxy_px[row : row + 1])
        degrees = [float(colours.degree(shares, [colour])[0]) for colour in COLOURS]
        yield thing.colours[0], by_embedding, COLOURS[int(np.argmax(degrees))]


def _surest(look: Look, noun: str) -> int:
    word = embedded(look.detector, Vocabulary(name="noun", labels=(noun,)))
    return int(look.scores(word)[:, 0].argmax())


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/pocket-data"))
    parser.add_argument("--pairs", type=Path, default=PAIRS)
    parser.add_argument("--split", default="val")
    parser.add_argument("--each", action="store_true", help="tell every pair")
    arguments = parser.parse_args()
    detector = load_detector("pocket", device="cpu")
    asked = pairs(arguments.pairs)
    kept: dict[tuple[str, bool], list[np.ndarray]] = {}
    told: list[tuple[str, str, str]] = []
    for photograph in dict.fromkeys(pair.photograph for pair in asked):
        own = [pair for pair in asked if pair.photograph == photograph]
        path = arguments.data / "images" / arguments.split / f"{photograph}.jpg"
        look = looked_at(detector, path, [pair.phrase for pair in own])
        for pair in own:
            scores = best_scores(look, pair)
            kept.setdefault((pair.kind, pair.shows), []).append(
                np.array(scores) >= detector.default_threshold
            )
            if arguments.each:
                print(pair.shows, photograph, pair.phrase, *(f"{score:.2f}" for score in scores))
            if pair.shows:
                (phrase,) = asked_vocabulary([pair.phrase]).phrases
                told += colours_told(look, phrase)
    _print_kept(kept)
    _print_colours(told)


def _print_kept(kept: dict[tuple[str, bool], list[np.ndarray]]) -> None:
    print(
        f"{'kept':30}" + "".join(f"{kind} {'true' if shows else 'false':8}" for kind, shows in sorted(kept))
    )
    for number, way in enumerate(WAYS):
        counts = [f"{sum(row[number] for row in kept[key])} of {len(kept[key])}" for key in sorted(kept)]
        print(f"{way:30}" + "".join(f"{count:16}" for count in counts))


def _print_colours(told: Sequence[tuple[str, str, str]]) -> None:
    for way, place in (("embedding", 1), ("pixels", 2)):
        right = sum(row[0] == row[place] for row in told)
        print(f"colours right by {way}: {right} of {len(told)}")
        wrong = ", ".join(f"{row[0]}: {row[place]}" for row in told if row[0] != row[place])
        print(f"  otherwise: {wrong}")


if __name__ == "__main__":
    main()
