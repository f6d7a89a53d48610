"""The names of detectors, so that a client can refuse a wrong one without having any detector installed."""

import re
from difflib import get_close_matches

from api_client.errors import SettingsError

DETECTORS = (
    "pocket",
    "detic-swinb",
    "detic-convnext",
    "detic-r50",
    "detic-r18",
    "detic-swinb-lvis",
    "detic-r50-lvis",
    "detic-swinb-lvis-base",
    "detic-r50-lvis-base",
    "boxsup-swinb-lvis",
    "boxsup-r50-lvis",
)
"""Those that are found by name alone."""

PATTERNS = {
    "detectron2:CONFIG,WEIGHTS": re.compile(r"detectron2:[A-Za-z0-9._:/-]+,[A-Za-z0-9._:/-]+"),
    "python:MODULE:FACTORY": re.compile(r"python:[A-Za-z_][\w.]*:[A-Za-z_]\w*"),
}
"""Those that say what to load: what they look like, and how that is recognised."""


def check_detector_name(name: str) -> str:
    """Return the name; raise `SettingsError`, with the nearest one known, where it cannot be a detector."""
    if name in DETECTORS or any(pattern.fullmatch(name) for pattern in PATTERNS.values()):
        return name
    for form in PATTERNS:
        if name.partition(":")[0] == form.partition(":")[0]:
            raise SettingsError(f"the detector {name!r} is incomplete: write {form}")
    near = get_close_matches(name.lower(), DETECTORS, n=1)
    hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join((*DETECTORS, *PATTERNS))}"
    raise SettingsError(f"there is no detector {name!r}: {hint}")
