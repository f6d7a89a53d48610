"""Files of weights: official ones, one's own, and bad ones."""

import subprocess
import sys

import pytest
import torch

from tests.unit.detic.goldens import weights
from workers.detectors.detic import load
from workers.detectors.detic.checkpoint import network_from, read_checkpoint
from workers.detectors.detic.config import RELEASES
from workers.detectors.errors import WeightsError

R18 = RELEASES["detic-r18"]


@pytest.fixture(scope="module")
def r18():
    return weights("detic-r18", "committed")


def _save(path, tensors, **more):
    torch.save({"model": tensors, **more}, path)
    return path


def _network(path, release=R18):
    return network_from(read_checkpoint(path), release.config, release)


def test_what_official_checkpoints_carry_besides_is_passed_over(r18, tmp_path):
    besides = {
        "pixel_mean": torch.zeros(3, 1, 1),
        "backbone.bottom_up.base.bn1.num_batches_tracked": torch.zeros((), dtype=torch.int64),
        "backbone.bottom_up.base.fc.weight": torch.zeros(5, 5),
        "roi_heads.box_predictor.0.freq_weight": torch.zeros(1203),
    }

    network = _network(_save(tmp_path / "a.pth", r18 | besides, iteration=7))

    name = "roi_heads.mask_head.predictor.weight"
    assert torch.equal(network.state_dict()[name], r18[name])
    assert not network.training


def test_another_network_is_one_error_that_names_everything(r18, tmp_path):
    tensors = {name: value for name, value in r18.items() if not name.endswith("deconv.bias")}
    tensors["stray"] = torch.zeros(1)
    tensors["roi_heads.mask_head.predictor.bias"] = torch.zeros(80)

    with pytest.raises(WeightsError) as caught:
        _network(_save(tmp_path / "a.pth", tensors))

    message = str(caught.value)
    assert "1 tensors are missing (roi_heads.mask_head.deconv.bias)" in message
    assert "1 are unexpected (stray)" in message
    assert "1 have another shape (roi_heads.mask_head.predictor.bias (80,) instead of (1,))" in message


def test_another_backbone_is_named(r18_path):
    with pytest.raises(WeightsError, match="its backbone is a ResNet-18"):
        _network(r18_path, RELEASES["detic-swinb"])


@pytest.mark.parametrize("shape", [(512, 1204), (1024, 22048)])
def test_another_vocabulary_width_is_one_clear_error(r18, tmp_path, shape):
    classifier = {"roi_heads.box_predictor.0.cls_score.zs_weight": torch.zeros(shape)}

    with pytest.raises(WeightsError, match=f"trained on {shape[1] - 1} classes in {shape[0]} dimensions"):
        _network(_save(tmp_path / "a.pth", r18 | classifier))


def test_the_right_vocabulary_width_is_accepted(r18, tmp_path):
    classifier = {"roi_heads.box_predictor.0.cls_score.zs_weight": torch.zeros(512, 22048)}

    assert _network(_save(tmp_path / "a.pth", r18 | classifier))


@pytest.mark.parametrize("share", [0, 0.3, 0.99])
def test_a_truncated_file_is_one_clear_error(r18_path, tmp_path, share):
    path = tmp_path / "cut.pth"
    content = r18_path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])

    with pytest.raises(WeightsError, match=r"cut\.pth is (truncated|damaged)"):
        read_checkpoint(path)


def test_a_file_with_code_is_refused_and_not_run(tmp_path):
    class Payload:
        def __reduce__(self):
            return (open, (str(tmp_path / "ran"), "w"))

    path = tmp_path / "evil.pth"
    torch.save({"model": {"a": Payload()}}, path)

    with pytest.raises(WeightsError, match="could run code"):
        read_checkpoint(path)

    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize("content", [{"model": {}}, {"model": 3}, [torch.zeros(1)]])
def test_a_file_without_weights_is_one_clear_error(tmp_path, content):
    path = tmp_path / "a.pth"
    torch.save(content, path)

    with pytest.raises(WeightsError, match=r"holds (no weights|a list)"):
        read_checkpoint(path)


def test_a_missing_file_is_one_clear_error(tmp_path):
    with pytest.raises(WeightsError, match=r"cannot read the weights .*No such file"):
        read_checkpoint(tmp_path / "nowhere.pth")


def test_an_unknown_name_lists_the_known_ones():
    with pytest.raises(WeightsError, match="detic-r50"):
        load("detic-r51", device="cpu")


def test_a_written_checkpoint_loads_by_name(tmp_path):
    path = tmp_path / "detic-r18.pth"
    command = [sys.executable, "-m", "training.detic.deterministic", "detic-r18", str(path)]
    subprocess.run(command, check=True)

    detector = load("detic-r18", device="cpu", weights=path)

    assert detector.name == "detic-r18"
    assert detector.weights_digest == read_checkpoint(path).digest


def test_importing_reads_nothing_and_loads_no_torch():
    program = "import sys, workers.detectors.detic as d; print('torch' in sys.modules, d.__all__)"

    printed = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout

    assert printed == "False ['load', 'load_rescorer', 'load_text_encoder']\n"
