"""Whatever happens to a job, in whatever order: no part is lost, no stage begins early, and it ends.

Hypothesis plays clients, workers and misfortunes against a real Redis, a real directory as store, and the
tasks' own code. A worker that dies leaves that code by an exception nothing catches; its message is lost, or
comes again. Time is not waited for: to a reconciler without retries, every lease has lapsed.
"""

import base64
import itertools
import json
from collections import Counter
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

from api_client.contract import ChunkMarker, JobResult, Manifest, Stage, TrackMarker, keys
from api_client.contract.digest import file_sha256
from api_client.contract.stages import BY_PART
from api_client.errors import StoreUnavailableError, WorkerStoppingError
from api_client.queue.items import QUEUES, TASKS, Item, outstanding_list
from api_client.settings import Settings
from tasks.attempt import Attempt
from tasks.conclusion import fail_job
from tasks.connections import WorkerConnections
from tasks.damage import DamagedOutputError
from tasks.job import Job
from tasks.outcome import AttemptFailedError
from tasks.part_step import PartAttempt, PartStep
from tasks.whole_step import WholeStep
from tests.manifests import SOURCE_ID, chunk, manifest, store_manifest

CHUNKS = 3
_QUEUES = sorted(set(QUEUES.values()))
MAX_ATTEMPTS = 2
_numbers = itertools.count()
_some = st.integers(0, 9)
"""Which of those there are."""


class WorkerDied(BaseException):
    """Leaves a task as a worker that is killed does: nothing is settled."""


