"""What KEDA's scaler sees of a job, and what it makes of it."""

import math
import threading
from dataclasses import dataclass

import redis
import yaml

from api_client.contract.stages import Stage
from api_client.queue.items import outstanding_list
from tests.unit.deployment.rendered import REPOSITORY


@dataclass(frozen=True, kw_only=True)
class Moment:
    """What Redis knew at one moment."""

    outstanding: int
    queued: int
    working: int


class Watcher(threading.Thread):
    """Looks at a job in Redis, all of it at one moment, as often as it can, until told to stop."""

    def __init__(self, connection: "redis.Redis", job_id: str) -> None:
        super().__init__(daemon=True)
        self._redis, self._job_id = connection, job_id
        self._told_to_stop = threading.Event()
        self.moments: list[Moment] = []

    def run(self) -> None:
        while not self._told_to_stop.is_set():
            with self._redis.pipeline(transaction=True) as pipe:
                pipe.llen(outstanding_list(Stage.DETECT))
                pipe.llen("detect")
                pipe.zrange(f"horatio:job:{self._job_id}:running", 0, -1)
                outstanding, queued, running = pipe.execute()
            working = sum(item.startswith("detect/") for item in running)  # others do the other stages
            moment = Moment(outstanding=outstanding, queued=queued, working=working)
            if [moment] != self.moments[-1:]:
                self.moments.append(moment)

    def stop(self) -> list[Moment]:
        self._told_to_stop.set()
        self.join()
        return self.moments


def replicas(outstanding: int) -> int:
    """KEDA's decision: one at least while the list is longer than the threshold, then the HPA's rounding."""
    path = REPOSITORY / "k8s/components/autoscaling/scaled-object.yaml"
    spec = [*yaml.safe_load_all(path.read_text())][1]["spec"]
    trigger = spec["triggers"][0]["metadata"]
    if outstanding <= int(trigger["activationListLength"]):
        return int(spec["minReplicaCount"])
    wanted = math.ceil(outstanding / int(trigger["listLength"]))
    return min(max(wanted, 1), int(spec["maxReplicaCount"]))
