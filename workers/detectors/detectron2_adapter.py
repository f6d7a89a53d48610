"""Any detectron2 model as a `Detector`: `-d detectron2:CONFIG,WEIGHTS`.

For models of one's own, and to put one with a fixed vocabulary beside Detic. Such a model knows its classes
and no others: of the job's labels it finds those that are names of its classes. detectron2 has no wheels and
is never needed otherwise; where it is missing, the error says how to get it.

CONFIG and WEIGHTS are files on the worker, or names of detectron2's model zoo ("COCO-Detection/….yaml",
"detectron2://…"). Both are read without running what they hold.
"""

import pickle
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from numpy.typing import NDArray

from api_client.contract.digest import file_sha256
from vocabularies import Vocabulary, VocabularyError
from workers.detectors.detections import Detections
from workers.detectors.errors import WeightsError
from workers.detectors.names_only import NamesOnly
from workers.detectors.protocol import EmbeddedVocabulary, Frame
from workers.detectors.weights_file import misfits, one_clear_error, read_weights_file

HOW_TO_INSTALL = (
    "detectron2 is not installed here: with a C++ compiler at hand (and nvcc, for a GPU), run "
    "`pip install --no-build-isolation 'git+https://github.com/facebookresearch/detectron2.git'` "
    "in the worker's environment"
)
CPU_BATCH = 1
GPU_BATCH = 8

HARMLESS_GLOBALS = {
    ("numpy", "dtype"),
    ("numpy", "ndarray"),
    ("numpy.core.multiarray", "_reconstruct"),
    ("numpy._core.multiarray", "_reconstruct"),
    ("numpy.core.multiarray", "scalar"),
    ("numpy._core.multiarray", "scalar"),
    ("collections", "OrderedDict"),
    ("_codecs", "encode"),
}
"""What a pickle of arrays refers to. The model zoo's files are such pickles; anything else is refused."""


class Detectron2Detector:
    """A detectron2 model. Its classes are named by its data set, or else by the job, in their order."""

    default_threshold = 0.5

    def __init__(
        self, model: Any, config: Any, *, name: str, weights_digest: str, class_names: Sequence[str]
    ) -> None:
        self.name = name
        self.weights_digest = weights_digest
        self.batch_size = CPU_BATCH if config.MODEL.DEVICE == "cpu" else GPU_BATCH
        self.text_encoder = NamesOnly()
        self.rescorer = None
        self._model = model
        self._config = config
        self._class_names = class_names

    @torch.inference_mode()
    def detect(
        self, frames: Sequence[Frame], vocabulary: EmbeddedVocabulary, *, threshold: float, regions: int = 0
    ) -> list[Detections]:
        """Return one `Detections` per frame, in order; see `Detector.detect`.

        Regions are never kept: there is nothing in them to ask other words of. Raises `VocabularyError` where
        none of the labels is a class of the model.
        """
        del regions
        label_of_class = class_labels(self._class_names, vocabulary.vocabulary, self._class_count())
        inputs = [self._input(frame) for frame in frames]
        if hasattr(self._model, "roi_heads"):  # boxes and 28x28 masks, before they are pasted to full size
            found = self._model.inference(inputs, do_postprocess=False)
        else:
            found = [output["instances"] for output in self._model(inputs)]
        return [
            to_detections(_arrays(instances), frame.shape[:2], label_of_class, threshold)
            for instances, frame in zip(found, frames, strict=True)
        ]

    def _class_count(self) -> int:
        architecture = self._config.MODEL
        heads = architecture.ROI_HEADS if hasattr(self._model, "roi_heads") else architecture.RETINANET
        return int(heads.NUM_CLASSES)

    def _input(self, frame: Frame) -> dict[str, Any]:
        settings = self._config.INPUT
        resize = import_module("detectron2.data.transforms").ResizeShortestEdge(
            [settings.MIN_SIZE_TEST] * 2, settings.MAX_SIZE_TEST
        )
        picture = frame[:, :, ::-1] if settings.FORMAT == "BGR" else frame
        resized = resize.get_transform(picture).apply_image(picture)
        height, width = frame.shape[:2]
        pixels = torch.from_numpy(np.ascontiguousarray(resized.transpose(2, 0, 1), np.float32))
        return {"image": pixels, "height": height, "width": width}


def load(
    name: str, *, device: "str | torch.device", weights: Path | None = None, **_unused: object
) -> Detectron2Detector:
    """Return the detector of `detectron2:CONFIG,WEIGHTS`. weights: a file in place of WEIGHTS.

    Raises `WeightsError` where detectron2 is not installed, or a file is missing or of another model.
    """
    if find_spec("detectron2") is None:
        raise WeightsError(HOW_TO_INSTALL)
    config_name, _, weights_name = name.removeprefix("detectron2:").partition(",")
    config = read_config(config_name, str(device))
    model = import_module("detectron2.modeling").build_model(config).eval()
    path = weights or Path(import_module("detectron2.utils.file_io").PathManager.get_local_path(weights_name))
    _set_weights(model, path)
    return Detectron2Detector(
        model, config, name=name, weights_digest=file_sha256(path), class_names=_registered_names(config)
    )


