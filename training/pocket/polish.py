"""Train the second look alone, on what a finished network sees of the photographs.

`python -m training.pocket.polish --data FOLDER --weights FINISHED --out OUT`

The network is run once over augmented photographs, what it sees of its proposals is kept in memory, and the
head is trained on that. What is kept can be brought to one scale and be seen again and again: that takes
minutes, and ranks better than training together did.

Legend: B images, R regions of an image, N regions of all images, F features of a region.
"""

import argparse
from dataclasses import dataclass, fields
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from training.pocket.batches import Photographs
from training.pocket.export import export_again
from training.pocket.losses import second_look
from training.pocket.photographs import NOVEL_NAMES, read_photographs
from training.pocket.proposals import proposed
from workers.detectors.pocket.network import PocketNetwork
from workers.detectors.pocket.refinement import RefinementHead
from workers.detectors.pocket.torch_network import read_network

BATCH = 1024
RATE = 1e-3
DROPPED = 0.1
PROPOSED = 64
REPORT_EVERY = 200


@dataclass(frozen=True, kw_only=True)
class Seen:
    """Regions with what there is to learn of them; fields as in `proposals.Proposed`."""

    features_NF: Tensor
    """float16."""
    boxes_N4: Tensor
    truth_N4: Tensor
    overlap_N: Tensor

    def rows(self, index_M: Tensor) -> "Seen":
        """Some of the regions."""
        return Seen(**{field.name: getattr(self, field.name)[index_M] for field in fields(self)})


def main() -> None:
    """Look, learn, write."""
    options = _options()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    without = NOVEL_NAMES if options.hold_out else ()
    photographs, names = read_photographs(options.data / "train.json", without=without)
    network, sharpness = read_network(options.weights)
    network.eval().to(memory_format=torch.channels_last)
    # evenly: a quality that has seen rare things too often is too sure of them
    seen = _look(network, Photographs(photographs, len(names), evenly=True), options)
    learn(network.refinement, seen, options.epochs)
    export_again(network, sharpness, options.weights, options.out)


@torch.no_grad()
def _look(network: PocketNetwork, source: Photographs, options: argparse.Namespace) -> Seen:
    generator = torch.Generator().manual_seed(options.seed)
    found: list[Seen] = []
    for step in range(options.batches):
        batch = source.draw(step, options.seed, (options.longer_side,))
        with torch.autocast("cpu", torch.bfloat16):
            logits_BP, boxes_BP4, _, levels = network(batch.images_BCHW)
            ours = proposed(logits_BP, boxes_BP4, batch, generator, most=PROPOSED)
            both = network.inside_and_around(levels, ours.boxes_BR4 / batch.sides_4)
        found.append(
            Seen(
                features_NF=torch.cat(both, dim=-1)[ours.judged_BR].half(),
                boxes_N4=ours.boxes_BR4[ours.judged_BR],
                truth_N4=ours.truth_BR4[ours.judged_BR],
                overlap_N=ours.overlap_BR[ours.judged_BR],
            )
        )
        if (step + 1) % REPORT_EVERY == 0:
            print(f"looked at {step + 1} of {options.batches} batches", flush=True)
    return Seen(**{f.name: torch.cat([getattr(one, f.name) for one in found]) for f in fields(Seen)})


def learn(head: RefinementHead, seen: Seen, epochs: int) -> None:
    """Train in place, on features of mean 0 and deviation 1; that scale is folded away at the end."""
    some_NF = seen.features_NF[:: max(1, len(seen.features_NF) // 30_000)].float()
    mean_F, deviation_F = some_NF.mean(0), some_NF.std(0).clamp(min=1e-3)
    with torch.no_grad():
        head.first.bias.add_(head.first.weight @ mean_F)
        head.first.weight.mul_(deviation_F)
    steps = epochs * len(seen.features_NF) // BATCH
    optimiser = torch.optim.AdamW(head.parameters(), lr=RATE, weight_decay=0.05)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, RATE, total_steps=steps, pct_start=0.1)
    for step in range(steps):
        some = seen.rows(torch.randint(len(seen.features_NF), (BATCH,)))
        features_NF = (some.features_NF.float() - mean_F) / deviation_F
        quality_logits, shifts = head(F.dropout(features_NF, DROPPED))
        judged = torch.ones_like(some.overlap_N, dtype=torch.bool)
        terms = second_look(quality_logits, shifts, some.boxes_N4, some.truth_N4, some.overlap_N, judged)
        optimiser.zero_grad()
        torch.autograd.backward(terms["quality"] + terms["shift"])
        optimiser.step()
        schedule.step()
        if (step + 1) % REPORT_EVERY == 0:
            said = ", ".join(f"{name} {float(value.detach()):.3f}" for name, value in terms.items())
            print(f"step {step + 1} of {steps}: {said}", flush=True)
    with torch.no_grad():
        head.first.weight.div_(deviation_F)
        head.first.bias.sub_(head.first.weight @ mean_F)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Train the second look of a finished network alone.")
    parser.add_argument("--data", type=Path, required=True, help="folder with train.json and images/")
    parser.add_argument("--weights", type=Path, required=True, help="exported, of the finished network")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--batches", type=int, default=600, help="to look at, of 6 pictures")
    parser.add_argument("--longer-side", type=int, default=512, help="of the pictures, in pixels")
    parser.add_argument("--epochs", type=int, default=8)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--hold-out", action="store_true", help="never show the 17 novel names with a box")
    return parser.parse_args()


if __name__ == "__main__":
    main()
