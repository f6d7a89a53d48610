"""The networks as ONNX graphs without weights: `python -m training.pocket.graphs`.

A graph says what is computed; the numbers stay in the files of weights, from which a worker hands them over
when it loads the graph. So one graph serves every file of weights of the same network. To be run again, and
compared by the parity tests, when the code of a network changes.

Legend: B images or sentences, H W pixels, P points, N proposals, R regions, T tokens, C channels.
"""

import tempfile
import warnings
from collections.abc import Callable

import onnx
import torch
from onnx import TensorProto, helper
from torch import Tensor, nn

from training.pocket.minilm import CHANNELS, MiniLM, load_minilm
from workers.detectors.pocket.config import PocketConfig
from workers.detectors.pocket.network import PocketNetwork, build
from workers.detectors.pocket.onnx_session import GRAPHS
from workers.detectors.pocket.preprocessing import MIDDLE, SPAN
from workers.detectors.pocket.suppression import NEARLY_SAME_IOU, PROPOSALS

OPSET = 17
SMALL_BYTES = 1024
"""Constants of the code itself; anything larger is a weight."""


class Dense(nn.Module):
    """Pixels to what is at every point, and the maps regions are read from."""

    def __init__(self, network: PocketNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, images_BHW3: Tensor, borders_4: Tensor) -> tuple[Tensor, ...]:
        """Objectness (B, P), boxes (B, P, 4) cut at the borders, ImageNet's map, levels but the coarsest.

        images_BHW3: uint8, turned. borders_4: where the picture lies in them, x_min, y_min, x_max, y_max.
        """
        images = (images_BHW3.permute(0, 3, 1, 2).float() - MIDDLE) / SPAN
        logits_BP, boxes_BP4, image_map, levels = self.network(images)
        low, high = borders_4[:2].repeat(2), borders_4[2:].repeat(2)
        boxes = torch.minimum(torch.maximum(boxes_BP4, low), high)
        return (logits_BP.sigmoid(), boxes, image_map, *levels[:-1])


