"""The regions that a job keeps of its footage, for words that are asked later."""

import io

from api_client.contract import Manifest, Stage, keys
from api_client.errors import SettingsError
from api_client.job_files import JobFiles
from api_client.log.regions.header import IndexHeader
from api_client.log.regions.index_file import read_header
from api_client.store.protocol import ObjectInfo


def looked_job(files: JobFiles) -> tuple[JobFiles, Manifest]:
    """The job whose detector looked, of which this one is made; itself, where it is made of none."""
    manifest = files.manifest()
    while made_of := manifest.document.made_of:
        files = JobFiles(files.store, made_of)
        manifest = files.manifest()
    return files, manifest


def index_header(files: JobFiles) -> IndexHeader:
    """What the job's indexes say of themselves. Raises `SettingsError` where it keeps no regions."""
    first = next(iter(_indexes(files)), None)
    if first is None:
        raise SettingsError(
            f"job {files.job_id} kept no regions, so nothing else can be asked of it: submit its video again "
            "(HORATIO_REGIONS_PER_FRAME, 0 keeps none; -d detectron2:… never keeps any)"
        )
    return read_header(io.BytesIO(files.store.get(first.key)))


def _indexes(files: JobFiles) -> list[ObjectInfo]:
    prefix = keys.stage_prefix(files.job_id, Stage.DETECT)
    return [info for info in files.store.list(prefix) if info.key.endswith(f"/{keys.REGIONS}")]
