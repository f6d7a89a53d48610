"""Where every object lives. Nobody else builds keys.

jobs/{job_id}/manifest.json                 written last by the client: the job exists
             /input/{chunk:06d}.mp4         a chunk of the video: MP4, QuickTime or NUT, whatever its name
             /input/side_streams{suffix}          audio and other streams
             /chunks/{chunk:06d}/detections.parquet
                                /regions.safetensors
                                /segment.mp4    annotated
                                /done.json      written last by the worker: the chunk is done
                                /failed.json    the chunk was given up
             /result/annotated.mp4 (or .mov, .mkv, .wmv), detections.*, summary.json
                    /job.json               written last by the reducer: the job is done
             /cancelled                     somebody asked to stop
open/{job_id}                               the job has not ended: what a reconciler looks through
embeddings/{text encoder}/{vocabulary digest}.safetensors
weights/{sha256}
"""

from api_client.contract.ids import JobId, checked_job_id

JOBS = "jobs/"
OPEN = "open/"


def open_job(job_id: JobId) -> str:
    """Present from before the manifest is written until the job has ended."""
    return f"{OPEN}{checked_job_id(job_id)}"


def job_prefix(job_id: JobId) -> str:
    """Everything of one job."""
    return f"{JOBS}{checked_job_id(job_id)}/"


def manifest(job_id: JobId) -> str:
    """The manifest."""
    return f"{job_prefix(job_id)}manifest.json"


def chunk_input(job_id: JobId, index: int) -> str:
    """A chunk of the video, as split."""
    return f"{job_prefix(job_id)}input/{index:06d}.mp4"


def side_streams(job_id: JobId, suffix: str) -> str:
    """Audio and other streams of the source."""
    return f"{job_prefix(job_id)}input/side_streams{suffix}"


def chunks_prefix(job_id: JobId) -> str:
    """Everything the workers wrote."""
    return f"{job_prefix(job_id)}chunks/"


def chunk_output(job_id: JobId, index: int, name: str) -> str:
    """One of a worker's outputs: "detections.parquet", "regions.safetensors", "segment.mp4"."""
    return f"{chunks_prefix(job_id)}{index:06d}/{name}"


def chunk_done(job_id: JobId, index: int) -> str:
    """The commit marker of a chunk."""
    return chunk_output(job_id, index, "done.json")


def chunk_failed(job_id: JobId, index: int) -> str:
    """The marker of a chunk that was given up."""
    return chunk_output(job_id, index, "failed.json")


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
