"""Drawing detections into frames."""

from api_client.log.palette import colour_of
from workers.drawing.draw import draw

__all__ = ["colour_of", "draw"]
