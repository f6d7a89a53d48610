"""What produced a result: enough to produce it again, or to doubt it."""

from importlib.metadata import version
from typing import Any

import av

from api_client.contract import Manifest
from tasks.reduce.chunk_outputs import FinishedChunk, used_threshold


def provenance(manifest: Manifest, chunks: list[FinishedChunk]) -> dict[str, Any]:
    """Return source, vocabulary, detector, thresholds and versions as plain JSON values."""
    vocabulary = manifest.job.vocabulary
    digests = {chunk.marker.detector_weights_digest for chunk in chunks} - {None}
    return {
        "source": manifest.source.model_dump(mode="json"),
        "video": manifest.video.model_dump(mode="json"),
        "vocabulary": {
            "name": vocabulary.name,
            "labels": list(vocabulary.labels),
            "prompts": list(vocabulary.prompts),
            "digest": vocabulary.digest,
        },
        "detector": {"name": manifest.job.detector.name, "weights_sha256": sorted(map(str, digests))},
        "threshold": used_threshold(manifest, chunks),
        "threshold_asked": manifest.job.threshold,
        "every": manifest.job.every,
        "chunks": len(manifest.chunks),
        "seconds_by_stage": _total_seconds(chunks),
        "versions": {
            "horatio-video": version("horatio-video"),
            "av": av.__version__,
            **{name: ".".join(map(str, number)) for name, number in av.library_versions.items()},
        },
    }


def _total_seconds(chunks: list[FinishedChunk]) -> dict[str, float]:
    totals: dict[str, float] = {}
    for chunk in chunks:
        for stage, seconds in chunk.marker.seconds_by_stage.items():
            totals[stage] = totals.get(stage, 0.0) + seconds
    return {stage: round(seconds, 3) for stage, seconds in totals.items()}
