"""One stable colour per class: the same word has the same colour in every job and every video.

Colours are evenly spaced hues in OKLCH, a perceptually uniform space (Björn Ottosson, "A perceptual color
space for image processing", 2020), at lightnesses that stand out from dark and bright footage alike.
"""

import hashlib
import math
from functools import lru_cache

Rgb = tuple[int, int, int]
"""Red, green, blue, 0..255, sRGB."""

_HUES = 18
_LIGHTNESSES = (0.64, 0.79)
_CHROMA = 0.21
"""More than the screen can show at most hues; it is lowered until it can."""
_SALT = "2280617"
"""Chosen so that everyday vocabularies (people and street, kitchen, pets) have no two similar colours."""

_SHADES = ((0.0, 0), (0.07, 6), (-0.08, -6), (0.04, -8), (-0.05, 8), (0.1, 0), (-0.11, 0))
"""(lightness, degrees of hue) away from the class's colour: less than classes are from each other."""

_DARK: Rgb = (18, 18, 18)
_WHITE: Rgb = (255, 255, 255)


@lru_cache(maxsize=65536)
def colour_of(label: str, shade: int = 0) -> Rgb:
    """Return the colour of a class; upper and lower case do not matter.

    shade: 0 for the class itself; another number, such as a track's, for a neighbour of its colour.
    """
    digest = hashlib.sha256((_SALT + label.casefold()).encode()).digest()
    lighter, turned = _SHADES[shade % len(_SHADES)]
    lightness = _LIGHTNESSES[digest[0] % len(_LIGHTNESSES)] + lighter
    hue = int.from_bytes(digest[1:3], "big") % _HUES * 360 / _HUES + turned
    return _displayable(lightness, hue)


@lru_cache
def text_colour_on(background: Rgb) -> Rgb:
    """Return black or white, whichever is easier to read on the background (WCAG contrast ratio)."""
    luminance = _luminance(background)
    contrast_of_white = 1.05 / (luminance + 0.05)
    contrast_of_dark = (luminance + 0.05) / (_luminance(_DARK) + 0.05)
    return _WHITE if contrast_of_white > contrast_of_dark else _DARK


def _displayable(lightness: float, hue_degrees: float) -> Rgb:
    """Return the most colourful sRGB colour of that lightness and hue, up to `_CHROMA`."""
    chroma = _CHROMA
    while not all(0 <= channel <= 1 for channel in _linear_rgb(lightness, chroma, hue_degrees)):
        chroma -= 0.005
    red, green, blue = (round(255 * _gamma(c)) for c in _linear_rgb(lightness, chroma, hue_degrees))
    return red, green, blue


def _linear_rgb(lightness: float, chroma: float, hue_degrees: float) -> tuple[float, float, float]:
    a = chroma * math.cos(math.radians(hue_degrees))
    b = chroma * math.sin(math.radians(hue_degrees))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        +4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _gamma(linear: float) -> float:
    """IEC 61966-2-1, from linear light."""
    return 12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055


def _luminance(colour: Rgb) -> float:
    """Relative luminance as in WCAG 2."""
    red, green, blue = (
        value / 12.92 if value <= 0.04045 else ((value + 0.055) / 1.055) ** 2.4
        for value in (channel / 255 for channel in colour)
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
