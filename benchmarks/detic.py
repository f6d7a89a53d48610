"""Where Detic's time and memory go.

    python -m benchmarks.detic stages detic-r50 --batch 1 --threads 1
    python -m benchmarks.detic throughput detic-r50 --device cuda --batch 1 8 16 32 --peak-tflops 989
    python -m benchmarks.detic vocabulary detic-r50 --classes 21841

Weights are the deterministic ones and the frames one picture at 1920x1080, shifted: what a network computes
costs the same whatever it finds, but for the masks, which are therefore timed for a given number of
detections. Prints one JSON line per measurement. Seconds of `stages` and `vocabulary` are those of the
process, not of the clock, so that other work on the machine disturbs them less (it still shares caches and
clock rate); `throughput` is by the clock.
"""

import argparse
import json
import resource
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch.utils.flop_counter import FlopCounterMode

from training.detic.deterministic import initial_weights, mean_direction_of
from workers.detectors.detic.cascade import CascadeRegions
from workers.detectors.detic.classifier import classifier_weights
from workers.detectors.detic.config import RELEASES, SelectionConfig, release
from workers.detectors.detic.inference import Inference
from workers.detectors.detic.loading import fastest_precision
from workers.detectors.detic.model import Detic, build
from workers.detectors.detic.preprocessing import prepare
from workers.detectors.detic.roi_pooling import pool_regions
from workers.detectors.detic.selection import select
from workers.detectors.protocol import Frame

PHOTOGRAPH = Path(__file__).parents[1] / "tests/data/detic/picture.png"
LVIS_CLASSES = 1203
MASKS = 100


@dataclass
class Stages:
    """Seconds of each stage, run after run."""

    seconds: dict[str, list[float]] = field(default_factory=dict)

    @contextmanager
    def timed(self, stage: str) -> Iterator[None]:
        """Time a stage in seconds of this process."""
        start = time.process_time()
        yield
        self.seconds.setdefault(stage, []).append(time.process_time() - start)

    def medians(self, frames: int) -> dict[str, float]:
        """Seconds per frame."""
        return {stage: round(statistics.median(times) / frames, 4) for stage, times in self.seconds.items()}


