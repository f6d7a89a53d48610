import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from api_client import detectors
from api_client.contract.digest import file_sha256
from tests.unit.pocket.conftest import Embed
from tests.unit.pocket.pictures import noise
from workers.detectors import Detector
from workers.detectors.errors import WeightsError
from workers.detectors.pocket import load
from workers.detectors.pocket.detector import PocketDetector
from workers.detectors.pocket.weights import SHIPPED_WEIGHTS


def test_is_a_detector_with_provenance(detector: PocketDetector) -> None:
    as_protocol: Detector = detector

    assert as_protocol.name == "pocket"
    assert len(as_protocol.weights_digest) == 64
    assert as_protocol.batch_size >= 1


def test_boxes_are_inside_the_frame_and_best_first(detector: PocketDetector, embed: Embed) -> None:
    found = detector.detect([noise(90, 160)], embed("person", "car"), threshold=0.0)[0]

    assert len(found) > 0
    assert (found.boxes_xyxy_px >= 0).all()
    assert (found.boxes_xyxy_px <= [160, 90, 160, 90]).all()
    assert (np.diff(found.scores) <= 0).all()
    assert set(found.label_ids) <= {0, 1}


def test_threshold_only_removes(detector: PocketDetector, embed: Embed) -> None:
    everything = detector.detect([noise(90, 160)], embed("person"), threshold=0.0)[0]
    threshold = float(np.median(everything.scores))

    some = detector.detect([noise(90, 160)], embed("person"), threshold=threshold)[0]

    kept = everything.scores >= threshold
    assert np.allclose(some.scores, everything.scores[kept], atol=2e-3)


def test_regions_are_kept_only_when_asked(detector: PocketDetector, embed: Embed) -> None:
    frames = [noise(90, 160)]

    without = detector.detect(frames, embed("person"), threshold=0.5)[0]
    kept = detector.detect(frames, embed("person"), threshold=0.5, regions=12)[0].regions

    assert without.regions is None
    assert kept is not None
    assert len(kept.objectness) == len(kept.boxes_xyxy_px) == len(kept.features)
    assert 0 < len(kept.objectness) <= 12  # fewer where the others could not be shown as anything
    assert kept.features.dtype == np.float16
    assert (np.diff(kept.objectness) <= 0).all()


def test_regions_do_not_depend_on_the_vocabulary(detector: PocketDetector, embed: Embed) -> None:
    one = detector.detect([noise(90, 160)], embed("person"), threshold=0.9, regions=20)[0].regions
    other = detector.detect([noise(90, 160)], embed("kettle"), threshold=0.1, regions=20)[0].regions

    assert one is not None
    assert other is not None
    assert np.array_equal(one.boxes_xyxy_px, other.boxes_xyxy_px)
    assert np.array_equal(one.features, other.features)


def test_no_frames_no_detections(detector: PocketDetector, embed: Embed) -> None:
    assert detector.detect([], embed("person"), threshold=0.5) == []


def test_detecting_on_a_cpu_needs_no_torch() -> None:
    program = (
        "import sys\n"
        "sys.modules['torch'] = sys.modules['torchvision'] = None  # as where they are not installed\n"
        "import numpy as np, workers.detect_processor\n"
        "from vocabularies import Vocabulary\n"
        "from workers.detectors import EmbeddedVocabulary\n"
        "from workers.detectors.registry import load_detector\n"
        "detector = load_detector('pocket', device=workers.detect_processor.choose_device('auto'))\n"
        "rows = detector.text_encoder.encode(['a dog'])\n"
        "words = EmbeddedVocabulary(vocabulary=Vocabulary(name='w', labels=('dog',)), embeddings=rows)\n"
        "print(len(detector.detect([np.zeros((90, 160, 3), np.uint8)], words, threshold=0.5)))"
    )

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)

    assert (ran.stdout.strip(), ran.stderr) == ("1", "")


def test_importing_names_what_there_is() -> None:
    program = "import workers.detectors.pocket as pocket\nprint(sorted(pocket.__all__))"

    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert ran.stdout.strip() == "['DEFAULT_THRESHOLD', 'load', 'load_rescorer', 'load_text_encoder']"


def test_weights_fit_in_twelve_megabytes() -> None:
    assert SHIPPED_WEIGHTS.stat().st_size <= 12_000_000


def test_a_client_without_the_detector_knows_which_weights_ship():
    assert {"pocket": file_sha256(SHIPPED_WEIGHTS)} == detectors.SHIPPED_WEIGHTS


@pytest.mark.parametrize("content", [b"", b"not weights", SHIPPED_WEIGHTS.read_bytes()[:5000]])
def test_damaged_weights_are_one_clear_error(tmp_path: Path, content: bytes) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(content)

    with pytest.raises(WeightsError, match=r"damaged\.safetensors"):
        load(device="cpu", weights=damaged)


def test_missing_weights_are_one_clear_error(tmp_path: Path) -> None:
    with pytest.raises(WeightsError, match=r"absent\.safetensors"):
        load(device="cpu", weights=tmp_path / "absent.safetensors")


def test_weights_of_something_else_are_one_clear_error(tmp_path: Path) -> None:
    from safetensors.torch import save_file

    other = tmp_path / "other.safetensors"
    save_file({"network.weight": torch.zeros(3)}, other)

    with pytest.raises(WeightsError, match=r"other\.safetensors"):
        load(device="cpu", weights=other)


@pytest.mark.parametrize("table", ["taught", "classes"])
def test_weights_exported_by_another_version_say_so(tmp_path: Path, table: str) -> None:
    from safetensors.torch import load_file, save_file

    older = {name: t for name, t in load_file(SHIPPED_WEIGHTS).items() if not name.startswith(f"{table}.")}
    save_file(older, tmp_path / "older.safetensors")

    with pytest.raises(WeightsError, match=rf"older\.safetensors lacks '{table}\.rows'.* export it anew"):
        load(device="cpu", weights=tmp_path / "older.safetensors")


@pytest.mark.parametrize("left", [None, torch.zeros(3, 3)], ids=["absent", "of another shape"])
@pytest.mark.parametrize("name", ["backbone.stem.weight", "refinement.quality.bias", "regions.mix.weight"])
def test_weights_of_another_network_are_one_clear_error(
    tmp_path: Path, name: str, left: torch.Tensor | None
) -> None:
    from safetensors.torch import load_file, save_file

    changed = {key: tensor for key, tensor in load_file(SHIPPED_WEIGHTS).items() if key != f"network.{name}"}
    if left is not None:
        changed[f"network.{name}"] = left
    save_file(changed, tmp_path / "changed.safetensors")

    with pytest.raises(WeightsError, match=r"changed\.safetensors holds no weights of this") as caught:
        load(device="cpu", weights=tmp_path / "changed.safetensors")

    assert "\n" not in str(caught.value)
