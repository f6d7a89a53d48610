"""Pictures: one by one as frames of a source, each with its own name and size."""

from typing import Annotated

from pydantic import AfterValidator, Field

from api_client.contract.model import Count, Document, Sha256

PICTURES = "pictures"
"""Where a video has a codec and a container."""
MOST_PIXELS_A_SIDE = 65_536
"""What AV1 allows, the most of all."""
_MOST_NAME_BYTES = 1000
_MOST_PART_BYTES = 255
"""Of a file's or a directory's name."""


def checked_picture_name(name: str) -> str:
    """Return a relative path, which can name no place but one below where it is used; else `ValueError`."""
    parts = name.split("/")
    for part in parts:
        if part in ("", ".", "..") or "\\" in part or not part.isprintable():
            raise ValueError("a picture's name is a relative path of printable characters")
        if len(part.encode()) > _MOST_PART_BYTES:
            raise ValueError("a picture's name is too long")
    if len(name.encode()) > _MOST_NAME_BYTES:
        raise ValueError("a picture's path is too long")
    return name


PictureName = Annotated[str, AfterValidator(checked_picture_name)]
"""A relative path with forward slashes, e.g. "2024/cat.jpg"."""


class PictureSpec(Document):
    """One picture of a source."""

    name: PictureName
    """Unique among the source's."""
    width_px: int = Field(ge=1, le=MOST_PIXELS_A_SIDE)
    """Upright, as it is seen."""
    height_px: int = Field(ge=1, le=MOST_PIXELS_A_SIDE)
    size_bytes: Count
    """Of the file."""

    @property
    def size_px(self) -> tuple[int, int]:
        """(width, height)."""
        return self.width_px, self.height_px


class PictureFile(Document):
    """One annotated picture, below `annotated/` among the results."""

    name: PictureName
    size_bytes: Count
    sha256: Sha256
