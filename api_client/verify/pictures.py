"""What the frames show: annotated beside source, counted by kind of difference."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from api_client.verify import content
from api_client.verify.content import Likeness
from api_client.verify.decoded import Shown
from api_client.verify.drawn import DrawingArea, Mask
from api_client.verify.report import Kind
from api_client.verify.thumbnail import Luma, Place, Thumbnails, ThumbnailSize

Number = TypeVar("Number", np.float32, np.bool_)

_HDR_TRANSFERS = (16, 18)
"""ITU-T H.273: PQ and HLG."""
_REMEMBERED = 64
"""Frames that went by, among which one that is shown again is recognised."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Seen:
    """A frame of the source with its thumbnail, where it lies in the annotated frame."""

    shown: Shown
    place: Place
    luma: Luma = field(repr=False)

    def without_frame(self) -> "Thumb":
        """The thumbnail alone, which is small."""
        return Thumb(place=self.place, luma=self.luma)


@dataclass(frozen=True, kw_only=True, eq=False)
class Thumb:
    """A frame of the source that went by."""

    place: Place
    luma: Luma = field(repr=False)


class Pictures:
    """Compares frame after frame. Made once the first annotated frame is there."""

    def __init__(
        self,
        annotated_px: tuple[int, int],
        first_source_px: tuple[int, int],
        *,
        lenient: bool,
        recoloured: bool = False,
    ) -> None:
        """recoloured: the source has colours of its own, and the annotated picture has ordinary ones."""
        self._size = ThumbnailSize.of(annotated_px)
        self._area = DrawingArea(log_px=log_size(annotated_px, first_source_px), thumbnail=self._size)
        self._lenient, self._recoloured = lenient, recoloured
        self._of_source, self._of_annotated = Thumbnails(), Thumbnails()
        self._kinds: dict[str, Kind] = {}
        self._earlier: deque[Thumb] = deque(maxlen=_REMEMBERED)
        self.covered = Kind()
        """Frames so full of boxes that only their outlines could be compared."""
        self.worst = Kind()

    def seen(self, shown: Shown) -> Seen:
        """Take what is needed of a source frame."""
        place = self._size.place_of(shown.size_px)
        luma = self._of_source.shown(shown.frame, shown.orientation, place.width_px, place.height_px)
        return Seen(shown=shown, place=place, luma=luma)

    def compare(
        self,
        index: int,
        own: Seen,
        neighbours: tuple[Seen | None, Seen | None],
        annotated: Shown,
        drawn: Iterable[dict[str, Any]],
    ) -> None:
        """Compare one frame; `neighbours` are the source's frames before and after it."""
        drawn = list(drawn)
        if neighbours[0] is not None:
            self._earlier.append(neighbours[0].without_frame())
        picture = self._annotated(annotated, own)
        mask = _placed(self._area.untouched(drawn), own.place)
        if not content.enough_is_left(mask):
            mask = _placed(self._area.untouched(drawn, inside_counts=True), own.place)
        if not content.enough_is_left(mask):
            self.covered.add(index)
            if content.is_flat(picture, own.luma, np.ones_like(mask)):
                self._add("shows a single shade", index, 0.0)
            return
        self._judge(index, own, neighbours, annotated, picture, mask)

    def _judge(
        self,
        index: int,
        own: Seen,
        neighbours: tuple[Seen | None, Seen | None],
        annotated: Shown,
        picture: Luma,
        mask: Mask,
    ) -> None:
        alike = content.likeness(own.luma, picture, mask)
        self.worst.add(index, f"{alike.psnr_db:.1f}", -alike.psnr_db)
        other = self._other_instead(own, neighbours, picture, mask)
        limit = self._limit(own, annotated)
        if other is not None:
            self._add(f"shows {other} instead", index, alike.psnr_db)
        elif alike.psnr_db < limit:
            self._add(self._named(own, annotated, picture, mask, limit), index, alike.psnr_db)
        elif self._is_broken_in_part(alike, limit):
            self._add("differs in a part of the picture", index, alike.worst_tile_db)

    def _annotated(self, annotated: Shown, own: Seen) -> Luma:
        full = self._of_annotated.shown(
            annotated.frame, annotated.orientation, self._size.width_px, self._size.height_px
        )
        placed = _placed(full, own.place)
        if self._recoloured or _is_toned(own.shown, annotated):
            return content.in_the_brightness_of(placed, own.luma)
        return placed

    def _limit(self, own: Seen, annotated: Shown) -> float:
        changed = self._lenient or own.place.is_scaled or own.shown.frame.interlaced_frame
        if changed or _is_toned(own.shown, annotated):
            return content.LEAST_PSNR_CHANGED_DB
        return content.LEAST_PSNR_DB

    @staticmethod
    def _is_broken_in_part(alike: Likeness, limit: float) -> bool:
        return limit == content.LEAST_PSNR_DB and alike.worst_tile_db < content.LEAST_TILE_PSNR_DB

    def _other_instead(
        self, own: Seen, neighbours: tuple[Seen | None, Seen | None], picture: Luma, mask: Mask
    ) -> str | None:
        """Which other frame of the source is clearly more like the annotated one, if any is."""
        own_error = content.mse(own.luma, picture, mask)
        if own_error <= content.NOISE_MSE:
            return None
        named: list[tuple[str, Seen | Thumb | None]] = [
            ("the frame before it", neighbours[0]),
            ("the frame after it", neighbours[1]),
        ]
        if own_error > content.WORTH_A_SEARCH_MSE:
            named += [("an earlier frame", seen) for seen in self._earlier]
        errors = [
            (content.mse(seen.luma, picture, mask), name)
            for name, seen in named
            if seen is not None and seen.place == own.place
        ]
        error, name = min(errors, default=(own_error, ""), key=lambda pair: pair[0])
        return name if error * content.CLEARLY < own_error else None

    def _named(self, own: Seen, annotated: Shown, picture: Luma, mask: Mask, limit_db: float) -> str:
        """What is wrong, after a look at both frames whole."""
        size = (self._size.width_px, self._size.height_px)
        whole_source = self._of_source.shown(own.shown.frame, own.shown.orientation, *size)
        whole_annotated = self._of_annotated.shown(annotated.frame, annotated.orientation, *size)
        if content.is_flat(picture, own.luma, mask):
            return "is black" if float(picture.mean()) < 24 else "shows a single shade"
        return content.what_is_wrong(whole_source, whole_annotated, limit_db)

    def _add(self, text: str, index: int, amount_db: float) -> None:
        self._kinds.setdefault(text, Kind()).add(index, f"frame {index} with {amount_db:.1f} dB", -amount_db)

    def differences(self) -> list[str]:
        """One line a kind."""
        return [
            f"the annotated picture of {kind.where} {text}; least alike is {kind.worst_text}"
            for text, kind in self._kinds.items()
        ]


def _placed(whole: NDArray[Number], place: Place) -> NDArray[Number]:
    """The part of a thumbnail, or of its mask, in which the source's frame lies."""
    return whole[place.y_px : place.y_px + place.height_px, place.x_px : place.x_px + place.width_px]


def log_size(annotated_px: tuple[int, int], source_px: tuple[int, int]) -> tuple[int, int]:
    """(width, height) of the frame in whose pixels the log counts: the annotated one without its padding.

    A picture too large for the encoder is made smaller for display only.
    """
    is_padded = all(0 <= a - s <= 1 for a, s in zip(annotated_px, source_px, strict=True))
    return source_px if is_padded or max(source_px) > LARGEST_ENCODED_PX else annotated_px


LARGEST_ENCODED_PX = 16384


def _is_toned(source: Shown, annotated: Shown) -> bool:
    transfer = source.frame.color_trc
    return transfer in _HDR_TRANSFERS and annotated.frame.color_trc != transfer
