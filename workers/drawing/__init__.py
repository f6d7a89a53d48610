"""Drawing what a log says into frames."""

from api_client.log.palette import colour_of
from workers.drawing.boxes import Boxes
from workers.drawing.redaction import Redaction
from workers.drawing.style import Style, plain
from workers.drawing.trails import Trails
from workers.drawing.zones import WithZones

__all__ = ["Boxes", "Redaction", "Style", "Trails", "WithZones", "colour_of", "plain"]
