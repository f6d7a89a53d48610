"""What produced a result: enough to produce it again, or to doubt it."""

from collections.abc import Iterable
from importlib.metadata import version
from typing import Any

import av

from api_client.contract import ChunkMarker, Manifest


def question_asked(manifest: Manifest) -> dict[str, Any]:
    """Return what was asked of what, as plain JSON values."""
    vocabulary, job = manifest.job.vocabulary, manifest.job
    return {
        "source": manifest.source.model_dump(mode="json"),
        "source_id": manifest.footage.source_id,
        "video": manifest.video.model_dump(mode="json"),
        "vocabulary": {
            "name": vocabulary.name,
            "labels": list(vocabulary.labels),
            "prompts": list(vocabulary.prompts),
            "digest": vocabulary.digest,
        },
        "threshold_asked": job.threshold,
        "every": job.every,
        "tiles": job.tiles and job.tiles.model_dump(mode="json", exclude_none=True),
        "chunks": len(manifest.chunks),
        "rendering": job.rendering and job.rendering.model_dump(mode="json"),
        "detections_of": manifest.document.detections_of,
        "log_of": manifest.document.log_of,
        "regions_of": manifest.document.regions_of,
        "versions": {
            "horatio-video": version("horatio-video"),
            "av": av.__version__,
            **{name: ".".join(map(str, number)) for name, number in av.library_versions.items()},
        },
    }


def provenance(
    manifest: Manifest, markers: Iterable[ChunkMarker], *, threshold: float | None
) -> dict[str, Any]:
    """Return the question, and what answered it: detector, weights digest, threshold, busy times."""
    markers = list(markers)
    return {
        **question_asked(manifest),
        "detector": {
            **next((marker.detector_facts for marker in markers if marker.outcome == "done"), {}),
            "name": manifest.job.detector.name,
            "weights_sha256": weights_digests(markers),
        },
        "threshold": threshold,
        "asked_regions": next((m.asked.model_dump(mode="json") for m in markers if m.asked), None),
        "seconds_by_stage": total_seconds(markers),
    }


def weights_digests(markers: Iterable[ChunkMarker]) -> list[str]:
    """Of the weights that were used: one, unless workers differed."""
    return sorted({m.detector_weights_digest for m in markers if m.detector_weights_digest is not None})


def total_seconds(markers: Iterable[ChunkMarker]) -> dict[str, float]:
    """Busy time of all parts by step."""
    totals: dict[str, float] = {}
    for marker in markers:
        for step, seconds in marker.seconds_by_stage.items():
            totals[step] = totals.get(step, 0.0) + seconds
    return {step: round(seconds, 3) for step, seconds in totals.items()}
