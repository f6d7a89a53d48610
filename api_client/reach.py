"""What a client works through: the cluster its settings name, or a stack on this machine."""

from api_client.contract.ids import JobId
from api_client.local import LocalStack
from api_client.queue.connections import Connections
from api_client.queue.job_watchers import JobWatchers
from api_client.scratch import sweep_scratch
from api_client.settings import Settings


class Reach:
    """Connects when something is first to be done; `close` ends what was started for that."""

    def __init__(self, settings: Settings, *, begun: LocalStack | None = None) -> None:
        """begun: a stack to use and to end, in place of one that would be started."""
        self._settings = settings
        self._begun = begun
        self._stack: LocalStack | None = None
        self.connections: Connections | None = None
        """None while nothing has had to be done."""
        self.owns_stack = False
        """Whether the local stack in use ends with this client."""

    def connect(self, job_id: JobId | None = None, *, detect_first: bool = False) -> Connections:
        """Return the connections, after starting a local stack where none is configured or running.

        On this machine, a job that another client's stack is working on is left to that stack.
        detect_first: what is to be done begins with looking at frames.
        """
        if self.connections is None:
            sweep_scratch()
            if self._settings.is_local:
                self._stack = self._running_stack(job_id)
                self.owns_stack = self._stack is None
                self._stack = self._stack or self._own_stack(detect_first=detect_first)
            self.connections = Connections(self._stack.settings if self._stack else self._settings)
        return self.connections

    def watchers(self) -> JobWatchers:
        """Whoever may know of a job: the cluster, or every stack that runs on this machine."""
        if not self._settings.is_local:
            return JobWatchers([self.connect()], is_cluster=True)
        running = [LocalStack.find(self._settings), *LocalStack.of_other_clients(self._settings)]
        own = [self.connections] if self.connections else []
        there = {connections.settings.broker_url for connections in own}
        found = [stack.settings for stack in running if stack and stack.settings.broker_url not in there]
        return JobWatchers([*own, *map(Connections, found)])

    def check(self) -> None:
        """Raise where our own stack has ended; leave one that was another client's and is gone."""
        if self._stack is None:
            return
        if self.owns_stack:
            self._stack.check()
        elif not self._stack.answers():
            self._stack, self.connections = None, None

    def close(self) -> None:
        """End the stack that was started, if one was."""
        if self._stack is not None and self.owns_stack:
            self._stack.stop()
        if self._begun is not None:
            self._begun.stop()
        self._begun, self._stack, self.connections, self.owns_stack = None, None, None, False

    def _own_stack(self, *, detect_first: bool) -> LocalStack:
        if self._begun is None:
            return LocalStack.start(self._settings, detect_first=detect_first)
        self._begun.wait()
        begun, self._begun = self._begun, None
        return begun

    def _running_stack(self, job_id: JobId | None) -> LocalStack | None:
        lasting, *others = LocalStack.find(self._settings), *LocalStack.of_other_clients(self._settings)
        if job_id is not None:
            watchers = JobWatchers([Connections(stack.settings) for stack in others])
            for stack, connections in zip(others, watchers.connections, strict=True):
                if connections in watchers.of(job_id):
                    return stack
        return lasting
