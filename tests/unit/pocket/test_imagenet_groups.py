from pathlib import Path

from training.pocket.imagenet_groups import Synset, groups, read_synsets

# a beagle is a dog; a ball (the toy, sense 1, or the dance, sense 2) is one only where ImageNet has one
SYNSETS = {
    1: Synset(lemmas=("animal",), hypernyms=()),
    2: Synset(lemmas=("dog", "domestic dog"), hypernyms=(1,)),
    3: Synset(lemmas=("beagle",), hypernyms=(2,)),
    4: Synset(lemmas=("pug",), hypernyms=(2,)),
    5: Synset(lemmas=("toy",), hypernyms=()),
    6: Synset(lemmas=("ball",), hypernyms=(5,)),
    7: Synset(lemmas=("toy", "toy dog"), hypernyms=(2,)),
    8: Synset(lemmas=("Chihuahua",), hypernyms=(7,)),
}
SENSES = {word: [number for number, one in SYNSETS.items() if word in map(str.lower, one.lemmas)]
          for one in SYNSETS.values() for word in map(str.lower, one.lemmas)}  # fmt: skip


def test_a_word_stands_for_its_kinds() -> None:
    found = groups(SYNSETS, [3, 4, 6], SENSES)

    assert found["dog"] == found["domestic dog"] == [0, 1]
    assert found["beagle"] == [0]


def test_of_several_meanings_the_commonest_counts() -> None:
    found = groups(SYNSETS, [6, 8], SENSES)

    assert found["toy"] == [0]
    assert found["toy dog"] == [1]


def test_reads_wordnets_nouns(tmp_path: Path) -> None:
    (tmp_path / "data.noun").write_text(
        "  1 the licence\n"
        "02084071 05 n 02 dog 0 Canis_familiaris 0 002 @ 02083346 n 0000 ~ 02085272 n 0000 | a member\n"
    )

    found = read_synsets(tmp_path / "data.noun")

    assert found == {2084071: Synset(lemmas=("dog", "Canis familiaris"), hypernyms=(2083346,))}
