"""Whatever happens to a job, in whatever order: no chunk is lost, nothing is reduced early, and it ends.

Hypothesis plays clients, workers and misfortunes against a real Redis, a real directory as store, and the
tasks' own code. A worker that dies leaves that code by an exception nothing catches; its message is lost, or
comes again. Time is not waited for: to a reconciler without patience, every lease has lapsed.
"""

import base64
import itertools
import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import hypothesis
import hypothesis.strategies as st
import pytest
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from api_client.contract import JobResult, Manifest, keys
from api_client.contract.digest import file_sha256
from api_client.errors import StoreUnavailableError, WorkerStoppingError
from api_client.job_files import JobFiles
from api_client.queue.job_state import OUTSTANDING, REDUCE
from api_client.settings import Settings
from tasks.attempt import Attempt
from tasks.chunk import ChunkStep
from tasks.connections import WorkerConnections
from tasks.outcome import AttemptFailedError
from tasks.processor import install
from tasks.reduce.chunk_outputs import DamagedOutputError
from tasks.reduction import ReduceStep
from tasks.work import ChunkOutput, ChunkWork
from tests.manifests import chunk, manifest

CHUNKS = 3
MAX_ATTEMPTS = 2
_numbers = itertools.count()
_some = st.integers(0, 9)
"""Which of those there are."""


