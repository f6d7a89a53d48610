"""Which of ImageNet's names a word stands for, from WordNet: "ball" for eight kinds of ball.

`python -m training.pocket.imagenet_groups --wordnet FOLDER --synsets FILE --out FILE`

FOLDER holds `data.noun` and `index.noun` of WordNet 3.0 (Debian's `wordnet-base`), the first FILE ImageNet's
synsets in the classifier's order, one a line (`n01440764`). Written: one word a line, a tab, and the numbers
of its names.
"""

import argparse
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

MOST_NAMES = 130
"""Words for more names than this ("artifact", "mammal") say too little of what a region shows."""


@dataclass(frozen=True, kw_only=True)
class Synset:
    """A meaning: what it is called, and what it is a kind of."""

    lemmas: tuple[str, ...]
    hypernyms: tuple[int, ...]


def main() -> None:
    """Write the table."""
    options = _options()
    synsets = read_synsets(options.wordnet / "data.noun")
    leaves = [int(line[1:]) for line in options.synsets.read_text().split()]
    found = groups(synsets, leaves, read_senses(options.wordnet / "index.noun"))
    lines = [f"{word}\t{' '.join(map(str, names))}\n" for word, names in found.items()]
    options.out.write_text("".join(lines))


def groups(
    synsets: dict[int, Synset], leaves: list[int], senses: dict[str, list[int]]
) -> dict[str, list[int]]:
    """Word, in lower case, to the numbers of the names that are it or kinds of it.

    Of a word with several meanings the commonest that ImageNet has: a toy is a plaything, not a small dog.
    """
    names: defaultdict[int, list[int]] = defaultdict(list)
    for number, leaf in enumerate(leaves):
        for offset in {leaf, *_above(leaf, synsets)}:
            names[offset].append(number)
    words = {lemma.lower() for offset in names for lemma in synsets[offset].lemmas}
    commonest = {word: next(offset for offset in senses[word] if offset in names) for word in sorted(words)}
    return {word: names[offset] for word, offset in commonest.items() if len(names[offset]) <= MOST_NAMES}


def _above(offset: int, synsets: dict[int, Synset]) -> Iterator[int]:
    for parent in synsets[offset].hypernyms:
        yield parent
        yield from _above(parent, synsets)


def read_synsets(path: Path) -> dict[int, Synset]:
    """Read WordNet's nouns, by offset (wndb(5WN))."""
    lines = (line for line in path.read_text().splitlines() if not line.startswith(" "))
    return {int(line.split(" ", 1)[0]): _synset(line.split("|")[0].split()) for line in lines}


def read_senses(path: Path) -> dict[str, list[int]]:
    """Read the meanings of every word, the commonest first, as offsets (wndb(5WN))."""
    lines = (line.split() for line in path.read_text().splitlines() if not line.startswith(" "))
    return {
        fields[0].replace("_", " "): [int(offset) for offset in fields[-int(fields[2]) :]] for fields in lines
    }


def _synset(fields: list[str]) -> Synset:
    words = int(fields[3], 16)
    lemmas = tuple(fields[4 + 2 * i].replace("_", " ") for i in range(words))
    pointers = fields[5 + 2 * words :]
    return Synset(
        lemmas=lemmas,
        hypernyms=tuple(
            int(pointers[i + 1]) for i in range(0, len(pointers), 4) if pointers[i] in ("@", "@i")
        ),
    )


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--wordnet", type=Path, required=True, help="folder with data.noun and index.noun")
    parser.add_argument("--synsets", type=Path, required=True, help="ImageNet's synsets, in order")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
