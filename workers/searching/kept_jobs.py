"""What a search needs of each job, on this machine's disk: made from the store once, and again when lost.

    HOME/search/{store}/{job}/about.json      what it is of; written last
                             /looks.npy       (L, bytes) what things look like
                             /colours.npy     (L, colours) how much of it has each of them
                             /backgrounds.npy (L, bytes) what every word asks of that
                             /things.npy      (L,) of `things.LOOK`
                             /objectness.npy  (L,) of the same, which every search reads
                             /numbers.npy     (L,) which thing of the job each is a look at

A job's directory appears whole or not at all, and is mapped into memory, not read. Nothing here is the only
copy of anything.
"""

import hashlib
import shutil
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from api_client.contract import DetectorSpec, Manifest, Stage, keys
from api_client.contract.model import Document, Sha256
from api_client.contract.source import SourceId
from api_client.errors import IntegrityError
from api_client.job_files import JobFiles
from api_client.local.cores import usable_cores
from api_client.log.regions import IndexHeader, read_index
from api_client.log.regions.layout import Rows, Segment, row_bytes
from api_client.scratch import scratch_directory
from api_client.store import ObjectStore
from vocabularies.phrase import COLOURS
from workers.detectors import Rescorer, Searchable
from workers.searching.things import LOOK, looks_of_things

VERSION: Literal[3] = 3
"""Of these files: those of another are made again."""
_ABOUT = "about.json"
_THING_BITS = 24
"""Of the number of a thing: a part has some thousands, and a source less than 2 to the 20th parts."""
_LOOKS_AT_ONCE = 2048
"""Of which backgrounds are worked out on one core."""


class AboutJob(Document):
    """What is known of a job without looking into the store."""

    version: Literal[3] = VERSION
    job_id: str
    created_at: datetime
    source_id: SourceId
    source_name: str
    parts: int
    """Of which regions were kept; 0 of a job that can never be searched."""
    parts_missing: int
    """Of which none were: the job's gaps, which `client resume` may fill."""
    detector: DetectorSpec | None = None
    weights_digest: Sha256 | None = None
    text_encoder: str = ""
    layout: tuple[Segment, ...] = ()
    of_pictures: bool = False
    has_colours: bool = False
    """Whether it is known of its looks which colours they have."""
    looks: int = 0


@dataclass(frozen=True, kw_only=True)
class KeptJob:
    """A job, as it is kept here."""

    about: AboutJob
    directory: Path
    _maps: dict[str, NDArray[Any]] = field(default_factory=dict)

    def looks(self) -> Rows:
        """(L, bytes)."""
        return self._mapped("looks")

    def colours(self) -> Rows:
        """(L, colours), as `RegionIndex.colours`."""
        return self._mapped("colours")

    def backgrounds(self) -> Rows:
        """(L, bytes)."""
        return self._mapped("backgrounds")

    def things(self) -> NDArray[np.void]:
        """(L,) of `LOOK`."""
        return self._mapped("things")

    def is_whole(self) -> bool:
        """Whether the files are what they say. Raises `OSError` or `ValueError` where one is not there."""
        looks, width = self.about.looks, row_bytes(self.about.layout)
        return not self.about.parts or (
            self.looks().shape == (looks, width)
            and self.colours().shape == (looks, len(COLOURS))
            and self.backgrounds().shape[:1] == self.objectness().shape == (looks,)
            and self.thing_numbers().shape == self.things().shape == (looks,)
            and self.things().dtype == LOOK
        )

    def objectness(self) -> NDArray[np.float32]:
        """(L,) of `things`, which every search reads."""
        return self._mapped("objectness")

    def thing_numbers(self) -> NDArray[np.int64]:
        """(L,) which thing of the job a look is of; less than 2 to the 44th."""
        return self._mapped("numbers")

    def _mapped(self, name: str) -> NDArray[Any]:
        if name not in self._maps:
            self._maps[name] = np.load(self.directory / f"{name}.npy", mmap_mode="r")
        return self._maps[name]


