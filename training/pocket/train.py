"""Train the pocket detector: `python -m training.pocket.train --data FOLDER`.

One CPU core is enough; every batch follows from the seed and its number, and a run that was stopped goes on.
"""

import argparse
import json
import math
import time
from pathlib import Path

import torch

from training.pocket.batches import Photographs, batches, category_weights
from training.pocket.export import export
from training.pocket.knowledge import ImageNet
from training.pocket.objective import objective
from training.pocket.photographs import NOVEL_NAMES, read_photographs, read_pictures
from training.pocket.student import (
    FROZEN_STAGES,
    Student,
    average_of,
    follow,
    new_student,
    optimiser,
    student_from,
)
from training.pocket.teacher import Teacher
from training.pocket.words import Words, read_words

RUNS = Path(__file__).parent / "runs"
WARM_UP_STEPS = 150
LAST_SHARE = 0.02


def main() -> None:
    """Train, or go on training."""
    options = _options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    folder = RUNS / options.run
    folder.mkdir(parents=True, exist_ok=True)
    source, words, weights = _material(options)
    teacher = Teacher(options.teacher, options.threads) if options.teacher else None
    imagenet = ImageNet()
    student = _student(options, source)
    average = average_of(student)
    steps = optimiser(student, options.rate)
    first = _resume(folder / "checkpoint.pt", student, average, steps)
    started = time.monotonic()
    terms_sum: dict[str, float] = {}
    for step, batch in batches(source, first=first, last=options.steps, seed=options.seed):
        generator = torch.Generator().manual_seed(options.seed * 1_000_003 + step)
        for group in steps.param_groups:
            group["lr"] = options.rate * group["share"] * _schedule(step, options.steps)
        lesson = teacher(batch.images_BCHW) if teacher else None
        terms = objective(student, batch, imagenet, lesson, words, weights, generator)
        _learn(student, steps, terms)
        follow(average, student, step)
        for name, value in terms.items():
            terms_sum[name] = terms_sum.get(name, 0.0) + float(value.detach())
        if (step + 1) % options.report_every == 0:
            _report(folder, step + 1, terms_sum, options.report_every, time.monotonic() - started)
            started, terms_sum = time.monotonic(), {}
        if (step + 1) % options.save_every == 0 or step + 1 == options.steps:
            _save(folder / "checkpoint.pt", step + 1, student, average, steps)
            export(average, words, folder / "weights.safetensors")
    if first >= options.steps:  # a run that was done is exported anew
        export(average, words, folder / "weights.safetensors")


def _material(options: argparse.Namespace) -> tuple[Photographs, Words, torch.Tensor]:
    """What is learnt from: pictures to draw batches from, words, and the weight of each category."""
    without = NOVEL_NAMES if options.hold_out else ()
    photographs, categories = read_photographs(options.data / "train.json", without=without)
    if options.with_validation:
        more, _ = read_photographs(options.data / "val.json", without=without)
        photographs = photographs + more
    weights = category_weights(photographs, len(categories))
    if options.pictures:
        photographs = photographs + read_pictures(options.pictures)
    words = read_words(categories, without=without)
    return Photographs(photographs, len(categories)), words, weights


def _student(options: argparse.Namespace, source: Photographs) -> Student:
    if options.start is None:
        return new_student(options.frozen_stages)
    return student_from(options.start, source.draw(0, options.seed).images_BCHW, options.frozen_stages)


def _learn(student: Student, steps: torch.optim.Optimizer, terms: dict[str, torch.Tensor]) -> None:
    steps.zero_grad(set_to_none=True)
    torch.autograd.backward(torch.stack(list(terms.values())).sum())
    torch.nn.utils.clip_grad_norm_(student.parameters(), 10.0)
    steps.step()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with train.json, val.json and images/"
    )
    parser.add_argument(
        "--run", default="default", help="name of the run's folder under training/pocket/runs"
    )
    parser.add_argument("--teacher", type=Path, help="YOLOX-nano as ONNX, to learn from on every batch")
    parser.add_argument("--start", type=Path, help="exported weights to go on from; default: ImageNet's")
    parser.add_argument("--pictures", type=Path, help="folder of unlabelled pictures of one thing each")
    parser.add_argument("--steps", type=int, default=2500, help="batches to train on")
    parser.add_argument("--rate", type=float, default=1.2e-3, help="highest learning rate")
    parser.add_argument("--frozen-stages", type=int, default=FROZEN_STAGES, help="of the backbone; 0 to 7")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hold-out", action="store_true", help="never show the 17 novel names with a box")
    parser.add_argument("--with-validation", action="store_true", help="train on val.json too, for shipping")
    parser.add_argument("--report-every", type=int, default=50)
    parser.add_argument("--save-every", type=int, default=300)
    options = parser.parse_args()
    if options.hold_out and (options.teacher or options.start):
        parser.error("--hold-out starts from ImageNet without a teacher: both have seen the novel names")
    return options


def _schedule(step: int, last: int) -> float:
    """Warm up, then half a cosine."""
    if step < WARM_UP_STEPS:
        return (step + 1) / WARM_UP_STEPS
    done = (step - WARM_UP_STEPS) / max(1, last - WARM_UP_STEPS)
    return LAST_SHARE + (1 - LAST_SHARE) * (1 + math.cos(math.pi * min(done, 1.0))) / 2


def _resume(
    path: Path, student: torch.nn.Module, average: torch.nn.Module, steps: torch.optim.Optimizer
) -> int:
    """Go on where the run stopped; returns the first step to do."""
    if not path.exists():
        return 0
    stored = torch.load(path, weights_only=True)
    student.load_state_dict(stored["student"])
    average.load_state_dict(stored["average"])
    steps.load_state_dict(stored["optimiser"])
    return int(stored["step"])


def _save(
    path: Path, step: int, student: torch.nn.Module, average: torch.nn.Module, steps: torch.optim.Optimizer
) -> None:
    beside = path.with_suffix(".new")
    torch.save(
        {
            "step": step,
            "student": student.state_dict(),
            "average": average.state_dict(),
            "optimiser": steps.state_dict(),
        },
        beside,
    )
    beside.replace(path)


def _report(folder: Path, step: int, terms_sum: dict[str, float], count: int, seconds: float) -> None:
    line = {"step": step, "seconds_per_step": round(seconds / count, 3)}
    line |= {name: round(value / count, 4) for name, value in terms_sum.items()}
    print(json.dumps(line), flush=True)
    with (folder / "progress.jsonl").open("a") as progress:
        progress.write(json.dumps(line) + "\n")


if __name__ == "__main__":
    main()
