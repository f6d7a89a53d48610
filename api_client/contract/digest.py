"""Sha256 of files, by which every stored file is known."""

import hashlib
from pathlib import Path


def file_sha256(path: Path) -> str:
    """Return the hexadecimal sha256 of a file of any size."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
