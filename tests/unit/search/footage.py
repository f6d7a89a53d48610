"""Jobs in a store that kept regions, without any having run: squares of saturated colours."""

from dataclasses import replace
from datetime import datetime
from pathlib import Path

import numpy as np

from api_client.contract import DetectorSpec, Manifest, Stage, TrackMarker, keys
from api_client.contract.thresholds import Thresholds
from api_client.job_files import JobFiles
from api_client.log.regions import IndexBuilder, IndexHeader, write_index
from api_client.store import ObjectStore
from tests.colour_detector import COLOURS, ColourDetector
from tests.manifests import asking, chunk, manifest, store_manifest
from workers.region_index import index_header

COLOUR_DETECTOR = DetectorSpec(name="python:tests.colour_detector:load")
FRAMES = 10
"""Of a part, one second."""

Square = tuple[str, float]
"""(colour, left side in pixels); 10 pixels wide, at the top."""


def square(left: float, side: float = 10) -> list[float]:
    return [left, 5, left + side, 5 + side]


def colour_header(job: Manifest, **changes: object) -> IndexHeader:
    header = index_header(ColourDetector(), job.video, thresholds=Thresholds(default=0.5), most_regions=8)
    return header.model_copy(update=changes)


def store_looked_at(
    store: ObjectStore,
    directory: Path,
    parts: list[list[list[Square]] | None],
    *,
    job_id: str = "20260101-000000-clip-0001",
    source_id: str = "0" * 32,
    detector: DetectorSpec = COLOUR_DETECTOR,
    created_at: datetime | None = None,
    is_finished: bool = True,
    **header: object,
) -> Manifest:
    """A job of parts, each a list of frames, each a list of squares; None is a part that was given up."""
    chunks = tuple(
        chunk(index, range(index * FRAMES, (index + 1) * FRAMES), first_frame=index * FRAMES)
        for index in range(len(parts))
    )
    job = asking(manifest(job_id=job_id, chunks=chunks), detector=detector)
    document = job.document.model_copy(
        update={"source_id": source_id, "created_at": created_at or job.created_at}
    )
    job = replace(job, document=document, footage=job.footage.model_copy(update={"source_id": source_id}))
    store_manifest(store, job)
    for index, frames in enumerate(parts):
        if frames is not None:
            store_part(store, directory, job, index, frames, **header)
    if is_finished:
        marker = TrackMarker(files=(), rows=(), detection_count=0, provenance={"threshold": 0.5})
        JobFiles(store, job_id).write_tracked(marker)
    return job


def store_part(
    store: ObjectStore,
    directory: Path,
    job: Manifest,
    index: int,
    frames: list[list[Square]],
    **header: object,
) -> None:
    builder = IndexBuilder(colour_header(job, **header))
    for number, squares in enumerate(frames):
        builder.add(
            index * FRAMES + number,
            index * FRAMES + number,
            np.array([square(left) for _, left in squares], np.float32).reshape(-1, 4),
            np.full(len(squares), 0.9, np.float32),
            np.array([COLOURS[colour] for colour, _ in squares], np.float16).reshape(-1, 3),
        )
    path = directory / keys.REGIONS
    write_index(path, builder.built())
    store.put_file(keys.part_output(job.job_id, Stage.DETECT, index, keys.REGIONS), path)