class SecondLook(nn.Module):
    """Levels of one image and its regions to how well their boxes fit."""

    def __init__(self, network: PocketNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, boxes_R4: Tensor, *levels: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Logits of a good fit (R,), shifts (R, 4), and what lies inside (R, F), which `Naming` reads too."""
        inside, around = self.network.inside_and_around([*levels, levels[-1]], boxes_R4[None])
        quality, shifts = self.network.judge(inside, around)
        return quality[0], shifts[0], inside[0]


class Naming(nn.Module):
    """ImageNet's map of one image and its regions to what they are."""

    def __init__(self, network: PocketNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, boxes_R4: Tensor, inside_RF: Tensor, image_map: Tensor) -> tuple[Tensor, Tensor]:
        """Embeddings (R, D) and ImageNet logits (R, K)."""
        embedding, logits = self.network.name(image_map, inside_RF[None], boxes_R4[None])
        return embedding[0], logits[0]


class Sentences(nn.Module):
    """Rows of the word table to sentences' vectors."""

    def __init__(self, model: MiniLM) -> None:
        super().__init__()
        self.model = model

    def forward(self, words_BTC: Tensor, mask_BT: Tensor) -> Tensor:
        """(B, C) means over each sentence's tokens."""
        return self.model.read(words_BTC, mask_BT)


def main() -> None:
    """Write all graphs where the product reads them."""
    for name, make in GRAPH_MAKERS.items():
        path = GRAPHS / f"{name}.onnx"
        path.write_bytes(make().SerializeToString())
        print(f"{path}: {path.stat().st_size} bytes")


def dense() -> onnx.ModelProto:
    """`Dense`, followed by the choice of what is worth a second look."""
    model = _graph(
        Dense(_network()),
        (torch.zeros(2, 128, 192, 3, dtype=torch.uint8), torch.tensor([0.0, 0, 192, 128])),
        inputs={"images": {0: "B", 1: "H", 2: "W"}, "borders": {}},
        outputs=["objectness", "boxes", "image_map", "level_8", "level_16", "level_32"],
    )
    _append_suppression(model.graph)
    return model


def second_look() -> onnx.ModelProto:
    """`SecondLook`."""
    levels = tuple(torch.zeros(1, PocketConfig().pyramid_channels, 16 // s, 24 // s) for s in (1, 2, 4))
    return _graph(
        SecondLook(_network()),
        (torch.rand(5, 4), *levels),
        inputs={"boxes": {0: "R"}}
        | {f"level_{stride}": {2: f"H{stride}", 3: f"W{stride}"} for stride in (8, 16, 32)},
        outputs=["quality", "shifts", "inside"],
    )


def naming() -> onnx.ModelProto:
    """`Naming`."""
    config = PocketConfig()
    inside_features = 3 * config.pyramid_channels * config.bins**2 + 4
    return _graph(
        Naming(_network()),
        (torch.rand(5, 4), torch.zeros(5, inside_features), torch.zeros(1, config.image_channels, 4, 6)),
        inputs={"boxes": {0: "R"}, "inside": {0: "R"}, "image_map": {2: "H", 3: "W"}},
        outputs=["embedding", "image_logits"],
    )


def sentences() -> onnx.ModelProto:
    """`Sentences`."""
    return _graph(
        Sentences(load_minilm()),
        (torch.zeros(2, 7, CHANNELS), torch.ones(2, 7, dtype=torch.bool)),
        inputs={"words": {0: "B", 1: "T"}, "mask": {0: "B", 1: "T"}},
        outputs=["vectors"],
    )


GRAPH_MAKERS: dict[str, Callable[[], onnx.ModelProto]] = {
    "dense": dense,
    "second_look": second_look,
    "naming": naming,
    "sentences": sentences,
}


def _network() -> PocketNetwork:
    return build(PocketConfig()).eval().requires_grad_(False)


def _graph(
    module: nn.Module, example: tuple[Tensor, ...], *, inputs: dict[str, dict[int, str]], outputs: list[str]
) -> onnx.ModelProto:
    with tempfile.NamedTemporaryFile(suffix=".onnx") as written, warnings.catch_warnings():
        # it is to be replaced, by one that needs another package and renames parameters
        warnings.simplefilter("ignore")
        torch.onnx.export(
            module.eval(),
            example,
            written.name,
            dynamo=False,
            opset_version=OPSET,
            do_constant_folding=False,  # or parameters would be replaced by nameless products of them
            input_names=list(inputs),
            output_names=outputs,
            dynamic_axes=inputs,
        )
        model = onnx.load(written.name)
    for initializer in model.graph.initializer:
        _take_out(initializer)
    for node in model.graph.node:
        node.ClearField("doc_string")  # where in the code it came from
        node.ClearField("metadata_props")
    return model


def _take_out(tensor: TensorProto) -> None:
    """Leave of a weight its name, type and shape."""
    size_bytes = len(tensor.raw_data)
    if "." not in tensor.name:
        assert size_bytes <= SMALL_BYTES, f"{tensor.name} is no parameter, yet {size_bytes} bytes"
        return
    tensor.ClearField("raw_data")
    tensor.data_location = TensorProto.EXTERNAL
    for key, value in (("location", "weights"), ("offset", "0"), ("length", str(size_bytes))):
        tensor.external_data.add(key=key, value=value)


def _append_suppression(graph: onnx.GraphProto) -> None:
    """Add the input `least` (1,), the output `selected` (N, 3): image, 0, point; an image's best first."""
    constants = {
        "most": helper.make_tensor("most", TensorProto.INT64, [1], [PROPOSALS]),
        "overlap": helper.make_tensor("overlap", TensorProto.FLOAT, [1], [NEARLY_SAME_IOU]),
        "one": helper.make_tensor("one", TensorProto.INT64, [1], [1]),
    }
    graph.initializer.extend(constants.values())
    graph.input.append(helper.make_tensor_value_info("least", TensorProto.FLOAT, [1]))
    graph.node.extend(
        [
            helper.make_node("Unsqueeze", ["objectness", "one"], ["objectness_of_one_class"]),
            helper.make_node(
                "NonMaxSuppression",
                ["boxes", "objectness_of_one_class", "most", "overlap", "least"],
                ["selected"],
            ),
        ]
    )
    graph.output.append(helper.make_tensor_value_info("selected", TensorProto.INT64, ["N", 3]))


if __name__ == "__main__":
    main()
