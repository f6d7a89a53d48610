"""Drawing detections into frames."""

from workers.drawing.draw import draw
from workers.drawing.palette import colour_of

__all__ = ["colour_of", "draw"]
