"""The contract between client, workers and reducer: what is stored where, and what it says."""

from api_client.contract.job import DetectorSpec, JobSpec, SourceSpec
from api_client.contract.manifest import ChunkSpec, Manifest, SideStreams, VideoSpec
from api_client.contract.marker import ChunkMarker, JobResult
from api_client.contract.pts_runs import PtsRuns

__all__ = [
    "ChunkMarker",
    "ChunkSpec",
    "DetectorSpec",
    "JobResult",
    "JobSpec",
    "Manifest",
    "PtsRuns",
    "SideStreams",
    "SourceSpec",
    "VideoSpec",
]
