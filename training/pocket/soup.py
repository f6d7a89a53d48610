"""The mean of two files of weights: `python -m training.pocket.soup FIRST SECOND --out OUT`.

Runs that went on from the same weights lie in one valley; their mean is often better than either
(model soups, Wortsman et al. 2022).
"""

import argparse
from pathlib import Path

import torch

from training.pocket.export import export_again
from workers.detectors.pocket.torch_network import read_network


@torch.no_grad()
def main() -> None:
    """Read, average, write."""
    options = _options()
    network, sharpness = read_network(options.first)
    other, other_sharpness = read_network(options.second)
    for mine, theirs in zip(network.parameters(), other.parameters(), strict=True):
        mine.lerp_(theirs, 0.5)
    export_again(network, (sharpness + other_sharpness) / 2, options.first, options.out)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path, help="exported weights")
    parser.add_argument("second", type=Path, help="of a run from the same start, or from the first")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


if __name__ == "__main__":
    main()
