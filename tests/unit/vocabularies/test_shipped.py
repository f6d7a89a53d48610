from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from vocabularies import SHIPPED_NAMES, VocabularyError, parse_vocabulary, shipped_labels

REFERENCE = Path(__file__).parents[4] / "shared" / "detic" / "vocabularies.npz"
NEEDS_REFERENCE = pytest.mark.skipif(not REFERENCE.exists(), reason="needs ../shared/detic/vocabularies.npz")


@pytest.mark.parametrize(
    ("name", "count", "first", "last"),
    [
        ("coco", 80, "person", "toothbrush"),
        ("lvis", 1203, "aerosol can", "zucchini"),
        ("objects365", 365, "Person", "Table Tennis"),
        ("openimages", 500, "Infant bed", "Toilet"),
        ("imagenet1k", 1000, "tench", "toilet paper"),
        ("imagenet21k", 21841, "organism", "knothole"),
    ],
)
def test_a_list_is_whole_and_in_the_order_of_its_dataset(
    name: str, count: int, first: str, last: str
) -> None:
    labels = shipped_labels(name)

    assert (len(labels), labels[0], labels[-1]) == (count, first, last)


@pytest.mark.parametrize("name", SHIPPED_NAMES)
def test_a_list_holds_labels_a_person_reads(name: str) -> None:
    labels = parse_vocabulary(name).labels  # which refuses empty labels, blanks and duplicates

    assert not [label for label in labels if "_" in label or "," in label or " ".join(label.split()) != label]


@pytest.mark.parametrize("text", ["coco", "COCO", " coco ", "Coco"])
def test_a_list_is_named_in_any_case(text: str) -> None:
    assert parse_vocabulary(text).name == "coco"


@pytest.mark.parametrize("text", ["imagenet21k", "ImageNet-21k", "imagenet_21K"])
def test_hyphens_and_underscores_in_a_name_do_not_matter(text: str) -> None:
    assert parse_vocabulary(text).name == "imagenet21k"


@pytest.mark.parametrize("name", ["../lists/coco", "nothing", ""])
def test_other_lists_are_not_there(name: str) -> None:
    with pytest.raises(VocabularyError, match="there are coco, lvis"):
        shipped_labels(name)


@NEEDS_REFERENCE
def test_coco_is_what_the_reference_model_was_given() -> None:
    with np.load(REFERENCE) as reference:
        assert list(shipped_labels("coco")) == reference["coco_names"].tolist()


@NEEDS_REFERENCE
def test_lvis_names_come_back_from_the_labels() -> None:
    with np.load(REFERENCE) as reference:
        names = reference["lvis_names"].tolist()

    different = [
        (label, name)
        for label, name in zip(shipped_labels("lvis"), names, strict=True)
        if label.replace(" ", "_") != name
    ]

    assert different == [
        ("monitor (computer equipment) computer monitor", "monitor_(computer_equipment) computer_monitor")
    ]


def first_lemmas(synsets: str) -> list[str]:
    """WordNet's first lemma of each synset, from the metadata timm carries."""
    timm = find_spec("timm")
    if timm is None or timm.origin is None:
        pytest.skip("needs timm, which carries ImageNet's metadata")
    metadata = Path(timm.origin).parent / "data" / "_info"  # read as files: importing timm imports torch
    rows = (metadata / "imagenet_synset_to_lemma.txt").read_text().splitlines()
    lemmas = dict(row.split("\t", 1) for row in rows)
    return [lemmas[synset].split(", ")[0] for synset in (metadata / synsets).read_text().split()]


def test_imagenet21k_is_the_first_lemmas_in_the_order_of_the_synsets() -> None:
    lemmas = first_lemmas("imagenet22k_synsets.txt")

    for label, lemma in zip(shipped_labels("imagenet21k"), lemmas, strict=True):
        assert label == lemma or label.startswith(f"{lemma} (")


def test_imagenet1k_is_in_the_order_of_the_synsets() -> None:
    lemmas = first_lemmas("imagenet_synsets.txt")

    same = sum(label == lemma for label, lemma in zip(shipped_labels("imagenet1k"), lemmas, strict=True))

    assert same > 600  # the others are OpenAI's own names
