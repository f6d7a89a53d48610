"""The base of everything that is written to the store as JSON."""

from typing import Self

from pydantic import BaseModel, ConfigDict, ValidationError

from api_client.errors import IntegrityError


class Document(BaseModel):
    """A frozen JSON document. Unknown fields are refused: a newer writer is noticed, not misread."""

    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True)

    def to_bytes(self) -> bytes:
        """UTF-8 JSON, the same bytes for equal documents."""
        return self.model_dump_json(indent=1).encode()

    @classmethod
    def from_bytes(cls, data: bytes) -> Self:
        """Raise `IntegrityError` where the bytes are not such a document."""
        try:
            return cls.model_validate_json(data)
        except ValidationError as error:
            first = error.errors(include_url=False)[0]
            where = ".".join(str(part) for part in first["loc"])
            raise IntegrityError(
                f"a stored {cls.__name__} cannot be read ({where}: {first['msg']}); "
                "it was written by another version or is damaged"
            ) from None
