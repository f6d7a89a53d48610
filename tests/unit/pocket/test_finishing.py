"""What is done to a finished run: averaging, and the second look once more."""

import sys
from pathlib import Path

import pytest
import torch

from training.pocket import soup
from training.pocket.export import export_again
from training.pocket.polish import Seen, learn
from workers.detectors.pocket.refinement import RefinementHead
from workers.detectors.pocket.torch_network import read_network
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS


def test_the_second_look_learns_from_features_far_from_zero() -> None:
    torch.manual_seed(0)
    features = 3 + 0.5 * torch.randn(4096, 8)
    good = features[:, 0] > 3
    box, moved = torch.tensor([10.0, 10, 50, 50]), torch.tensor([14.0, 10, 54, 50])
    seen = Seen(
        features_NF=features.half(),
        boxes_N4=box.expand(4096, 4),
        truth_N4=moved.expand(4096, 4),
        overlap_N=torch.where(good, 0.8, 0.0),
    )
    head = RefinementHead(8, 16)

    learn(head, seen, epochs=250)

    with torch.inference_mode():
        quality_logits, shifts = head(features)
    assert ((quality_logits > 0) == good).float().mean() > 0.95
    assert shifts[good, 0].mean().item() == pytest.approx(0.1, abs=0.03)


def test_a_soup_is_the_mean_of_its_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    network, sharpness = read_network(SHIPPED_WEIGHTS)
    before = network.regions.mix.weight.detach().clone()
    with torch.no_grad():
        network.regions.mix.weight.add_(0.5)
    export_again(network, sharpness + 2, SHIPPED_WEIGHTS, tmp_path / "other.safetensors")

    files = [
        str(SHIPPED_WEIGHTS),
        str(tmp_path / "other.safetensors"),
        "--out",
        str(tmp_path / "soup.safetensors"),
    ]
    monkeypatch.setattr(sys, "argv", ["soup", *files])
    soup.main()

    mean, mean_sharpness = read_network(tmp_path / "soup.safetensors")
    assert torch.allclose(mean.regions.mix.weight, before + 0.25, atol=1e-3)
    assert torch.allclose(mean.backbone.stem.weight, network.backbone.stem.weight, atol=1e-3)
    assert mean_sharpness == pytest.approx(sharpness + 1)