@dataclass(frozen=True, kw_only=True)
class Message:
    """With a worker, and not acknowledged."""

    item: Item
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
    """One job. The test that runs it says which Redis and which store."""

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
        self.stalled: list[tuple[Attempt, Item]] = []
        """Started by workers that are stopped, or cut off."""
        self.unlucky: Counter[Item] = Counter()
        """Item → how often it was started and not finished, or found damaged."""
        self.fate = "works"

    @initialize()
    def a_job_is_submitted(self) -> None:
        self.to.dispatcher.enqueue_parts(self.job_id, Stage.DETECT, range(CHUNKS))

    @rule()
    def a_client_enqueues(self) -> None:
        self.to.dispatcher.enqueue_parts(self.job_id, *self._missing())

    @rule()
    def a_client_dies_while_it_enqueues(self) -> None:
        stage, indices = self._missing()
        self.to.state(self.job_id).add_to_backlog(Item(stage=stage, index=index) for index in indices)

    @rule(queue=st.sampled_from(_QUEUES))
    def a_worker_takes(self, queue: str) -> None:
        message = self._pop(queue)
        if message is not None:
            self.taken.append(message)

    @rule(queue=st.sampled_from(_QUEUES), count=st.integers(1, CHUNKS))
    def a_worker_works(self, queue: str, count: int) -> None:
        for _ in range(count):
            message = self._pop(queue)
            if message is not None:
                self._perform(message, "works")

    @rule(stage=st.sampled_from([Stage.TRACK, Stage.ASSEMBLE]))
    def a_stage_is_called_whatever_there_is(self, stage: Stage) -> None:
        self.again.append(Message(item=Item(stage=stage)))

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

    @rule(queue=st.sampled_from(_QUEUES))
    def a_queue_is_lost(self, queue: str) -> None:
        self.to.redis.delete(queue)

    @rule(does_wait=st.booleans())
    def somebody_reconciles(self, does_wait: bool) -> None:
        to = self.to if does_wait else self.hasty
        to.reconciler.reconcile(self.files, self.manifest)

    @invariant()
    def a_chunk_is_outstanding_once_at_most_and_not_when_it_is_finished(self) -> None:
        for stage in BY_PART:
            tokens = self.to.redis.lrange(outstanding_list(stage), 0, -1)
            finished = self.to.state(self.job_id).finished(stage)
            assert len(tokens) == len(set(tokens))
            assert not {f"{self.job_id}/{index}" for index in finished} & set(tokens)

    @invariant()
    def only_a_few_of_the_job_are_sent(self) -> None:
        sent = self.to.state(self.job_id).holdings().sent_ages_seconds
        assert sum(item.stage.is_by_part for item in sent) <= self.settings.queued_per_job

    def teardown(self) -> None:
        """From here on nothing goes wrong, and so the job ends."""
        self._work_to_the_end()
        result = self.files.result()
        assert result is not None
        if result.state == "failed":
            whole = [Item(stage=Stage.TRACK), Item(stage=Stage.ASSEMBLE)]
            assert max(self.unlucky[item] for item in whole) >= MAX_ATTEMPTS
        else:
            self._check_every_part()
        while self.stalled:
            self._go_on(*self.stalled.pop(), "works")
        self.hasty.reconciler.reconcile(self.files, self.manifest)
        assert self.to.redis.keys("horatio:*") == []
        self.to.store.delete_prefix(keys.job_prefix(self.job_id))

    def _check_every_part(self) -> None:
        for stage in filter(lambda stage: stage.is_by_part, self.manifest.stages):
            outcomes = self.files.finished_parts(self.manifest, stage)
            assert sorted(outcomes) == list(range(CHUNKS))
            for index, outcome in outcomes.items():
                item = Item(stage=stage, index=index)
                assert outcome == "done" or self.unlucky[item] >= MAX_ATTEMPTS

    def _work_to_the_end(self) -> None:
        for _ in range(8 * CHUNKS):
            if self.files.result() is not None:
                return
            self.hasty.reconciler.reconcile(self.files, self.manifest)
            while (message := next(filter(None, map(self._pop, _QUEUES)), None)) is not None:
                self._perform(message, "works")
        pytest.fail("the job does not end")

    def _connections(self, *, silence_seconds: int) -> WorkerConnections:
        return WorkerConnections(self.settings.model_copy(update={"silence_seconds": silence_seconds}))

    def _missing(self) -> tuple[Stage, list[int]]:
        stage, finished = self.files.stage_at_work(self.manifest)
        if not stage.is_by_part:
            return Stage.DETECT, []
        return stage, [index for index in range(CHUNKS) if index not in finished]

    def _pop(self, queue: str) -> Message | None:
        of_queue = [message for message in self.again if QUEUES[message.item.stage] == queue]
        if of_queue:
            self.again.remove(of_queue[0])
            return of_queue[0]
        raw = self.to.redis.rpop(queue)
        if raw is None:
            return None
        message = json.loads(raw)
        _, arguments, _ = json.loads(base64.b64decode(message["body"]))
        stage = next(stage for stage, task in TASKS.items() if task == message["headers"]["task"])
        return Message(item=Item(stage=stage, index=arguments.get("index")))

    def _attempt(self, item: Item) -> Attempt:
        job = Job(connections=self.to, job_id=self.job_id)
        if item.index is not None:
            return Attempt(job, item, PartStep(job, item, self._process))
        work = self._track if item.stage is Stage.TRACK else self._assemble
        return Attempt(job, item, WholeStep(job, item, work=work, give_up=fail_job))

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

    def _go_on(self, attempt: Attempt, item: Item, fate: str) -> None:
        self.fate = fate
        try:
            try:
                attempt._perform()
            except Exception as error:  # noqa: BLE001  # as `Attempt.run` does
                attempt._settle(error)
        except (WorkerDied, AttemptFailedError):
            self.unlucky[item] += 1

    def _process(self, attempt: PartAttempt) -> ChunkMarker:
        self._meet_fate()
        (attempt.output_dir / "rows").write_bytes(b"rows")
        return ChunkMarker(outcome="done", worker="test")

    def _track(self, job: Job, _heartbeat: object) -> None:
        self._begin_whole(Stage.DETECT)
        job.files.write_tracked(TrackMarker(files=(), rows=(), detection_count=0, provenance={}))
        self._die_if_done()

    def _assemble(self, job: Job, _heartbeat: object) -> None:
        assert job.files.tracked() is not None
        self._begin_whole(Stage.RENDER)
        job.files.store.put(keys.job_done(self.job_id), _result(self.manifest).to_bytes())
        self._die_if_done()

    def _begin_whole(self, stage: Stage) -> None:
        """Every part of the stage before is finished, or this must not be called."""
        assert sorted(self.files.finished_parts(self.manifest, stage)) == list(range(CHUNKS))
        self._meet_fate()
        if self.fate == "finds damage":
            damaged = Item(stage=stage, index=0)
            self.unlucky[damaged] += 1
            raise DamagedOutputError("damaged", self.job_id, damaged)

    def _meet_fate(self) -> None:
        error = FATES[self.fate]
        if error is not None:
            raise error

    def _die_if_done(self) -> None:
        if self.fate == "dies when it is done":
            raise WorkerDied


def test_no_sequence_of_misfortunes_loses_a_chunk(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    class Model(QueueModel):
        pass

    Model.settings = settings
    monkeypatch.setattr("tasks.attempt.time.sleep", lambda _: None)
    announce = Job.announce

    def announce_unless_dead(job: Job, item: Item) -> None:
        Model.current._die_if_done()
        announce(job, item)

    monkeypatch.setattr(Job, "announce", announce_unless_dead)

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
            update={"size_bytes": part.stat().st_size, "sha256": file_sha256(part)}
        )
        for index in range(CHUNKS)
    )
    job = manifest(job_id=job_id, chunks=chunks)
    for index in range(CHUNKS):
        to.store.put(keys.source_part(SOURCE_ID, index), b"video")
    store_manifest(to.store, job)
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
