"""Footage in the store, a part at a time: the input file is not needed."""

from bisect import bisect_right
from pathlib import Path

from api_client.contract import ChunkSpec, Source, keys
from api_client.errors import IntegrityError
from api_client.store import ObjectStore
from api_client.store.checked_download import download_whole

_PARTS_KEPT = 2


class StoredFootage:
    """The parts and the sound of one source, downloaded when they are asked for."""

    def __init__(self, store: ObjectStore, source: Source, directory: Path) -> None:
        """directory: where parts lie while they are needed; the last two asked for."""
        self.source = source
        self._store, self._directory = store, directory
        self._parts: dict[int, Path] = {}
        self._firsts = [chunk.first_frame for chunk in source.chunks]
        self._sound: Path | None = None
        self._looked_for_sound = False

    def parts_with(self, first_frame: int, last_frame: int) -> list[ChunkSpec]:
        """The parts whose windows hold these frames, in order."""
        first, last = (bisect_right(self._firsts, frame) - 1 for frame in (first_frame, last_frame))
        return list(self.source.chunks[first : last + 1])

    def path(self, chunk: ChunkSpec) -> Path:
        """A part's file. Raises `IntegrityError` where it is gone or damaged."""
        if chunk.index not in self._parts:
            while len(self._parts) >= _PARTS_KEPT:
                self._parts.pop(next(iter(self._parts))).unlink(missing_ok=True)
            path = self._directory / f"clip-part-{chunk.index}"
            key = keys.source_part(self.source.source_id, chunk.index)
            if not download_whole(self._store, key, path, chunk):
                raise IntegrityError(
                    f"part {chunk.index} of the video is gone from {self._store.url} or damaged: "
                    "submit the video again, and what is missing is uploaded"
                )
            self._parts[chunk.index] = path
        return self._parts[chunk.index]

    def sound(self) -> Path | None:
        """The file with sound and subtitles; None where there is none, or it is gone or damaged."""
        stored = self.source.side_streams
        if stored is not None and not self._looked_for_sound:
            path = self._directory / f"clip-sound{stored.file_suffix}"
            key = keys.side_streams(self.source.source_id, stored.file_suffix)
            self._sound = path if download_whole(self._store, key, path, stored) else None
        self._looked_for_sound = True
        return self._sound
