"""What `client resume` does to a job that has ended: what is not as it was stored is made again.

Jobs that have not ended need none of this: whoever reads what is damaged has it made again.
"""

from collections.abc import Iterable

from api_client.contract import Manifest, keys
from api_client.contract.marker import JobResult, StoredFile
from api_client.contract.stages import Stage
from api_client.errors import IntegrityError
from api_client.job_files import JobFiles
from api_client.scratch import scratch_directory
from api_client.store.checked_download import download_whole


def forget_damage(files: JobFiles, manifest: Manifest) -> None:
    """Delete the markers of what is damaged or gone, and the job's end where anything is.

    Outputs of parts are looked at too: other jobs are made of them. A video that is damaged is put together
    from its parts.
    """
    result = _ended(files)
    if result is None:
        files.forget_result()  # of a job that has failed, or does not say
        return
    of_results = _damaged(files, keys.result(files.job_id, ""), result.files)
    parts = [index for index in range(len(manifest.chunks)) if _is_damaged(files, manifest.finding, index)]
    is_log_damaged = _is_log_damaged(files, of_results)
    for index in parts:
        files.forget_part(manifest.finding, index)
    if parts or is_log_damaged:
        files.forget_tracked()
    if parts or is_log_damaged or of_results:
        files.forget_result()


def _ended(files: JobFiles) -> JobResult | None:
    try:
        result = files.result()
    except IntegrityError:
        return None
    return None if result is None or result.state == "failed" else result


def _is_damaged(files: JobFiles, finding: Stage, index: int) -> bool:
    """Whether a part was looked at, and what was stored of it is not there any more."""
    marker = files.part_marker(finding, index)
    prefix = keys.part_output(files.job_id, finding, index, "")
    return marker is not None and bool(_damaged(files, prefix, marker.files))


def _is_log_damaged(files: JobFiles, damaged_results: set[str]) -> bool:
    log = files.tracked()
    if log is None:
        return False
    rows = keys.stage_prefix(files.job_id, Stage.TRACK)
    return any(file.name in damaged_results for file in log.files) or bool(_damaged(files, rows, log.rows))


def _damaged(files: JobFiles, prefix: str, stored: Iterable[StoredFile]) -> set[str]:
    """Names of those below a prefix that are gone, or have other bytes."""
    with scratch_directory("check") as directory:
        copy = directory / "file"
        return {
            file.name
            for file in stored
            if not download_whole(files.store, f"{prefix}{file.name}", copy, file)
        }
