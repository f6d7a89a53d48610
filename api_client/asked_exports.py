"""Which formats of a log are asked for, and whether each can be written."""

from collections.abc import Iterable

from api_client.contract.export_names import EXPORT_NAMES, NEEDS_TIME, NEEDS_TRACKS
from api_client.errors import SettingsError


def checked_exports(names: Iterable[str], *, tracks: bool) -> tuple[str, ...]:
    """Return the names of formats, each once; raise `SettingsError` for one that cannot be written.

    tracks: whether the job follows objects.
    """
    wanted = tuple(dict.fromkeys(names))
    if not wanted:
        raise SettingsError(f"no format is named: there are {', '.join(EXPORT_NAMES)}")
    for name in wanted:
        if name not in EXPORT_NAMES:
            raise SettingsError(f"there is no format {name!r}: there are {', '.join(EXPORT_NAMES)}")
        if name in NEEDS_TRACKS and not tracks:
            raise SettingsError(f"the format {name!r} holds tracks alone: submit the job without --no-tracks")
    return wanted


def check_exports_of_pictures(names: Iterable[str]) -> None:
    """Raise `SettingsError` for a format that tells of a video."""
    for name in names:
        if name in NEEDS_TIME:
            fitting = ", ".join(other for other in EXPORT_NAMES if other not in NEEDS_TIME)
            raise SettingsError(f"the format {name!r} tells of a video: for pictures there are {fitting}")
