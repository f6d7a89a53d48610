"""How often a search finds what is not there, how far it agrees with a query, and how long it takes.

    HORATIO_HOME=/tmp/looked client submit CLIPS -v coco --no-video
    OPENBLAS_NUM_THREADS=1 HORATIO_HOME=/tmp/looked python -m benchmarks.search
    … --photographs train.json val.json --dogs breeds/val

Of all jobs of the store: of the words of `absent_words.txt`, which somebody looked for in every second of the
sample clips and did not see, how many are found all the same, and where they are given, of photographs of
what they mean; what is found of COCO's words beside what a query finds in every frame; and how long a word
takes where there are more looks, made of the real ones with noise. (`client search` starts a process with
that setting, which is read where NumPy is loaded.)
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from api_client.contract import Stage, keys
from api_client.contract.thresholds import Thresholds
from api_client.job_files import JobFiles
from api_client.log.regions import RegionIndex, decoded, encoded, read_index
from api_client.queue.connections import open_store_of
from api_client.search.asked import FoundMoment, SearchAnswer, SearchRequest
from api_client.settings import Settings
from api_client.store import ObjectStore
from benchmarks.picture_questions import asked_each, main_things
from vocabularies import Vocabulary, parse_vocabulary
from workers.detectors import Searchable
from workers.detectors.registry import load_detector
from workers.rescoring import Question, rescored
from workers.searching.asking import ask
from workers.searching.gathering import looked_of
from workers.searching.groups import Detectors
from workers.searching.kept_jobs import AboutJob, KeptJob, KeptJobs
from workers.searching.moments import ranked
from workers.searching.searcher import Searcher

ABSENT = Path(__file__).parent / "absent_words.txt"
"""Things of LVIS's kinds that no second of the eight sample clips shows; doubtful ones are left out."""
EXAMPLES = (1, 3, 10)
"""Pictures of one question."""
CLIP_OF_A_DOG = "dog.mp4"
HOURS = (1, 10, 100)
LOOKS_AN_HOUR = 36_000
"""Things of five frames and more an hour of crowds, at 32 regions a frame."""
NOISE = 0.02
MADE = 360_000
"""Looks with a noise of their own; more are those again."""
FOOTAGE_SECONDS = 60.0
"""After so many the real looks come again."""


@dataclass(frozen=True, kw_only=True)
class Looked:
    """A job and what was kept of its parts."""

    files: JobFiles
    parts: dict[int, RegionIndex]


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(
        description=__doc__,
    )
    parser.add_argument("--hours", default=",".join(map(str, HOURS)), help="of footage, made of the real one")
    parser.add_argument("--words", default="person, red backpack, forklift, dog, taxi")
    parser.add_argument("--photographs", nargs="*", type=Path, default=[], help="COCO's JSON beside them")
    parser.add_argument("--dogs", type=Path, help="a folder of folders of pictures, a breed each")
    told = parser.parse_args()
    if os.environ.get("OPENBLAS_NUM_THREADS") != "1":
        parser.error("it would be slower than `client search`: set OPENBLAS_NUM_THREADS=1")
    settings = Settings.load()
    store = open_store_of(settings)
    searcher = Searcher(settings, store)
    false_alarms(searcher)
    if told.photographs or told.dogs:
        pictures(searcher, store, told.photographs, told.dogs)
    agreement(searcher, settings, store)
    for hours in filter(None, told.hours.split(",")):
        timing(settings, store, float(hours), told.words)


def absent_words() -> tuple[str, ...]:
    """Those of the list."""
    return tuple(ABSENT.read_text(encoding="utf-8").split("\n")[:-1])


def pictures(searcher: Searcher, store: ObjectStore, photographs: list[Path], dogs: Path | None) -> None:
    """How often pictures of what is not there find something, by how many are shown and by threshold."""
    detector = load_detector("pocket", device="cpu")
    with tempfile.TemporaryDirectory() as name:
        for each in EXAMPLES:
            absent = main_things(photographs, absent_words(), each)
            breeds = {} if dogs is None else {place.name: _first(place, each) for place in dogs.iterdir()}
            for threshold in (None, 0.65, 0.75):
                said = f"{each} pictures each, threshold {threshold or 'default'}"
                ask = partial(
                    asked_each, searcher, store, detector, directory=Path(name), threshold=threshold
                )
                print(f"{said}: of what is in no clip {ask(absent)}")
                print(f"{said}: of dogs {ask(breeds, right=CLIP_OF_A_DOG)}", flush=True)


