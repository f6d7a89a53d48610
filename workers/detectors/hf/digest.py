"""One digest for a model that is a folder of files."""

import hashlib
from pathlib import Path

from api_client.contract.digest import file_sha256

_MATTER = (".json", ".safetensors", ".txt", ".model")


def folder_digest(folder: Path) -> str:
    """Sha256 over the names and digests of the files that a result depends on, in the order of their names.

    The same wherever the folder lies, and whoever downloaded it.
    """
    total = hashlib.sha256()
    for path in sorted(path for path in folder.iterdir() if path.suffix in _MATTER and path.is_file()):
        total.update(f"{path.name}\0{file_sha256(path)}\n".encode())
    return total.hexdigest()
