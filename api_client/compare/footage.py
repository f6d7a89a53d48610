"""Whether two jobs looked at the same footage."""

from api_client.contract import Manifest
from api_client.errors import SettingsError


def check_same_footage(first: Manifest, second: Manifest) -> None:
    """Raise `SettingsError` where two jobs are of different footage.

    Footage cut in another way is the same: what counts is the file's size, and every frame's size and time.
    """
    if first.footage.source_id == second.footage.source_id:
        return
    if _looks(first) != _looks(second) or _times(first) != _times(second):
        raise SettingsError(
            f"job {first.job_id} is about {first.source.file_name} and job {second.job_id} about "
            f"{second.source.file_name}, which is other footage: only jobs on the same can be compared"
        )


def _looks(manifest: Manifest) -> tuple[object, ...]:
    video = manifest.video
    size = (video.width_px, video.height_px, video.frame_count)
    return (*size, video.first_pts, video.time_base, manifest.source.size_bytes)


def _times(manifest: Manifest) -> list[int]:
    return [pts for chunk in manifest.chunks for pts in chunk.pts]
