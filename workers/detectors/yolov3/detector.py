"""YOLOv3 as a `Detector`.

Legend: N boxes of a frame, C the network's names, L the user's labels among them.
"""

from collections.abc import Sequence

import torch
from torch import Tensor
from torchvision.ops import batched_nms

from vocabularies import Vocabulary, shipped_labels
from workers.detectors.detections import Detections
from workers.detectors.detic.preprocessing import common_size
from workers.detectors.facts import Facts
from workers.detectors.fixed_vocabulary import Chosen, choose
from workers.detectors.found_boxes import Boxes, to_detections
from workers.detectors.names_only import NamesOnly
from workers.detectors.nearest_meaning import nearest_meaning
from workers.detectors.protocol import EmbeddedVocabulary, Frame, TextEncoder
from workers.detectors.yolov3.config import Yolov3Config
from workers.detectors.yolov3.decoding import decode
from workers.detectors.yolov3.letterbox import Letterbox
from workers.detectors.yolov3.network import Yolov3

CPU_BATCH = 1
GPU_BATCH = 16
NAMES = shipped_labels("coco")
"""COCO's, in the order of the network's outputs."""


class Yolov3Detector:
    """Finds COCO's 80 kinds; the user's words choose among them. Not thread-safe."""

    name = "yolov3"
    default_threshold = 0.5
    """That of Darknet's own program."""
    text_encoder: TextEncoder = NamesOnly()

    def __init__(
        self, network: Yolov3, config: Yolov3Config, *, weights_digest: str, device: torch.device
    ) -> None:
        self.weights_digest = weights_digest
        self.batch_size = CPU_BATCH if device.type == "cpu" else GPU_BATCH
        self._network, self._config, self._device = network, config, device
        self._chosen: tuple[str, Chosen] | None = None

    @torch.inference_mode()
    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Regions are never kept: there is nothing in them to ask other words of. Raises `FrameError` for frames
        of different sizes, `VocabularyError` where no word is one of the names.
        """
        del regions
        if not frames:
            return []
        box = Letterbox.of(common_size(frames), self._config.side_px)
        chosen_C = torch.from_numpy(self._choose(vocabulary.vocabulary).label_of_name).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16, enabled=self._device.type == "cuda"):
            grids = self._network(box.put(frames, self._device))
        boxes_BN4, scores_BNC = decode(grids, self._config.anchors_px, self._config.side_px)
        asked_L = (chosen_C >= 0).nonzero()[:, 0]
        words = len(vocabulary.vocabulary.labels)
        return [
            self._one(box, boxes_N4, scores_NC[:, asked_L], chosen_C[asked_L].long(), words, threshold)
            for boxes_N4, scores_NC in zip(boxes_BN4, scores_BNC, strict=True)
        ]

    def facts(self, vocabulary: Vocabulary) -> Facts:
        """Size of the square, precision, and which words cannot be found."""
        chosen = self._choose(vocabulary)
        said = {
            "side_px": self._config.side_px,
            "precision": "bfloat16" if self._device.type == "cuda" else "float32",
            "names": len(NAMES),
            "not_known": dict(chosen.unknown),
        }
        return Facts(facts=said, notes=chosen.notes)

    def _one(
        self,
        box: Letterbox,
        boxes_N4: Tensor,
        scores_NL: Tensor,
        labels_L: Tensor,
        words: int,
        threshold: float,
    ) -> Detections:
        best_W = scores_NL.new_zeros(words).scatter(0, labels_L, scores_NL.amax(dim=0))
        place, which = (scores_NL > threshold).nonzero(as_tuple=True)
        found_N4, found_N = box.to_frame(boxes_N4[place]), scores_NL[place, which]
        stay = batched_nms(found_N4, found_N, which, self._config.same_object_iou)
        boxes = Boxes(boxes_N4=found_N4[stay], scores_N=found_N[stay], labels_N=labels_L[which[stay]])
        return to_detections(boxes, box.frame_hw_px, label_scores_C=best_W)

    def _choose(self, vocabulary: Vocabulary) -> Chosen:
        """Once for a vocabulary: the next batch almost always asks for the same."""
        if self._chosen is None or self._chosen[0] != vocabulary.digest:
            self._chosen = vocabulary.digest, choose(NAMES, vocabulary, nearest_meaning)
        return self._chosen[1]
