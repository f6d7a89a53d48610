"""The process in which damaged input is read: `python -m tests.fuzz.child TARGET`.

Reads one path a line, and answers each with one line of JSON: what became of it, and the memory held at most.
Anything but a result or a `HoratioError` of one line is a fault.
"""

import json
import os
import resource
import sys
import tempfile
import traceback
import warnings
from collections.abc import Callable
from pathlib import Path

from api_client.contract import ChunkMarker, DetectorSpec, JobResult, JobSpec, Source, keys
from api_client.errors import HoratioError
from api_client.job_files import JobFiles
from api_client.settings import Settings
from api_client.store.directory import DirectoryStore
from vocabularies import Vocabulary, parse_vocabulary

_JOB = JobSpec(vocabulary=Vocabulary(name="custom", labels=("cat",)), detector=DetectorSpec(name="pocket"))
_TRACKED = {"files": [], "rows": [], "detection_count": 0, "provenance": {"threshold": 0.5}}
_SETTINGS = {"chunk_seconds": 0.3, "chunk_frames": 4}


def read_media(path: Path) -> None:
    """Submit it, and decode every chunk as a worker does."""
    from api_client.media.frames.decode import decode_chunk
    from api_client.media.source.probe import probe
    from api_client.submission import upload_job

    video = probe(path)
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        store = DirectoryStore(Path(directory, "store"))
        settings = Settings.load(home=Path(directory), **_SETTINGS)
        manifest = upload_job(store, settings, video, _JOB, lambda _: None)
        for chunk in manifest.chunks:
            piece = Path(directory, "piece.mp4")
            store.get_file(keys.source_part(manifest.footage.source_id, chunk.index), piece)
            for _ in decode_chunk(piece, manifest.video, chunk, threads=2):
                pass


def read_manifest(path: Path) -> None:
    """As everybody who asks for a job does."""
    from tests.manifests import SOURCE_ID, manifest

    footage = Source.from_bytes(path.read_bytes())
    for chunk in footage.chunks:
        keys.source_part(footage.source_id, chunk.index)
        _ = chunk.frame_count, footage.video.time_seconds(next(iter(chunk.pts)))
    objects = {
        keys.source(SOURCE_ID): path.read_bytes(),
        keys.manifest("job"): manifest().document.to_bytes(),
    }
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        files = _job_of(Path(directory), objects)
        files.stage_at_work(files.manifest())


def read_job(path: Path) -> None:
    """As who watches a job does, who lists them, and who asks for another rendering of it."""
    from api_client.already_done import question_digest
    from api_client.status import JobStatus, with_question
    from tests.manifests import SOURCE_ID, manifest

    objects = {
        keys.source(SOURCE_ID): manifest().footage.to_bytes(),
        keys.manifest("job"): path.read_bytes(),
        keys.tracked("job"): json.dumps(_TRACKED).encode(),
    }
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        files = _job_of(Path(directory), objects)
        found = files.manifest()
        with_question(JobStatus.unknown(found), found).to_json()
        files.stage_at_work(found)
        question_digest(found.source, found.job)
        _told_again(files)


def read_track(path: Path) -> None:
    """As who tells a job's log again does, and the workers that draw it."""
    from tests.manifests import SOURCE_ID, manifest

    objects = {
        keys.source(SOURCE_ID): manifest().footage.to_bytes(),
        keys.manifest("job"): manifest().document.to_bytes(),
        keys.tracked("job"): path.read_bytes(),
    }
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        files = _job_of(Path(directory), objects)
        files.stage_at_work(files.manifest())
        _told_again(files)


def _told_again(files: JobFiles) -> None:
    from api_client.again import Retracking, rendered_again, tracked_again
    from api_client.contract import Rendering

    rendered_again(files, Rendering())
    tracked_again(files, Retracking(threshold=0.5))


def read_marker(path: Path) -> None:
    """As who follows a job does."""
    ChunkMarker.from_bytes(path.read_bytes()).to_bytes()


def read_result(path: Path) -> None:
    """As `fetch` does."""
    from api_client.fetch import fetch_result
    from tests.manifests import manifest

    objects = {
        keys.source(manifest().footage.source_id): manifest().footage.to_bytes(),
        keys.manifest("job"): manifest().document.to_bytes(),
        keys.job_done("job"): path.read_bytes(),
        keys.result("job", "detections.txt"): b"",
    }
    with tempfile.TemporaryDirectory(dir=path.parent) as directory:
        fetch_result(_job_of(Path(directory, "store"), objects), Path(directory, "out"))
    JobResult.from_bytes(path.read_bytes()).to_bytes()


def _job_of(root: Path, objects: dict[str, bytes]) -> JobFiles:
    """A store with these objects, written without waiting for the disk."""
    for key, data in objects.items():
        (root / key).parent.mkdir(parents=True, exist_ok=True)
        (root / key).write_bytes(data)
    return JobFiles(DirectoryStore(root), "job")


def read_vocabulary(path: Path) -> None:
    """As `--vocabulary FILE` does."""
    _ = parse_vocabulary(str(path)).digest


def read_settings(path: Path) -> None:
    """As a `.env` file."""
    os.chdir(path.parent)
    path.replace(path.parent / ".env")
    Settings.load().to_environment()


def read_pocket_weights(path: Path) -> None:
    """As `--weights FILE` does for the pocket detector."""
    from workers.detectors.pocket import load

    load(device="cpu", weights=path)


def read_detic_weights(path: Path) -> None:
    """As `--weights FILE` does for Detic, up to what its network asks of them."""
    from workers.detectors.detic.checkpoint import network_from, read_checkpoint
    from workers.detectors.detic.config import release

    chosen = release("detic-r18")
    network_from(read_checkpoint(path), chosen.config, chosen)


def run_code(path: Path) -> None:
    """Do what the file says: how the tests of the sandbox misbehave."""
    exec(compile(path.read_text(), str(path), "exec"), {})


TARGETS: dict[str, Callable[[Path], None]] = {
    "code": run_code,
    "media": read_media,
    "manifest": read_manifest,
    "job": read_job,
    "track": read_track,
    "marker": read_marker,
    "result": read_result,
    "vocabulary": read_vocabulary,
    "settings": read_settings,
    "pocket weights": read_pocket_weights,
    "detic weights": read_detic_weights,
}


def outcome(target: Callable[[Path], None], path: Path) -> str:
    """ "" where all went well or one line said what was wrong; otherwise what went wrong, for people."""
    try:
        target(path)
    except HoratioError as error:
        lines = len(str(error).splitlines())
        return "" if lines == 1 else f"{type(error).__name__} of {lines} lines: {error!r}"
    except BaseException:  # noqa: BLE001  # whatever it is, it is a fault
        return traceback.format_exc()
    return ""


def main() -> None:
    """Answer until there are no more questions."""
    name, memory_bytes = sys.argv[1], int(sys.argv[2])
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")  # torch warns of some bytes it then reads
    for line in sys.stdin:
        fault = outcome(TARGETS[name], Path(line.rstrip("\n")))
        peak_bytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
        sys.stdout.write(json.dumps({"fault": fault, "peak_bytes": peak_bytes}) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
