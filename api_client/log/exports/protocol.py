"""What every output format is: something that is opened, takes one frame after the other, and is closed."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from api_client.contract import Manifest
from api_client.log.frames import FrameRecord


@dataclass(frozen=True, kw_only=True)
class ExportedJob:
    """What an export needs to know besides the frames."""

    manifest: Manifest
    description: Mapping[str, Any]
    """What produced the log, as plain JSON values: kept in the Parquet file."""
    last_frames: Mapping[int, int]
    """`tracker_id` → the last frame it has a box in; empty where nothing was followed."""

    @property
    def stem(self) -> str:
        """The source's name without its suffix."""
        return Path(self.manifest.source.file_name).stem

    @property
    def labels(self) -> tuple[str, ...]:
        """A label's place is its `class_id`."""
        return self.manifest.job.vocabulary.labels


class Export(Protocol):
    """One output format. Holds no more than a bounded number of frames, or tracks that have not ended."""

    @property
    def names(self) -> tuple[str, ...]:
        """The files it writes."""
        ...

    def open(self, directory: Path, job: ExportedJob) -> None:
        """Begin writing into a directory that exists."""
        ...

    def write(self, frame: FrameRecord) -> None:
        """Add the next frame of the video; every one comes once, in order."""
        ...

    def close(self) -> None:
        """Complete the files. The same frames give the same bytes."""
        ...