def read_config(name: str, device: str) -> Any:
    """Return detectron2's configuration from a file, or from the model zoo where there is no such file."""
    path = name if Path(name).exists() else import_module("detectron2.model_zoo").get_config_file(name)
    config = import_module("detectron2.config").get_cfg()
    config.merge_from_file(path, allow_unsafe=False)
    config.MODEL.DEVICE = device
    config.MODEL.WEIGHTS = ""
    return config


def _registered_names(config: Any) -> Sequence[str]:
    catalog = import_module("detectron2.data").MetadataCatalog
    datasets = config.DATASETS.TEST
    names: Sequence[str] = catalog.get(datasets[0]).get("thing_classes", ()) if datasets else ()
    return names


def _set_weights(model: Any, path: Path) -> None:
    tensors = read_weights(path)
    differences = misfits(tensors, model.state_dict())
    if differences.missing or differences.misshapen:  # what is only unexpected, the zoo's files have too
        raise WeightsError(f"{path} holds the weights of another model: {differences}")
    model.load_state_dict(tensors, strict=False)


def read_weights(path: Path) -> dict[str, torch.Tensor]:
    """Read a checkpoint of torch (.pth) or arrays (.pkl); raises `WeightsError` for anything else."""
    content = _read_arrays(path) if path.suffix == ".pkl" else read_weights_file(path)
    weights = content.get("model", content)
    if not isinstance(weights, dict):
        raise WeightsError(f"{path} holds no weights: there are none under its key 'model'")
    kinds = (torch.Tensor, np.ndarray)
    return {name: torch.as_tensor(value) for name, value in weights.items() if isinstance(value, kinds)}


def _read_arrays(path: Path) -> dict[str, Any]:
    with one_clear_error(path), path.open("rb") as file:
        content = ArraysOnly(file, encoding="latin1").load()
    if not isinstance(content, dict):
        raise WeightsError(f"{path} holds a {type(content).__name__}, not a checkpoint")
    return content


class ArraysOnly(pickle.Unpickler):
    """Reads pickles of dicts of arrays, and refuses all that could run code."""

    def __init__(self, file: IO[bytes], *, encoding: str) -> None:
        super().__init__(file, encoding=encoding)
        self._name = file.name

    def find_class(self, module: str, name: str) -> Any:
        """Return a harmless global, or raise."""
        if (module, name) not in HARMLESS_GLOBALS:
            raise WeightsError(
                f"{self._name} holds {module}.{name}, which is no array and could run code: it is not loaded"
            )
        return super().find_class(module, name)


def class_labels(class_names: Sequence[str], vocabulary: Vocabulary, class_count: int) -> NDArray[np.int32]:
    """Return, per class of the model, the label it is found under, or -1.

    By name where the model's classes have names; otherwise the job's labels are the classes, in their order.
    """
    if not class_names:
        if len(vocabulary.labels) != class_count:
            raise VocabularyError(
                f"the model has {class_count} classes without names: give as many labels, in their order, "
                f"not {len(vocabulary.labels)}"
            )
        return np.arange(class_count, dtype=np.int32)
    position = {label.casefold(): index for index, label in enumerate(vocabulary.labels)}
    labels = np.array([position.get(name.casefold(), -1) for name in class_names], np.int32)
    if (labels < 0).all():
        raise VocabularyError(
            f"the model knows none of the vocabulary's {len(vocabulary.labels)} labels: it knows "
            f"{', '.join(class_names[:8])}, …"
        )
    return labels


def _arrays(instances: Any) -> dict[str, Any]:
    masks = instances.get("pred_masks") if instances.has("pred_masks") else None
    small = masks is not None and masks.ndim == 4
    return {
        "boxes": instances.pred_boxes.tensor.float().cpu().numpy(),
        "scores": instances.scores.float().cpu().numpy(),
        "classes": instances.pred_classes.cpu().numpy(),
        "masks": masks[:, 0].float().cpu().numpy() if masks is not None and small else None,
        "size": tuple(instances.image_size),
    }


def to_detections(
    found: dict[str, Any], frame_hw_px: Sequence[int], label_of_class: NDArray[np.int32], threshold: float
) -> Detections:
    """Return what a model found in a picture of `size` as detections in the frame, best first."""
    factor = [frame / model for frame, model in zip(frame_hw_px, found["size"], strict=True)]
    boxes = found["boxes"] * np.array([factor[1], factor[0]] * 2, np.float32)
    boxes = boxes.clip(0, np.array([frame_hw_px[1], frame_hw_px[0]] * 2, np.float32))
    label_ids = label_of_class[found["classes"]]
    order = np.argsort(-found["scores"], kind="stable")
    has_area = (boxes[:, 2:] > boxes[:, :2]).all(axis=1)
    rows = order[((label_ids >= 0) & has_area & (found["scores"] > threshold))[order]]
    masks = found["masks"]
    return Detections(
        boxes_xyxy_px=boxes[rows].astype(np.float32),
        scores=found["scores"][rows].astype(np.float32),
        label_ids=label_ids[rows],
        masks=None if masks is None else (masks[rows] * 255).round().astype(np.uint8),
    )
