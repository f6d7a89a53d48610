"""The contract between client and workers: what is stored where, and what it says.

Each name is imported when it is first used: who wants a constant of the contract, to read an option by, does
not wait until the documents' models are built.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
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

_MODULES = {
    "job": ("DetectorSpec", "JobSpec"),
    "manifest": ("JobDocument", "Manifest"),
    "marker": ("ChunkMarker", "Gap", "JobResult", "TrackMarker"),
    "pts_runs": ("PtsRuns",),
    "rendering": ("Rendering",),
    "source": ("ChunkSpec", "SideStreams", "Source", "SourceSpec", "VideoSpec"),
    "stages": ("Stage",),
}
_MODULE_OF = {name: module for module, names in _MODULES.items() for name in names}


def __getattr__(name: str) -> object:
    """Import what is asked for, once."""
    if name not in _MODULE_OF:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value: object = getattr(import_module(f"{__name__}.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value