def _first(place: Path, count: int) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_file())[:count]


def false_alarms(searcher: Searcher) -> None:
    """How many words that are not there are found, by threshold."""
    words = absent_words()
    for threshold in (None, 0.6, 0.65, 0.7):
        answer = search(searcher, words, threshold)
        found = [word for word in answer.words if word.things]
        pairs = {(moment.word, moment.source_id) for moment in answer.moments}
        print(
            f"threshold {threshold or 'default'}: of {len(words)} absent words {len(found)} are found "
            f"({100 * len(found) / len(words):.1f} %), {len(pairs)} of {len(words) * answer.sources} pairs "
            f"of word and clip ({100 * len(pairs) / len(words) / answer.sources:.2f} %); "
            f"{answer.looks} looks"
        )
        print("   " + ", ".join(f"{word.word} {word.things}" for word in found))


def agreement(searcher: Searcher, settings: Settings, store: ObjectStore) -> None:
    """What a search and a query of COCO's words have in common."""
    labels = parse_vocabulary("coco").labels
    moments = [m for some in _dozens(labels) for m in search(searcher, some, None).moments]
    counts = np.zeros(4, np.int64)
    words = np.zeros(3, np.int64)
    for looked in looked_at(store):
        manifest = looked.files.manifest()
        here = [moment for moment in moments if moment.source_id == manifest.footage.source_id]
        asked = list(queried(settings, store, looked, labels))
        counts += _covered(here, asked)
        by_query = {label for label, _, _ in asked}
        by_search = {moment.word for moment in here}
        words += np.array([len(by_query & by_search), len(by_query), len(by_search)])
    print(
        f"COCO's words: of {counts[1]} boxes of a query {100 * counts[0] / max(1, counts[1]):.1f} % are in a "
        f"moment of their word; of {counts[3]} moments {100 * counts[2] / max(1, counts[3]):.1f} % hold a "
        f"box of a query; words found in a clip: {words[1]} by query, {words[2]} by search, {words[0]} both"
    )


def _covered(moments: list[FoundMoment], asked: list[tuple[str, float, np.ndarray]]) -> np.ndarray:
    """(boxes in a moment of their word, boxes, moments that hold a box of their word, moments)."""
    spans = {m.word: [] for m in moments} | {label: [] for label, _, _ in asked}
    for moment in moments:
        spans[moment.word].append((moment.first_seconds - 1e-3, moment.last_seconds + 1e-3))
    inside = sum(any(first <= at <= last for first, last in spans[label]) for label, at, _ in asked)
    times: dict[str, list[float]] = {}
    for label, at, _ in asked:
        times.setdefault(label, []).append(at)
    held = sum(
        any(m.first_seconds - 1e-3 <= at <= m.last_seconds + 1e-3 for at in times.get(m.word, ()))
        for m in moments
    )
    return np.array([inside, len(asked), held, len(moments)])


def queried(
    settings: Settings, store: ObjectStore, looked: Looked, labels: tuple[str, ...]
) -> Iterator[tuple[str, float, np.ndarray]]:
    """Yield (label, seconds, box) of all that a query finds in a job at the default threshold."""
    detectors = Detectors(settings, store)
    kept = KeptJobs(settings.home, store).known(looked.files.job_id)
    assert kept is not None
    rescorer = detectors.rescorer(looked_of(kept))
    vocabulary = Vocabulary(name="asked", labels=labels)
    question = Question(
        vocabulary=detectors.words(vocabulary, looked_of(kept)),
        rescorer=rescorer,
        thresholds=Thresholds(default=rescorer.default_threshold),
    )
    video = looked.files.manifest().video
    for index in looked.parts.values():
        for frame in rescored(index, question):
            found = frame.detections.where(frame.detections.scores >= rescorer.default_threshold)
            for label, box in zip(found.label_ids, found.boxes_xyxy_px, strict=True):
                yield labels[label], video.time_seconds(frame.pts), box