class KeptJobs:
    """All jobs of one store. Of several processes that make a job's at once, one's stays."""

    def __init__(self, home: Path, store: ObjectStore) -> None:
        self._store = store
        self._directory = home / "search" / hashlib.sha256(store.url.encode()).hexdigest()[:16]
        self._known: dict[str, KeptJob] = {}

    def known(self, job_id: str) -> KeptJob | None:
        """A job's; None where it is not there, or of another version."""
        if job_id not in self._known:
            path = self._directory / job_id
            with suppress(OSError, ValueError, IntegrityError):  # NumPy's for a file that is cut off
                job = KeptJob(about=AboutJob.from_bytes((path / _ABOUT).read_bytes()), directory=path)
                if job.is_whole():
                    self._known[job_id] = job
        return self._known.get(job_id)

    def forget_others(self, there: set[str]) -> None:
        """Delete what is kept of jobs that are not in the store any more."""
        with suppress(OSError):
            for path in self._directory.iterdir():
                if path.name not in there and not path.name.startswith("."):
                    self.forget(path.name)

    def forget(self, job_id: str) -> None:
        """Delete what is kept of a job."""
        self._known.pop(job_id, None)
        shutil.rmtree(self._directory / job_id, ignore_errors=True)

    def keep(
        self, manifest: Manifest, header: IndexHeader | None, parts: list[int], rescorer: Rescorer | None
    ) -> KeptJob:
        """Make a job's; of one that kept no regions that it kept none."""
        self._directory.mkdir(parents=True, exist_ok=True)
        with scratch_directory("search") as scratch:
            made = self._directory / f".{manifest.job_id}.{scratch.name}"
            made.mkdir()
            try:
                looks = 0 if rescorer is None else self._write(made, manifest, parts, rescorer, scratch)
                about = _about(manifest, header, parts, looks)
                (made / _ABOUT).write_bytes(about.to_bytes())
                self.forget(manifest.job_id)
                with suppress(OSError):  # somebody else was quicker, and made the same
                    made.rename(self._directory / manifest.job_id)
            finally:
                shutil.rmtree(made, ignore_errors=True)
        kept = self.known(manifest.job_id)
        assert kept is not None
        return kept

    def _write(
        self, made: Path, manifest: Manifest, parts: list[int], rescorer: Rescorer, scratch: Path
    ) -> int:
        found = [self._part(manifest, part, rescorer, scratch / keys.REGIONS) for part in parts]
        things, looks, colours = (np.concatenate(column) for column in zip(*found, strict=True))
        backgrounds = _backgrounds(looks, rescorer)
        np.save(made / "things.npy", things)
        np.save(made / "objectness.npy", np.ascontiguousarray(things["objectness"]))
        np.save(made / "numbers.npy", numbered(things))
        np.save(made / "looks.npy", looks)
        np.save(made / "colours.npy", colours)
        np.save(made / "backgrounds.npy", backgrounds)
        return len(looks)

    def _part(
        self, manifest: Manifest, part: int, rescorer: Rescorer, path: Path
    ) -> tuple[NDArray[np.void], Rows, Rows]:
        key = keys.part_output(manifest.job_id, Stage.DETECT, part, keys.REGIONS)
        self._store.get_file(key, path)
        return looks_of_things(read_index(path), rescorer, manifest.video, part)


def numbered(things: NDArray[np.void]) -> NDArray[np.int64]:
    """(L,) one number for part and thing."""
    return np.asarray((things["part"].astype(np.int64) << _THING_BITS) + things["thing"], np.int64)


def _backgrounds(looks: Rows, rescorer: Rescorer) -> Rows:
    if not isinstance(rescorer, Searchable) or not len(looks):
        return np.zeros((len(looks), 0), np.uint8)
    blocks = [looks[start : start + _LOOKS_AT_ONCE] for start in range(0, len(looks), _LOOKS_AT_ONCE)]
    with ThreadPoolExecutor(usable_cores(), thread_name_prefix="backgrounds") as pool:
        return np.concatenate(list(pool.map(rescorer.background, blocks)))


def _about(manifest: Manifest, header: IndexHeader | None, parts: list[int], looks: int) -> AboutJob:
    about = AboutJob(
        job_id=manifest.job_id,
        created_at=manifest.created_at,
        source_id=manifest.footage.source_id,
        source_name=manifest.source.file_name,
        parts=len(parts),
        parts_missing=len(manifest.chunks) - len(parts),
    )
    if header is None:
        return about
    return about.model_copy(
        update={
            "detector": manifest.job.detector,
            "weights_digest": header.weights_digest,
            "text_encoder": header.text_encoder,
            "layout": header.layout,
            "of_pictures": header.of_pictures,
            "has_colours": bool(header.colours),
            "looks": looks,
        }
    )


def parts_kept(files: JobFiles) -> list[int]:
    """The parts of which a job kept regions, by listing the store."""
    found = files.store.list(keys.stage_prefix(files.job_id, Stage.DETECT))
    return sorted(int(info.key.split("/")[-2]) for info in found if info.key.endswith(f"/{keys.REGIONS}"))
