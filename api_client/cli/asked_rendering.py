"""The rendering that a command's options ask for."""

from pydantic import ValidationError

from api_client.contract import Rendering
from api_client.errors import SettingsError
from api_client.zones.asked import shapes_of


def rendering_of(
    *,
    style: str,
    only: tuple[str, ...],
    trails: bool,
    sound: bool,
    zones: tuple[str, ...] = (),
    lines: tuple[str, ...] = (),
    threshold: float | None = None,
) -> Rendering:
    """Return what the options say. Raises `SettingsError`."""
    shapes = shapes_of(zones, lines)
    asked = {"style": style, "only": only, "trails": trails, "sound": sound, "threshold": threshold}
    try:
        return Rendering.model_validate({**asked, "zones": shapes.zones, "lines": shapes.lines})
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise SettingsError(first["msg"].removeprefix("Value error, ")) from None
