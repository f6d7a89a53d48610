"""Where every object lives. Nobody else builds keys.

sources/{source_id}/parts/{part:06d}        a part of the video: MP4, QuickTime or NUT; of pictures: ZIP
                   /damaged/{part:06d}      a worker found the part damaged: it is to be uploaded again
                   /side-streams{suffix}    sound and subtitles
                   /users/{token}           a client stores it, or a job that needs it, at this moment
                   /deleters/{token}        a client deletes it at this moment
                   /source.json             written last by the client: the footage is there
jobs/{job_id}/manifest.json                 written last by the client: the job exists
             /detect/{part:06d}/detections.parquet
                               /regions.parquet
                               /done.json   written last by the worker: the part is done
                               /failed.json the part was given up
             /ask/{part:06d}/detections.parquet
                            /done.json, failed.json
             /track/{part:06d}.parquet      what is to be drawn in the part
                   /done.json               the log is there
             /render/{part:06d}/segment.mp4 with what was found drawn in; of pictures: pictures.zip
                               /done.json, failed.json
             /result/annotated.mp4 (or .mov, .mkv, .wmv; of pictures: .zip), detections.*, summary.json
                    /job.json               written last of all: the job has ended
             /cancelled                     somebody asked to stop
open/{job_id}                               the job has not ended: what a reconciler looks through
embeddings/{text encoder}/{vocabulary digest}.safetensors
weights/{sha256}
learnt/{sha256}.vocab                       what was learnt from pictures
"""

from api_client.contract.ids import JobId, checked_job_id
from api_client.contract.source import SourceId
from api_client.contract.stages import Stage

JOBS = "jobs/"
OPEN = "open/"
SOURCES = "sources/"
REGIONS = "regions.parquet"
"""A part's regions, among the outputs of the stage that detects."""


def source_prefix(source_id: SourceId) -> str:
    """Everything of one source."""
    return f"{SOURCES}{source_id}/"


def source(source_id: SourceId) -> str:
    """The document of footage that is there."""
    return f"{source_prefix(source_id)}source.json"


def source_part(source_id: SourceId, index: int) -> str:
    """A part of the footage, as it was split or packed."""
    return f"{source_prefix(source_id)}parts/{index:06d}"


def damaged_part(source_id: SourceId, index: int) -> str:
    """Present while a part is known to be damaged."""
    return f"{damaged_parts(source_id)}{index:06d}"


def damaged_parts(source_id: SourceId) -> str:
    """What all such notes begin with."""
    return f"{source_prefix(source_id)}damaged/"


def source_users(source_id: SourceId) -> str:
    """What the notes of all who use it begin with."""
    return f"{source_prefix(source_id)}users/"


def source_user(source_id: SourceId, token: str) -> str:
    """Present while a client stores it or a job that needs it."""
    return f"{source_users(source_id)}{token}"


def source_deleters(source_id: SourceId) -> str:
    """What the notes of all who delete it begin with."""
    return f"{source_prefix(source_id)}deleters/"


def source_deleter(source_id: SourceId, token: str) -> str:
    """Present while a client deletes it."""
    return f"{source_deleters(source_id)}{token}"


def side_streams(source_id: SourceId, suffix: str) -> str:
    """Sound and subtitles of the source."""
    return f"{source_prefix(source_id)}side-streams{suffix}"


def open_job(job_id: JobId) -> str:
    """Present from before the manifest is written until the job has ended."""
    return f"{OPEN}{checked_job_id(job_id)}"


def job_prefix(job_id: JobId) -> str:
    """Everything of one job."""
    return f"{JOBS}{checked_job_id(job_id)}/"


def manifest(job_id: JobId) -> str:
    """The job's document."""
    return f"{job_prefix(job_id)}manifest.json"


def stage_prefix(job_id: JobId, stage: Stage) -> str:
    """Everything the workers wrote in one stage."""
    return f"{job_prefix(job_id)}{stage}/"


def part_output(job_id: JobId, stage: Stage, index: int, name: str) -> str:
    """One of a worker's outputs: "detections.parquet", "segment.mp4"."""
    return f"{stage_prefix(job_id, stage)}{index:06d}/{name}"


def part_done(job_id: JobId, stage: Stage, index: int) -> str:
    """The commit marker of a part."""
    return part_output(job_id, stage, index, "done.json")


def part_failed(job_id: JobId, stage: Stage, index: int) -> str:
    """The marker of a part that was given up."""
    return part_output(job_id, stage, index, "failed.json")


def part_rows(job_id: JobId, index: int) -> str:
    """What the log says of the frames of one part."""
    return f"{stage_prefix(job_id, Stage.TRACK)}{index:06d}.parquet"


def tracked(job_id: JobId) -> str:
    """The commit marker of the job's log."""
    return f"{stage_prefix(job_id, Stage.TRACK)}done.json"


def result(job_id: JobId, name: str) -> str:
    """One of the files a person gets."""
    return f"{job_prefix(job_id)}result/{name}"


def job_done(job_id: JobId) -> str:
    """The commit marker of the job, and its provenance."""
    return result(job_id, "job.json")


def cancelled(job_id: JobId) -> str:
    """Present once somebody cancelled the job."""
    return f"{job_prefix(job_id)}cancelled"


def embeddings(text_encoder: str, vocabulary_digest: str) -> str:
    """The text embeddings of a vocabulary by one text encoder, shared by all jobs."""
    return f"embeddings/{text_encoder}/{vocabulary_digest}.safetensors"


def weights(sha256: str) -> str:
    """Weights a user brought along, shared by all jobs."""
    return f"weights/{sha256}"


def learnt(sha256: str) -> str:
    """What was learnt from pictures, shared by all jobs that look for it."""
    return f"learnt/{sha256}.vocab"
