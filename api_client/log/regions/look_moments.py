"""At which frames what things look like is kept of all of them."""

from math import floor

from api_client.log.regions.header import IndexHeader


class LookMoments:
    """Asked of the frames of a part in order, of those in which there are regions."""

    def __init__(self, header: IndexHeader) -> None:
        self._header = header
        self._last: int | None = None

    def begins(self, pts: int) -> bool:
        """Whether this is the first frame of the part at or after such a moment; of pictures each is."""
        if self._header.of_pictures:
            return True
        moment = floor(self._header.time_seconds(pts) * self._header.looks_per_second)
        is_new = moment != self._last
        self._last = moment
        return is_new