def main() -> None:
    """Measure what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.detic", description=main.__doc__)
    parser.add_argument("measurement", choices=["stages", "throughput", "vocabulary"])
    parser.add_argument("name", choices=RELEASES)
    parser.add_argument("--batch", type=int, nargs="+", default=[1])
    parser.add_argument("--device", default="cpu")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--classes", type=int, default=LVIS_CLASSES)
    parser.add_argument(
        "--peak-tflops", type=float, help="of the device's matrix units, in the precision used"
    )
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    measure: dict[str, Callable[[argparse.Namespace, int], dict[str, Any]]] = {
        "stages": stages,
        "throughput": throughput,
        "vocabulary": vocabulary,
    }
    for batch in arguments.batch:
        figures = measure[arguments.measurement](arguments, batch)
        fixed = {"name": arguments.name, "batch": batch, "threads": arguments.threads}
        print(json.dumps(fixed | figures | {"peak_resident_mb": _peak_resident_mb()}), flush=True)


def network(name: str, rows: np.ndarray) -> Detic:
    """Return a Detic of deterministic weights whose scores spread over the words."""
    with torch.device("meta"):
        model = build(release(name).config)
    shapes = [(key, tuple(tensor.shape)) for key, tensor in model.state_dict().items()]
    model.load_state_dict(initial_weights(shapes, mean_direction_of(rows)), assign=True)
    return model


def words(count: int) -> np.ndarray:
    """Return (count, 512) made-up embeddings, somewhat alike as those of CLIP are."""
    random = np.random.default_rng(0)
    return random.standard_normal((count, 512), np.float32) + random.standard_normal(512, np.float32)


def frames(count: int) -> list[Frame]:
    """Return frames of 1920x1080."""
    photograph = np.array(Image.open(PHOTOGRAPH).convert("RGB").resize((1920, 1080)))
    return [np.roll(photograph, 16 * index, axis=1) for index in range(count)]


@torch.inference_mode()
def stages(arguments: argparse.Namespace, batch: int) -> dict[str, Any]:
    """Seconds per frame of each stage, on the CPU."""
    rows = words(arguments.classes)
    model, columns = network(arguments.name, rows), classifier_weights(torch.from_numpy(rows))
    clock = Stages()
    for _ in range(arguments.repeats + 1):
        found = _timed_pass(model, frames(batch), columns, clock)
    for times in clock.seconds.values():
        del times[0]  # the warm-up
    return clock.medians(batch) | {"regions": len(found.objectness), "gflop_dense": _gflop(model)}


def _timed_pass(model: Detic, pictures: list[Frame], columns: torch.Tensor, clock: Stages) -> CascadeRegions:
    generator, heads = model.proposal_generator, model.roi_heads
    with clock.timed("prepare"):
        batch = prepare(pictures, release("detic-r50").config.input, torch.device("cpu"))
    with clock.timed("backbone"):
        backbone_maps = model.backbone.bottom_up(batch.images_B3HW)
    with clock.timed("pyramid"):
        pyramid = model.backbone.fuse(*backbone_maps)
    with clock.timed("proposal head"):
        logits, distances = generator(pyramid)
    with clock.timed("proposals"):
        proposals = generator.decode(logits, distances)
    with clock.timed("cascade"):
        found: CascadeRegions = heads(pyramid, proposals, batch.resized_hw_px)
    with clock.timed("of which pooling, one of three stages"):
        pool_regions(pyramid, found.boxes_xyxy, found.image, 7)
    with clock.timed("classes and selection, one class a region, 0.5"):
        select(found, columns, threshold=0.5, config=SelectionConfig())
    with clock.timed("classes and selection, many, 0.02"):
        select(found, columns, threshold=0.02, config=SelectionConfig(one_class_per_region=False))
    with clock.timed(f"masks of {MASKS} detections"):
        heads.masks(
            pyramid,
            found.boxes_xyxy[:MASKS].repeat(len(pictures), 1),
            found.image[:MASKS].repeat(len(pictures)),
        )
    return found


def _gflop(model: Detic) -> float:
    """Of the dense part, for one frame of 1920x1080."""
    images = prepare(frames(1), release("detic-r50").config.input, torch.device("cpu")).images_B3HW
    with FlopCounterMode(display=False) as counter:
        model(images)
    return round(counter.get_total_flops() / 1e9, 1)


def throughput(arguments: argparse.Namespace, batch: int) -> dict[str, Any]:
    """Frames per second of everything from pixels to detections, by the clock."""
    device = torch.device(arguments.device)
    rows = words(arguments.classes)
    model = network(arguments.name, rows)
    gflop = _gflop(model) if device.type == "cpu" else _gflop_on(model, arguments.name)
    precision = fastest_precision(device)
    inference = Inference(model, release(arguments.name).config, device, precision)
    columns = classifier_weights(torch.from_numpy(rows).to(device))
    pictures = frames(batch)

    def run() -> list[Any]:
        return inference.run(pictures, columns, threshold=0.5, regions=0)

    run()
    start = time.perf_counter()
    for _ in range(arguments.repeats):
        found = run()  # ends with copies to the host, so with everything done
    per_second = arguments.repeats * batch / (time.perf_counter() - start)
    figures = {
        "frames_per_second": round(per_second, 3),
        "precision": str(precision),
        "detections": len(found[0]),
        "tflops_dense": round(per_second * gflop / 1e3, 3),
    }
    if device.type == "cuda":
        figures["peak_device_mb"] = torch.cuda.max_memory_allocated(device) >> 20
    if arguments.peak_tflops:
        figures["share_of_peak"] = round(figures["tflops_dense"] / arguments.peak_tflops, 3)
    return figures


def _gflop_on(model: Detic, name: str) -> float:
    del model
    with torch.device("meta"):
        shape_only = build(release(name).config)
        with FlopCounterMode(display=False) as counter:
            shape_only(torch.empty(1, 3, 768, 1344))
    return round(counter.get_total_flops() / 1e9, 1)


@torch.inference_mode()
def vocabulary(arguments: argparse.Namespace, batch: int) -> dict[str, Any]:
    """Seconds per frame and memory of scoring a vocabulary, after everything else is done."""
    columns = classifier_weights(torch.from_numpy(words(arguments.classes)))
    found = _made_up_regions(256 * batch, batch)
    clock = Stages()
    figures: dict[str, Any] = {"classes": arguments.classes, "embeddings_mb": columns.nbytes >> 20}
    before_mb = _peak_resident_mb()
    for mode, threshold in (("one class a region", 0.5), ("many", 0.02)):
        config = SelectionConfig(one_class_per_region=mode != "many")
        for _ in range(arguments.repeats):
            with clock.timed(mode):
                select(found, columns, threshold=threshold, config=config)
        figures[f"more_resident_mb, {mode}"] = _peak_resident_mb() - before_mb
    return figures | clock.medians(batch)


def _made_up_regions(count: int, images: int) -> CascadeRegions:
    generator = torch.Generator().manual_seed(0)
    corner, size = (torch.rand(count, 2, generator=generator) * side for side in (600, 200))
    embeddings = torch.randn(3, count, 512, generator=generator)
    return CascadeRegions(
        boxes_xyxy=torch.cat([corner, corner + size], dim=1),
        embeddings_SRD=torch.nn.functional.normalize(embeddings, dim=2),
        objectness=torch.rand(count, generator=generator),
        image=torch.arange(images).repeat_interleave(count // images),
    )


def _peak_resident_mb() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10


if __name__ == "__main__":
    main()