def timing(settings: Settings, store: ObjectStore, hours: float, words: str) -> None:
    """How long words take among the looks of so many hours, the second time."""
    kept = KeptJobs(settings.home, store)
    jobs = [job for job in map(kept.known, store.list_prefixes(keys.JOBS)) if job and job.about.looks]
    detectors = Detectors(settings, store)
    looked = looked_of(jobs[0])
    rescorer = detectors.rescorer(looked)
    with tempfile.TemporaryDirectory(dir=settings.home) as directory:
        many = [made_up(Path(directory), jobs, int(hours * LOOKS_AN_HOUR), rescorer)]
        size = sum(path.stat().st_size for path in Path(directory).iterdir())
        for label in parse_vocabulary(words).labels:
            vocabulary = Vocabulary(name="one", labels=(label,))
            embedded = detectors.words(vocabulary, looked)
            for _ in range(2):
                start, busy = time.perf_counter(), time.process_time()
                hits = ask(many, embedded, rescorer, least=0.4)
                asked = time.perf_counter() - start
                shown = ranked(many, hits, 0, top=20)
                seconds, busy = time.perf_counter() - start, time.process_time() - busy
            print(
                f"{hours:g} hours, {many[0].about.looks} looks, {size / 1e9:.2f} GB, {label!r}: "
                f"{seconds:.2f} s ({asked:.2f} s asking; processor {busy:.2f} s), {shown.things} things"
            )


def made_up(directory: Path, jobs: list[KeptJob], count: int, rescorer: Searchable) -> KeptJob:
    """A job of so many looks: real ones with noise, each in a place and time of its own."""
    rng = np.random.default_rng(0)
    looks = np.concatenate([job.looks() for job in jobs])
    things = np.concatenate([job.things() for job in jobs])
    maps = {}
    about: AboutJob = jobs[0].about.model_copy(update={"looks": count})
    examples = {
        "looks": looks,
        "backgrounds": rescorer.background(looks[:1]),
        "things": things,
        "objectness": things["objectness"],
        "numbers": np.zeros(0, np.int64),
    }
    for name, example in examples.items():
        maps[name] = np.lib.format.open_memmap(
            directory / f"{name}.npy", "w+", example.dtype, (count, *example.shape[1:])
        )
    made = min(count, MADE)
    for start in range(0, made, len(looks)):
        some = slice(start, min(made, start + len(looks)))
        size = some.stop - start
        noisy = decoded(looks[:size], about.layout)
        noisy[:, :384] += rng.normal(size=(size, 384)).astype(np.float32) * NOISE
        noisy[:, :384] /= np.linalg.norm(noisy[:, :384], axis=1, keepdims=True)
        maps["looks"][some] = encoded(noisy, about.layout)
        maps["things"][some] = things[:size]
        maps["objectness"][some] = things["objectness"][:size]
    for start in range(0, made, 8192):
        some = slice(start, min(made, start + 8192))
        maps["backgrounds"][some] = rescorer.background(maps["looks"][some])
    for start in range(made, count, made):
        for one in (maps[name] for name in ("looks", "things", "objectness", "backgrounds")):
            one[start : start + made] = one[: min(made, count - start)]
    maps["numbers"][:] = np.arange(count)
    maps["things"]["thing"][:] = np.arange(count)
    for moment in ("seconds", "first_seconds", "last_seconds"):
        maps["things"][moment][:] += np.arange(count) // len(looks) * FOOTAGE_SECONDS
    for one in maps.values():
        one.flush()
    return KeptJob(about=about, directory=directory)


def search(searcher: Searcher, words: tuple[str, ...], threshold: float | None) -> SearchAnswer:
    """All moments of some words, each judged by itself."""
    parts = [
        searcher.search(
            SearchRequest(vocabulary=Vocabulary(name="asked", labels=some), threshold=threshold, top=100_000),
            lambda _done, _of: None,
        )
        for some in _dozens(words)
    ]
    return parts[0].model_copy(
        update={
            "moments": tuple(m for part in parts for m in part.moments),
            "words": tuple(w for part in parts for w in part.words),
        }
    )


def _dozens(words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield from (words[start : start + 48] for start in range(0, len(words), 48))


def looked_at(store: ObjectStore) -> Iterator[Looked]:
    """Yield every job of the store with its indexes."""
    for job_id in store.list_prefixes(keys.JOBS):
        files = JobFiles(store, job_id)
        parts = {}
        with tempfile.TemporaryDirectory() as directory:
            for chunk in files.manifest().chunks:
                path = Path(directory) / keys.REGIONS
                store.get_file(keys.part_output(job_id, Stage.DETECT, chunk.index, keys.REGIONS), path)
                parts[chunk.index] = read_index(path)
        yield Looked(files=files, parts=parts)


if __name__ == "__main__":
    main()
