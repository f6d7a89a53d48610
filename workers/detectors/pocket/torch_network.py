"""The network by torch: on a GPU, where torch is installed; and what training starts from.

Legend: B frames, P points, N boxes before suppression, R regions of a frame.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torchvision.ops import batched_nms

from workers.detectors.errors import WeightsError
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.known_names import Floats
from workers.detectors.pocket.network import PocketNetwork, build
from workers.detectors.pocket.preprocessing import MIDDLE, SPAN
from workers.detectors.pocket.sight import Sight
from workers.detectors.pocket.suppression import NEARLY_SAME_IOU, PROPOSALS
from workers.detectors.pocket.tables import check_tables
from workers.detectors.pocket.weights import network_weights, read_tensors
from workers.detectors.weights_file import misfits

BEFORE_SUPPRESSION = 1000


def read_network(path: Path) -> tuple[PocketNetwork, float]:
    """Return the network of a file of weights in float32, and its sharpness. Raises `WeightsError`."""
    tensors = read_tensors(path)
    check_tables(tensors, PocketConfig(), path)
    return network_of(network_weights(tensors), path), float(tensors["scale"][0])


def network_of(weights: Mapping[str, Floats], path: Path) -> PocketNetwork:
    """Return the network with these weights, float32. Raises `WeightsError`, naming the file, for others'."""
    network = build(PocketConfig())
    tensors = {name: torch.from_numpy(value) for name, value in weights.items()}
    if differences := misfits(tensors, network.state_dict()):
        raise WeightsError(f"{path} holds no weights of this pocket detector: {differences}")
    network.load_state_dict(tensors)
    return network


def load(weights: Mapping[str, Floats], path: Path, device: str) -> "TorchNetwork":
    """Return the network on a device. Raises `WeightsError`, naming the file, for others' weights."""
    return TorchNetwork(network_of(weights, path), device=torch.device(device))


class TorchNetwork:
    """`Network` by `PocketNetwork`."""

    def __init__(self, network: PocketNetwork, *, device: torch.device) -> None:
        self._device = device
        self._dtype = fastest_dtype(device)
        self._network = network.eval().requires_grad_(False).to(device, self._dtype)
        self._network.to(memory_format=torch.channels_last)

    @torch.inference_mode()
    def look(
        self, images_BHW3: NDArray[np.uint8], *, borders_xyxy: Sequence[float], least: float
    ) -> list[Sight]:
        """See `Network.look`."""
        pixels = torch.from_numpy(images_BHW3).to(self._device).permute(0, 3, 1, 2).to(torch.float32)
        images = ((pixels - MIDDLE) / SPAN).to(self._dtype, memory_format=torch.channels_last)
        logits_BP, boxes_BP4, image_map, levels = self._network(images)
        low, high = torch.tensor(borders_xyxy, dtype=torch.float32, device=self._device).view(2, 2)
        boxes_BP4 = torch.minimum(torch.maximum(boxes_BP4, low.repeat(2)), high.repeat(2))
        chosen = proposals(logits_BP.sigmoid(), boxes_BP4, least=least)
        sides = torch.tensor([*images_BHW3.shape[2:0:-1]] * 2, dtype=torch.float32, device=self._device)
        return [
            TorchSight(
                self._network,
                objectness_R=objectness_R,
                boxes_R4=boxes_BP4[frame, point_R],
                sides=sides,
                image_map=image_map[frame : frame + 1],
                levels=[level[frame : frame + 1] for level in levels],
            )
            for frame, (objectness_R, point_R) in enumerate(chosen)
        ]


class TorchSight:
    """`Sight` by `PocketNetwork`, its maps left where they were computed."""

    def __init__(
        self,
        network: PocketNetwork,
        *,
        objectness_R: Tensor,
        boxes_R4: Tensor,
        sides: Tensor,
        image_map: Tensor,
        levels: list[Tensor],
    ) -> None:
        self.objectness_R = objectness_R.cpu().numpy()
        self.boxes_R4 = boxes_R4.cpu().numpy()
        self._network = network
        self._unit_1R4 = (boxes_R4 / sides)[None]
        self._image_map = image_map
        self._levels = levels
        self._inside_1RF: Tensor | None = None

    @torch.inference_mode()
    def judge(self) -> tuple[Floats, Floats]:
        """See `Sight.judge`."""
        self._inside_1RF, around = self._network.inside_and_around(self._levels, self._unit_1R4)
        quality, shifts = self._network.judge(self._inside_1RF, around)
        return quality[0].cpu().numpy(), shifts[0].cpu().numpy()

    @torch.inference_mode()
    def name(self, chosen: NDArray[np.int64]) -> tuple[Floats, Floats]:
        """See `Sight.name`."""
        assert self._inside_1RF is not None, "judged before it is named"
        rows = torch.from_numpy(chosen).to(self._unit_1R4.device)
        embedding, image_logits = self._network.name(
            self._image_map, self._inside_1RF[:, rows], self._unit_1R4[:, rows]
        )
        return embedding[0].cpu().numpy(), image_logits[0].cpu().numpy()


def proposals(objectness_BP: Tensor, boxes_BP4: Tensor, *, least: float = 0.0) -> list[tuple[Tensor, Tensor]]:
    """What is worth a second look, of each frame: objectness (R,) and points (R,), best first.

    Of two boxes of a frame whose IoU is over `NEARLY_SAME_IOU` the better stays.
    """
    score_BN, index_BN = objectness_BP.topk(min(BEFORE_SUPPRESSION, objectness_BP.shape[1]), dim=1)
    boxes_BN4 = boxes_BP4.gather(1, index_BN[..., None].expand(-1, -1, 4))
    frame_BN = torch.arange(len(score_BN), device=score_BN.device)[:, None].expand_as(score_BN)
    kept = batched_nms(boxes_BN4.flatten(0, 1), score_BN.flatten(), frame_BN.flatten(), NEARLY_SAME_IOU)
    found = []
    for frame in range(len(score_BN)):
        mine = kept[frame_BN.flatten()[kept] == frame][:PROPOSALS]
        mine = mine[score_BN.flatten()[mine] > least]
        found.append((score_BN.flatten()[mine], index_BN.flatten()[mine]))
    return found


def fastest_dtype(device: torch.device) -> torch.dtype:
    """bfloat16 where the hardware multiplies it, else float32."""
    if device.type == "cuda" and torch.cuda.is_bf16_supported():
        return torch.bfloat16
    return torch.float32