class WorkerDied(BaseException):
    """Leaves a task as a worker that is killed does: nothing is settled."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """With a worker, and not acknowledged."""

    item: str
    redelivered: bool = False


FATES = {
    "works": None,
    "dies at work": WorkerDied(),
    "fails": ZeroDivisionError("boom"),
    "store away": StoreUnavailableError("away"),
    "is told to stop": WorkerStoppingError("stopping"),
    "dies when it is done": None,
    "finds damage": None,
}
"""What becomes of an attempt, and what its work raises."""


class QueueModel(RuleBasedStateMachine):
    """One job. The test that runs it says which Redis and which store, and lets `reduce_job` come here."""

    settings: Settings
    current: "QueueModel"

    def __init__(self) -> None:
        super().__init__()
        type(self).current = self
        self.job_id = f"job-{next(_numbers)}"
        self.to = self._connections(silence_seconds=10_000)
        self.hasty = self._connections(silence_seconds=0)
        self.to.redis.flushall()
        self.manifest = _upload(self.to, self.job_id)
        self.files = self.to.files(self.job_id)
        self.again: list[Message] = []
        """On their way back to a worker."""
        self.taken: list[Message] = []
        self.stalled: list[tuple[Attempt, str]] = []
        """Started by workers that are stopped, or cut off."""
        self.unlucky = dict.fromkeys([*map(str, range(CHUNKS)), REDUCE], 0)
        """Item → how often it was started and not finished, or found damaged."""
        self.fate = "works"
        install(lambda: self._process)

    @initialize()
    def a_job_is_submitted(self) -> None:
        self.to.dispatcher.enqueue(self.job_id, range(CHUNKS))

    @rule()
    def a_client_enqueues(self) -> None:
        self.to.dispatcher.enqueue(self.job_id, self._missing())

    @rule()
    def a_client_dies_while_it_enqueues(self) -> None:
        self.to.state(self.job_id).add_to_backlog(self._missing())

    @rule(queue=st.sampled_from(["detect", "control"]))
    def a_worker_takes(self, queue: str) -> None:
        message = self._pop(queue)
        if message is not None:
            self.taken.append(message)

    @rule(queue=st.sampled_from(["detect", "control"]), count=st.integers(1, CHUNKS))
    def a_worker_works(self, queue: str, count: int) -> None:
        for _ in range(count):
            message = self._pop(queue)
            if message is not None:
                self._perform(message, "works")

    @rule()
    def the_reducer_is_called_whatever_there_is(self) -> None:
        self.again.append(Message(item=REDUCE))

    @precondition(lambda self: self.taken)
    @rule(some=_some, fate=st.sampled_from(sorted(FATES)), comes_again=st.booleans())
    def a_worker_performs(self, some: int, fate: str, comes_again: bool) -> None:
        message = self.taken.pop(some % len(self.taken))
        if self._perform(message, fate) == "died" and comes_again:
            self.again.append(Message(item=message.item, redelivered=True))

    @precondition(lambda self: self.taken)
    @rule(some=_some)
    def a_worker_starts_and_stalls(self, some: int) -> None:
        message = self.taken.pop(some % len(self.taken))
        attempt = self._attempt(message.item)
        number = self.to.state(self.job_id).start(
            message.item, silence_seconds=10_000, take_over=message.redelivered
        )
        if number is not None:
            attempt._number = number
            self.unlucky[message.item] += 1
            self.stalled.append((attempt, message.item))

    @precondition(lambda self: self.stalled)
    @rule(some=_some, fate=st.sampled_from(sorted(FATES)))
    def a_stalled_worker_goes_on(self, some: int, fate: str) -> None:
        self._go_on(*self.stalled.pop(some % len(self.stalled)), fate)

    @precondition(lambda self: self.taken)
    @rule(some=_some, count=st.integers(1, 5), redelivered=st.booleans())
    def a_message_comes_again(self, some: int, count: int, redelivered: bool) -> None:
        message = self.taken[some % len(self.taken)]
        self.again += [Message(item=message.item, redelivered=redelivered)] * count

    @precondition(lambda self: self.taken)
    @rule(some=_some)
    def a_worker_dies_with_its_message(self, some: int) -> None:
        self.taken.pop(some % len(self.taken))

    @rule()
    def redis_forgets(self) -> None:
        self.to.redis.flushall()

    @rule(queue=st.sampled_from(["detect", "control"]))
    def a_queue_is_lost(self, queue: str) -> None:
        self.to.redis.delete(queue)

    @rule(has_patience=st.booleans())
    def somebody_reconciles(self, has_patience: bool) -> None:
        to = self.to if has_patience else self.hasty
        to.reconciler.reconcile(self.files, self.manifest)

    @invariant()
    def a_chunk_is_outstanding_once_at_most_and_not_when_it_is_finished(self) -> None:
        tokens = self.to.redis.lrange(OUTSTANDING, 0, -1)
        finished = self.to.state(self.job_id).finished()
        assert len(tokens) == len(set(tokens))
        assert not {f"{self.job_id}/{index}" for index in finished} & set(tokens)

    @invariant()
    def only_a_few_of_the_job_are_sent(self) -> None:
        sent = set(self.to.state(self.job_id).holdings().sent_ages_seconds) - {REDUCE}
        assert len(sent) <= self.settings.queued_per_job

    def teardown(self) -> None:
        """From here on nothing goes wrong, and so the job ends."""
        self._work_to_the_end()
        outcomes = self.files.finished_chunks(self.manifest)
        assert sorted(outcomes) == list(range(CHUNKS))
        for index, outcome in outcomes.items():
            assert outcome == "done" or self.unlucky[str(index)] >= MAX_ATTEMPTS
        while self.stalled:
            self._go_on(*self.stalled.pop(), "works")
        self.hasty.reconciler.reconcile(self.files, self.manifest)
        assert self.to.redis.keys("horatio:*") == []
        self.to.store.delete_prefix(keys.job_prefix(self.job_id))

    def _work_to_the_end(self) -> None:
        for _ in range(4 * CHUNKS):
            if self.files.result() is not None:
                return
            self.hasty.reconciler.reconcile(self.files, self.manifest)
            while (message := self._pop("detect") or self._pop("control")) is not None:
                self._perform(message, "works")
        pytest.fail("the job does not end")

    def _connections(self, *, silence_seconds: int) -> WorkerConnections:
        return WorkerConnections(self.settings.model_copy(update={"silence_seconds": silence_seconds}))

    def _missing(self) -> list[int]:
        finished = self.files.finished_chunks(self.manifest)
        return [index for index in range(CHUNKS) if index not in finished]

    def _pop(self, queue: str) -> Message | None:
        of_queue = [message for message in self.again if (message.item == REDUCE) == (queue == "control")]
        if of_queue:
            self.again.remove(of_queue[0])
            return of_queue[0]
        raw = self.to.redis.rpop(queue)
        if raw is None:
            return None
        _, arguments, _ = json.loads(base64.b64decode(json.loads(raw)["body"]))
        return Message(item=str(arguments.get("index", REDUCE)))

    def _attempt(self, item: str) -> Attempt:
        step = (
            ReduceStep(self.to, self.job_id) if item == REDUCE else ChunkStep(self.to, self.job_id, int(item))
        )
        return Attempt(self.to, self.job_id, item, step)

    def _perform(self, message: Message, fate: str) -> str:
        self.fate = fate
        try:
            self._attempt(message.item).run(redelivered=message.redelivered)
        except WorkerDied:
            self.unlucky[message.item] += 1
            return "died"
        except AttemptFailedError:
            self.unlucky[message.item] += 1
        return "ended"

    def _go_on(self, attempt: Attempt, item: str, fate: str) -> None:
        self.fate = fate
        try:
            try:
                attempt._perform()
            except Exception as error:  # noqa: BLE001  # as `Attempt.run` does
                attempt._settle(error)
        except (WorkerDied, AttemptFailedError):
            self.unlucky[item] += 1

    def _process(self, work: ChunkWork) -> ChunkOutput:
        error = FATES[self.fate]
        if error is not None:
            raise error
        path = work.output_dir / "detections.parquet"
        path.write_bytes(b"rows")
        return ChunkOutput(
            files=(path,),
            detection_count=0,
            unreadable_frames=(),
            seconds_by_stage={},
            detector_weights_digest="0" * 64,
        )

    def reduce(self, files: JobFiles) -> JobResult:
        """In the place of `reduce_job`: every chunk is finished, or it must not be called."""
        assert sorted(files.finished_chunks(self.manifest)) == list(range(CHUNKS))
        error = FATES[self.fate]
        if error is not None:
            raise error
        if self.fate == "finds damage":
            self.unlucky["0"] += 1
            raise DamagedOutputError("damaged", chunk_index=0)
        result = _result(self.manifest)
        files.store.put(keys.job_done(self.job_id), result.to_bytes())
        self._die_if_done()
        return result

    def _die_if_done(self) -> None:
        if self.fate == "dies when it is done":
            raise WorkerDied


def test_no_sequence_of_misfortunes_loses_a_chunk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Model(QueueModel):
        pass

    Model.settings = settings
    monkeypatch.setattr("tasks.chunk.manifest_of", lambda _: Model.current.manifest)
    monkeypatch.setattr("tasks.reduction.manifest_of", lambda _: Model.current.manifest)
    monkeypatch.setattr("tasks.reduction.reduce_job", lambda files, _, **__: Model.current.reduce(files))
    monkeypatch.setattr("tasks.attempt.time.sleep", lambda _: None)
    announce = ChunkStep._announce

    def announce_unless_dead(step: ChunkStep) -> None:
        Model.current._die_if_done()
        announce(step)

    monkeypatch.setattr(ChunkStep, "_announce", announce_unless_dead)

    run_state_machine_as_test(
        Model,
        settings=hypothesis.settings(
            max_examples=25, stateful_step_count=30, deadline=None, derandomize=True
        ),
    )


def _upload(to: WorkerConnections, job_id: str) -> Manifest:
    to.store.put("part", b"video")
    part = Path(to.settings.resolved_store_url, "part")
    chunks = tuple(
        chunk(index, range(10 * index, 10 * index + 10), first_frame=10 * index).model_copy(
            update={"sha256": file_sha256(part)}
        )
        for index in range(CHUNKS)
    )
    job = manifest(job_id=job_id, chunks=chunks)
    for index in range(CHUNKS):
        to.store.put(keys.chunk_input(job_id, index), b"video")
    to.store.put(keys.manifest(job_id), job.to_bytes())
    return job


def _result(job: Manifest) -> JobResult:
    return JobResult(
        state="completed",
        job_id=job.job_id,
        created_at=job.created_at,
        finished_at=datetime.now(UTC),
        files=(),
        frame_count=job.video.frame_count,
        detection_count=0,
        provenance={},
    )
