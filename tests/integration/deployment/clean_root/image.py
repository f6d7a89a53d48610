"""An image: layers of files, and how a process in it is started."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True, kw_only=True)
class Image:
    """What a stage has come to."""

    layers: tuple[Path, ...]
    """Folders, the topmost first."""
    environment: Mapping[str, str] = field(default_factory=dict)
    directory: str = "/"
    user: str = "0:0"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health_check: tuple[str, ...] = ()

    @contextmanager
    def mounted(self, at: Path, *, layer: Path | None = None) -> Iterator[Path]:
        """Its root file system; what is written to it goes into `layer`, and nowhere where there is none."""
        options = f"lowerdir={':'.join(map(str, self.layers))}"
        if layer is not None:
            upper, scratch = layer, layer.with_name(f"{layer.name}.overlay")
            for folder in (upper, scratch):
                folder.mkdir(parents=True, exist_ok=True)
            options += f",upperdir={upper},workdir={scratch}"
        at.mkdir(parents=True, exist_ok=True)
        subprocess.run(["mount", "-t", "overlay", "overlay", "-o", options, at], check=True)
        try:
            yield at
        finally:
            subprocess.run(["umount", at], check=True)
