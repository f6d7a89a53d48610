"""How many processes of a local stack look at frames, and what each looks with."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from api_client.local.cores import usable_cores


@dataclass(frozen=True, kw_only=True)
class DetectWorker:
    """One process that detects."""

    name: str
    """Told in Flower and on displays: "detect-cuda1"."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it is given besides the stack's: the one GPU it sees, or its share of the cores."""


def detect_workers(
    wanted: int | None, gpus: Sequence[str], *, cpu_threads: str = "0", cores: int | None = None
) -> list[DetectWorker]:
    """Return the processes to run: so many, or one a GPU, and one where there is none.

    gpus: as `CUDA_VISIBLE_DEVICES` names them. cpu_threads: what `HORATIO_CPU_THREADS` says, "0" for nothing.
    """
    count = wanted or max(1, len(gpus))
    if gpus:
        return [_on_gpu(number, gpus) for number in range(count)]
    if count == 1:
        return [DetectWorker(name="detect")]
    share = max(1, (cores or usable_cores()) // count) if cpu_threads in ("", "0") else int(cpu_threads)
    threads = {"HORATIO_CPU_THREADS": str(share)}
    return [DetectWorker(name=f"detect-cpu{number}", environment=threads) for number in range(count)]


def _on_gpu(number: int, gpus: Sequence[str]) -> DetectWorker:
    """Worker `number`; where there are more workers than GPUs, several share one."""
    turn, gpu = divmod(number, len(gpus))
    suffix = f"-{turn + 1}" if turn else ""
    return DetectWorker(name=f"detect-cuda{gpu}{suffix}", environment={"CUDA_VISIBLE_DEVICES": gpus[gpu]})
