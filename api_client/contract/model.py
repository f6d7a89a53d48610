"""The base of everything that is written to the store as JSON.

Whoever can write to the store can write anything there, so a document checks every value that becomes part
of a path, a key, a size or a line of text.
"""

from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from api_client.contract.one_line import one_line
from api_client.errors import HoratioError, IntegrityError

MOST_DOCUMENT_BYTES = 64 << 20
"""A manifest of two hours at a variable rate takes 20 MB."""

Int64 = Annotated[int, Field(ge=-(1 << 63), lt=1 << 63)]
"""What FFmpeg, Parquet and NumPy can hold."""
Count = Annotated[int, Field(ge=0, lt=1 << 63)]
Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
Ratio = tuple[Annotated[int, Field(ge=1, lt=1 << 31)], Annotated[int, Field(ge=1, lt=1 << 31)]]
"""(numerator, denominator), as FFmpeg's AVRational holds them; positive."""
OneLine = Annotated[str, AfterValidator(one_line)]
"""For people: whatever it was, it is kept as one line of printable text of bounded length."""


class Document(BaseModel):
    """A frozen JSON document. Unknown fields are refused: a newer writer is noticed, not misread."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, the same bytes for equal documents."""
        return self.model_dump_json(indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raise `IntegrityError` where the bytes are not such a document."""
        if len(data) > MOST_DOCUMENT_BYTES:
            raise IntegrityError(
                f"a stored {cls.__name__} cannot be read: it has {len(data)} bytes, more than any"
            )
        try:
            return cls.model_validate_json(data)
        except HoratioError as error:  # what a vocabulary says of itself
            raise IntegrityError(f"a stored {cls.__name__} cannot be read ({error})") from None
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise IntegrityError(
                f"a stored {cls.__name__} cannot be read ({where}: {first['msg']}); "
                "it was written by another version or is damaged"
            ) from None
