"""Text in pictures, in whatever script a label is written.

OpenCV 5 renders Unicode with fonts it carries (Rubik, WenQuanYi Micro Hei): Latin, Cyrillic, Greek, Hebrew,
Chinese, Japanese, Korean. It knows no complex scripts, so Arabic letters stand unjoined, and what has no
glyph (Devanagari, Thai, emoji) is written as its code point.
"""

import unicodedata
from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

Coverage = NDArray[np.uint8]

_WEIGHT = 500
"""Between regular (400) and semibold (600)."""
_ELLIPSIS = "…"


@lru_cache(maxsize=65536)
def drawable(label: str) -> str:
    """Return the label in the order and the characters it can be drawn with."""
    composed = unicodedata.normalize("NFC", label)
    escaped = "".join(c if _has_glyph(c) else f"\\u{ord(c):04x}" for c in composed)
    return _in_visual_order(escaped)


@lru_cache(maxsize=65536)
def fitted(label: str, suffix: str, size_px: int, width_px: int) -> str:
    """Return `label suffix`, the label shortened until the whole is at most this wide, if it can be."""
    text = f"{label} {suffix}"
    kept = len(label)
    while kept and (drawn_px := text_width_px(text, size_px)) > width_px:
        kept = max(0, min(kept - 1, round(kept * width_px / drawn_px)))
        text = f"{label[:kept].rstrip()}{_ELLIPSIS} {suffix}"
    return text


@lru_cache(maxsize=65536)
def text_width_px(text: str, size_px: int) -> int:
    """Return how wide a text is drawn."""
    _, _, width, _ = cv2.getTextSize((1, 1), text, (0, 0), _font(), size_px, _WEIGHT)
    return width


@lru_cache(maxsize=256)
def text_coverage(text: str, size_px: int, baseline_px: tuple[int, int], tag_px: tuple[int, int]) -> Coverage:
    """Return how much of each pixel of a tag its text covers, (height, width), 0 to 255.

    baseline_px: where the text begins in the tag. tag_px: (width, height). What falls outside is cut off.
    """
    coverage = np.zeros((tag_px[1], tag_px[0], 1), np.uint8)
    cv2.putText(coverage, text, baseline_px, (255,), _font(), size_px, _WEIGHT, cv2.PUT_TEXT_ALIGN_LEFT)
    coverage.flags.writeable = False
    return coverage[..., 0]


@lru_cache
def _font() -> cv2.FontFace:
    return cv2.FontFace("sans")


@lru_cache(maxsize=65536)
def _has_glyph(character: str) -> bool:
    """Whether it shows, as something else than the question mark that is drawn for what the font lacks."""
    if unicodedata.category(character).startswith("C"):
        return False
    return character == "?" or not np.array_equal(_picture_of(character), _picture_of("?"))


def _picture_of(character: str) -> Coverage:
    return text_coverage(character, 20, (8, 24), (64, 32))


def _in_visual_order(text: str) -> str:
    """Reverse words written from right to left; a line of them reads from the right."""
    if not any(map(_is_right_to_left, text)):
        return text
    return " ".join(
        word[::-1] if any(map(_is_right_to_left, word)) else word for word in text.split(" ")[::-1]
    )


def _is_right_to_left(character: str) -> bool:
    return unicodedata.bidirectional(character) in ("R", "AL")
