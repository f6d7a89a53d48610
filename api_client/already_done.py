"""Whether a question has been answered: results that lie there, of the same input and the same job."""

import hashlib
import json
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from api_client.contract import JobSpec, SourceSpec, VideoSpec
from api_client.fetched import ANNOTATED

QUESTION = "question_sha256"
"""Where `job.json` keeps the digest, in its provenance."""


def question_digest(source: SourceSpec, job: JobSpec, video: VideoSpec | None = None) -> str:
    """Return a digest of all that decides a result: the input by name and size, words, detector, the rest.

    video: where there is one, of which perhaps only a part is taken.
    """
    asked = job.model_dump(mode="json", exclude={"vocabulary", "regions_per_frame"})
    words = {"vocabulary": job.vocabulary.digest, "thresholds": job.vocabulary.thresholds}
    asked |= {**words, "source": source.model_dump(mode="json")}
    if video is not None and video.zero_pts is not None:
        asked["frames"] = [video.first_frame, video.end_frame]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


def answered_in(
    directories: Iterable[Path], source: SourceSpec, job: JobSpec, video: VideoSpec | None = None
) -> Path | None:
    """Return the first of the directories that holds complete results of this job on this input.

    Results with gaps are not complete.
    """
    wanted = question_digest(source, job, video)
    return next((path for path in directories if _answers(path, wanted)), None)


def _answers(directory: Path, wanted: str) -> bool:
    with suppress(OSError, ValueError, KeyError, TypeError):
        result = json.loads((directory / "job.json").read_bytes())
        names = [stored["name"] for stored in result["files"]]
        names += [f"{ANNOTATED}/{picture['name']}" for picture in result.get("pictures", ())]
        there = all((directory / name).exists() for name in names)
        return bool(result["state"] == "completed" and result["provenance"].get(QUESTION) == wanted and there)
    return False
