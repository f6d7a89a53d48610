"""The words of training: synonyms of the 80 categories, ImageNet's names, and their embeddings.

Legend: C candidate names (ImageNet's, then the categories), K ImageNet names, D sentence embedding.
"""

from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from training.pocket.imagenet_names import imagenet_names
from workers.detectors.pocket.text_encoder import MiniLMTextEncoder

TOO_NEAR = 0.4
VERY_LIKE = 0.8

SYNONYMS = {
    "person": "man|woman|child|boy|girl|people|human|pedestrian|lady|guy|kid|rider|cyclist|persons"
    "|passer-by|adult",
    "bicycle": "bike|bicycles|cycle|push bike",
    "car": "cars|automobile|sedan|vehicle|hatchback|SUV",
    "motorcycle": "motorbike|motorcycles|scooter|moped",
    "airplane": "plane|aeroplane|aircraft|jet|airplanes",
    "bus": "buses|coach|double-decker bus|city bus",
    "train": "railway train|locomotive|trains",
    "truck": "lorry|trucks|pickup truck|van",
    "boat": "boats|ship|canoe|sailboat",
    "traffic light": "traffic lights|stoplight|traffic signal",
    "fire hydrant": "hydrant|fire hydrants",
    "stop sign": "stop signs|road sign",
    "parking meter": "parking meters",
    "bench": "benches|park bench",
    "bird": "birds|pigeon|seagull|duck",
    "cat": "cats|kitten|kitty",
    "dog": "dogs|puppy|hound",
    "horse": "horses|pony|foal",
    "sheep": "lamb|flock of sheep|ewe",
    "cow": "cows|cattle|bull|calf",
    "elephant": "elephants|baby elephant",
    "bear": "bears|brown bear|polar bear",
    "zebra": "zebras",
    "giraffe": "giraffes",
    "backpack": "backpacks|rucksack|knapsack",
    "umbrella": "umbrellas|parasol",
    "handbag": "handbags|purse|bag|shoulder bag",
    "tie": "necktie|ties|bow tie",
    "suitcase": "suitcases|luggage|baggage",
    "frisbee": "frisbees|flying disc",
    "skis": "ski|pair of skis",
    "snowboard": "snowboards",
    "sports ball": "ball|balls|football|soccer ball|tennis ball",
    "kite": "kites",
    "baseball bat": "bat|baseball bats",
    "baseball glove": "baseball mitt|baseball gloves|catcher's mitt",
    "skateboard": "skateboards|longboard",
    "surfboard": "surfboards|surf board",
    "tennis racket": "racket|tennis racquet|rackets",
    "bottle": "bottles|water bottle|plastic bottle|wine bottle",
    "wine glass": "wine glasses|glass|goblet",
    "cup": "cups|mug|coffee cup|coffee mug|mugs|drinking cup",
    "fork": "forks",
    "knife": "knives|kitchen knife",
    "spoon": "spoons|tablespoon",
    "bowl": "bowls|dish",
    "banana": "bananas",
    "apple": "apples",
    "sandwich": "sandwiches|burger",
    "orange": "oranges|orange fruit|tangerine",
    "broccoli": "broccoli floret",
    "carrot": "carrots",
    "hot dog": "hot dogs|sausage in a bun",
    "pizza": "pizzas|slice of pizza",
    "donut": "doughnut|donuts|doughnuts",
    "cake": "cakes|birthday cake|cupcake",
    "chair": "chairs|seat|armchair|stool",
    "couch": "sofa|couches|settee",
    "potted plant": "potted plants|house plant|plant|flowerpot",
    "bed": "beds|mattress",
    "dining table": "table|tables|desk|dinner table",
    "toilet": "toilets|toilet bowl",
    "tv": "television|TV set|monitor|screen",
    "laptop": "laptops|laptop computer|notebook computer",
    "mouse": "computer mouse",
    "remote": "remote control|remotes|TV remote",
    "keyboard": "computer keyboard|keyboards",
    "cell phone": "mobile phone|smartphone|phone|cell phones",
    "microwave": "microwave oven|microwaves",
    "oven": "ovens|stove|cooker",
    "toaster": "toasters",
    "sink": "sinks|washbasin|kitchen sink",
    "refrigerator": "fridge|refrigerators|freezer",
    "book": "books|paperback|notebook",
    "clock": "clocks|wall clock",
    "vase": "vases|flower vase",
    "scissors": "pair of scissors|shears",
    "teddy bear": "stuffed animal|teddy bears|stuffed toy|plush toy",
    "hair drier": "hair dryer|blow dryer",
    "toothbrush": "toothbrushes",
}


@dataclass(frozen=True, kw_only=True)
class Words:
    """Embeddings of everything a region is compared with in training."""

    names: list[str]
    """C names: ImageNet's 1000, then the categories."""
    mean_D: Tensor
    """Mean direction of the names, subtracted from every sentence."""
    name_CD: Tensor
    """Centred, unit length."""
    spellings: list[Tensor]
    """Per category (S, D), the category's own name first."""
    without: tuple[str, ...]
    """Categories never shown with a box."""
    forbidden: Tensor
    """(categories, C) bool, names too near a category to be held against it."""

    def taught(self) -> list[int]:
        """Rows of the names the network is taught: all but the categories never shown."""
        images = len(self.names) - len(self.spellings)
        return [row for row, name in enumerate(self.names) if row < images or name not in self.without]

    def taught_spellings(self) -> Tensor:
        """(S, D) what boxes were called in training, without what is very like its category's name."""
        first = len(self.names) - len(self.spellings)
        taught = [
            rows
            for name, rows in zip(self.names[first:], self.spellings, strict=True)
            if name not in self.without
        ]
        return torch.cat([torch.cat((rows[:1], rows[1:][rows[1:] @ rows[0] < VERY_LIKE])) for rows in taught])

    def candidates(self, generator: torch.Generator) -> Tensor:
        """(C, D) with every category spelt at random, half of the time by its own name."""
        chosen = [
            rows[0] if torch.rand(1, generator=generator) < 0.5 else rows[_below(len(rows), generator)]
            for rows in self.spellings
        ]
        return torch.cat((self.name_CD[: -len(self.spellings)], torch.stack(chosen)))


def read_words(categories: list[str], *, without: tuple[str, ...] = ()) -> Words:
    """Embed all of it, with the prompt the product uses; names in `without` are held against nothing."""
    encoder = MiniLMTextEncoder()

    def unit(labels: list[str]) -> NDArray[np.float32]:
        rows = encoder.encode([f"a {label}" for label in labels])
        return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)

    names = [*imagenet_names(), *categories]
    rows = torch.from_numpy(unit(names))
    mean_D = rows.mean(0)
    name_CD = F.normalize(rows - mean_D, dim=-1)
    spellings = [
        F.normalize(
            torch.from_numpy(unit([category, *SYNONYMS.get(category, "").split("|")])) - mean_D, dim=-1
        )
        for category in categories
    ]
    first = len(names) - len(categories)
    near = torch.stack([(name_CD @ rows.T).max(-1).values > TOO_NEAR for rows in spellings])
    # the categories are told apart by their annotators, however near their names
    near[:, first:] = torch.tensor([category in without for category in categories])
    return Words(
        names=names, mean_D=mean_D, name_CD=name_CD, spellings=spellings, without=without, forbidden=near
    )


def _below(count: int, generator: torch.Generator) -> int:
    return int(torch.randint(count, (1,), generator=generator))
