"""Pictures as questions: how often a search finds what looks like none of them.

Photographs in which a thing of a known kind is the largest are each kind's question, one at a time as in
`client search --like`; their kinds are among the absent words, so that whatever is found is wrong. Folders of
pictures of dogs may find the one clip with a dog, and nothing else.
"""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from api_client.learnt_files import store_learnt
from api_client.search.asked import SearchRequest
from api_client.store import ObjectStore
from vocabularies import parse_vocabulary
from vocabularies.learnt_file import learnt_bytes
from workers.detectors import Detector
from workers.learning.examples import find_pictures, seen_in
from workers.learning.learn import learn
from workers.searching.searcher import Searcher

LEAST_SHARE = 0.15
"""Of the photograph, covered by its main thing."""


@dataclass(kw_only=True)
class Found:
    """What came of questions."""

    questions: int = 0
    sources: int = 0
    right: int = 0
    """Questions that found what they may."""
    wrong: list[str] = field(default_factory=list)
    """Question and clip of each pair that is a false find."""

    def __str__(self) -> str:
        pairs = self.questions * self.sources
        wrong = len({pair.partition(":")[0] for pair in self.wrong})
        return (
            f"{wrong} of {self.questions} find something wrong, {len(self.wrong)} of {pairs} pairs of "
            f"question and clip; {self.right} find what they show\n   {', '.join(self.wrong)}"
        )


def main_things(annotations: Sequence[Path], kinds: Sequence[str], each: int) -> dict[str, list[Path]]:
    """Photographs of every kind of which there are so many, by COCO's JSON; those it fills most first."""
    by_kind: dict[str, list[tuple[float, Path]]] = defaultdict(list)
    for path in annotations:
        told = json.loads(path.read_text(encoding="utf-8"))
        names = {category["id"]: category["name"] for category in told["categories"]}
        largest: dict[int, tuple[float, str]] = {}
        for box in told["annotations"]:
            best = largest.get(box["image_id"], (0.0, ""))
            largest[box["image_id"]] = max(best, (box["area"], names[box["category_id"]]))
        for image in told["images"]:
            area, kind = largest.get(image["id"], (0.0, ""))
            share = area / image["width"] / image["height"]
            if kind in kinds and share >= LEAST_SHARE:
                file = path.parent / "images" / image["file_name"]
                by_kind[kind].append((share, file if file.exists() else path.parent / image["file_name"]))
    enough = {kind: sorted(found, reverse=True) for kind, found in by_kind.items() if len(found) >= each}
    return {kind: [path for _, path in found[:each]] for kind, found in sorted(enough.items())}


def asked_each(
    searcher: Searcher, store: ObjectStore, detector: Detector, questions: Mapping[str, Sequence[Path]],
    directory: Path, *, threshold: float | None, right: str | None = None,
) -> Found:  # fmt: skip
    """Ask each question by itself. right: the name of the source in which finding is no mistake."""
    found = Found()
    for kind, paths in questions.items():
        path = directory / f"{kind}-{len(paths)}.vocab"
        if not path.exists():
            entries = learn(detector, [seen_in(detector, kind, find_pictures(paths))]).entries
            path.write_bytes(learnt_bytes(entries))
        vocabulary = parse_vocabulary(str(path))
        store_learnt(store, vocabulary)
        request = SearchRequest(vocabulary=vocabulary, threshold=threshold, top=1000)
        answer = searcher.search(request, lambda _done, _of: None)
        best: dict[str, float] = {}
        for moment in answer.moments:
            best[moment.source_name] = max(best.get(moment.source_name, 0), moment.score)
        found.questions += 1
        found.sources = answer.sources
        found.right += right in best
        found.wrong += [f"{kind}: {name} {score:.2f}" for name, score in best.items() if name != right]
    return found
