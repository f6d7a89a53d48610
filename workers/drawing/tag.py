"""A name on its colour, in letters that can be read on it."""

from api_client.log.palette import Rgb, text_colour_on
from api_client.media.frames.canvas import Canvas
from workers.drawing.label_text import text_coverage
from workers.drawing.painting import Box, stamp


def draw_tag(
    canvas: Canvas, box: Box, text: str, *, colour: Rgb, text_px: int, baseline_px: tuple[int, int]
) -> None:
    """Fill a box with a colour and write into it. baseline_px: where the text begins in the box."""
    x_min, y_min, x_max, y_max = box
    coverage = text_coverage(text, text_px, baseline_px, (x_max - x_min, y_max - y_min))
    stamp(canvas, box, coverage, colour, text_colour_on(colour))
