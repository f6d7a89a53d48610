"""One stable colour per class."""

from itertools import combinations

import numpy as np
import pytest

from api_client.log.palette import colour_of, text_colour_on

STREET = ("person", "bicycle", "car", "motorcycle", "bus", "truck", "taxi")
KITCHEN = ("kettle", "mug", "person", "watch")
PARK = ("person", "dog", "leash", "shoe")
WORDS = (*STREET, *KITCHEN, *PARK, *(f"thing {i}" for i in range(200)))


def relative_luminance(colour) -> float:
    channels = np.array(colour) / 255
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(one, other) -> float:
    darker, lighter = sorted((relative_luminance(one), relative_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_a_word_has_the_colour_it_always_had():
    # A change here changes the colours of everybody's videos.
    colours = [colour_of(word) for word in ("person", "car", "taxi")]
    assert colours == [(234, 82, 2), (8, 149, 218), (32, 211, 219)]


def test_case_does_not_matter():
    assert colour_of("Taxi") == colour_of("taxi")


@pytest.mark.parametrize(
    "vocabulary", [STREET, KITCHEN, PARK, ("taxi", "cyclist", "bollard"), ("bottle", "hand")]
)
def test_everyday_vocabularies_have_colours_that_differ(vocabulary):
    distances = [
        np.linalg.norm(np.subtract(colour_of(a), colour_of(b))) for a, b in combinations(vocabulary, 2)
    ]

    assert min(distances) > 40


def test_many_words_use_many_colours():
    assert len({colour_of(word) for word in WORDS}) >= 30


def test_every_tag_can_be_read_and_every_box_be_seen():
    colours = {colour_of(word) for word in WORDS}

    assert all(contrast(text_colour_on(colour), colour) > 4.5 for colour in colours)  # WCAG 2, level AA
    assert all(contrast(colour, (0, 0, 0)) > 4.5 for colour in colours)
    assert all(max(colour) - min(colour) > 60 for colour in colours)
