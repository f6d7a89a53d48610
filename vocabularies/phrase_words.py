"""The closed lists by which a label is known to be a phrase."""

from vocabularies.phrase import Relation

RELATIONS: dict[str, Relation] = {
    **dict.fromkeys(
        (
            "on",
            "on top of",
            "sitting on",
            "seated on",
            "standing on",
            "lying on",
            "laying on",
            "sleeping on",
            "resting on",
            "parked on",
        ),
        "on",
    ),
    **dict.fromkeys(
        ("under", "underneath", "beneath", "below", "sitting under", "standing under", "lying under"), "under"
    ),
    **dict.fromkeys(("in", "inside", "inside of", "sitting in", "standing in", "lying in"), "in"),
    **dict.fromkeys(
        (
            "beside",
            "next to",
            "near",
            "close to",
            "alongside",
            "standing beside",
            "standing next to",
            "standing near",
            "sitting beside",
            "sitting next to",
            "sitting near",
            "walking beside",
            "walking next to",
            "walking",
            "pushing",
        ),
        "beside",
    ),
    **dict.fromkeys(("holding", "carrying", "holding up"), "holding"),
    **dict.fromkeys(("riding", "riding on"), "riding"),
    **dict.fromkeys(("wearing", "dressed in"), "wearing"),
    **dict.fromkeys(("behind", "standing behind", "sitting behind"), "behind"),
    **dict.fromkeys(("in front of", "standing in front of", "sitting in front of"), "in front of"),
    "with": "with",
}
"""How people say it → what is measured."""

NEED_NO_OBJECT = ("walking",)
"""What a thing does by itself too: 'person walking' is a name, 'man walking dog' a relation."""

NEED_KNOWN_NOUNS = ("on", "in", "with", "near", "below", "walking", "inside")
"""Words that names have too ('jack in the box'): they relate only what is known to be things."""

COLOUR_SPELLINGS = {"gray": "grey", "violet": "purple", "golden": "yellow", "silver": "grey"}
SHADES = ("dark", "light", "bright", "pale", "deep")
"""Before a colour; nothing is measured of them."""
SMALL_WORDS = ("a", "an", "the", "some", "his", "her", "their", "its", "one's")
"""Before a thing; nothing is meant by them."""
LINKS = ("who is", "that is", "which is", "who are", "that are", "which are", "who's", "is", "are")
"""Between a thing and its relation."""

_GARMENTS = (
    "shirt t-shirt tshirt jacket coat dress suit hat cap helmet uniform vest hoodie sweater jeans pants "
    "trousers shorts skirt tie necktie glasses sunglasses mask gloves scarf shoes boots jersey swimsuit "
    "wetsuit apron robe kimono costume blouse"
)
GARMENTS = frozenset(_GARMENTS.split())
"""What one is 'in' by wearing it."""

PLURALS = {
    "people": "person",
    "persons": "person",
    "men": "man",
    "women": "woman",
    "children": "child",
    "mice": "mouse",
    "geese": "goose",
    "feet": "foot",
    "wolves": "wolf",
    "knives": "knife",
    "shelves": "shelf",
    "calves": "calf",
    "leaves": "leaf",
}
_MORE_NOUNS = (
    "child kid toddler baby adult guy lady cyclist bicyclist biker motorcyclist pedestrian skier surfer "
    "snowboarder skateboarder worker passenger driver player spectator bike motorbike scooter phone "
    "cellphone smartphone mobile sofa tv television computer purse luggage stroller counter floor "
    "ground street road sidewalk grass sand snow water wall shoes jeans shorts trousers"
)
_NOUNS_WITH_IN_OR_ON = (
    "button on, call in, cave in, clip in, dial in, drive in, fold in, hand in, hands on, head on, iron on, "
    "key in, light on, lights on, lock in, lock on, log in, log on, phone in, pin on, plug in, pull in, "
    "pull on, ride on, roll in, screw in, screw on, sign in, sign on, snap in, snap on, step in, stick on, "
    "strap on, switch on, tie in, tie on"
)
MORE_NOUNS = frozenset((*_MORE_NOUNS.split(), *_NOUNS_WITH_IN_OR_ON.split(", ")))
"""Things people name that no shipped list has by that name."""
