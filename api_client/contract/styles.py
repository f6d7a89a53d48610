"""What becomes of what was found, where a video is drawn. By itself: options list it and load no models."""

from typing import Literal, get_args

Style = Literal["boxes", "blur", "pixelate", "cover", "none"]
"""Boxes are drawn around it; it is made unrecognisable; or nothing."""
STYLES: tuple[Style, ...] = get_args(Style)
REDACTING: tuple[Style, ...] = ("blur", "pixelate", "cover")
"""These hide what was found, and with it every frame nobody could look at."""
