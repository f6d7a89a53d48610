"""The contract between client and workers: what is stored where, and what it says."""

from api_client.contract.job import DetectorSpec, JobSpec
from api_client.contract.manifest import JobDocument, Manifest
from api_client.contract.marker import ChunkMarker, Gap, JobResult, TrackMarker
from api_client.contract.pts_runs import PtsRuns
from api_client.contract.rendering import Rendering
from api_client.contract.source import ChunkSpec, SideStreams, Source, SourceSpec, VideoSpec
from api_client.contract.stages import Stage

__all__ = [
    "ChunkMarker",
    "ChunkSpec",
    "DetectorSpec",
    "Gap",
    "JobDocument",
    "JobResult",
    "JobSpec",
    "Manifest",
    "PtsRuns",
    "Rendering",
    "SideStreams",
    "Source",
    "SourceSpec",
    "Stage",
    "TrackMarker",
    "VideoSpec",
]
