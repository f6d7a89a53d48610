"""Graphs without weights, and weights from elsewhere, to something ONNX Runtime can run on the CPU."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import onnxruntime
from numpy.typing import NDArray

from api_client.local.cores import usable_cores

GRAPHS = Path(__file__).parent / "graphs"
"""Written by `training.pocket.graphs`."""
UNUSABLE = (
    onnxruntime.capi.onnxruntime_pybind11_state.Fail,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidArgument,
    onnxruntime.capi.onnxruntime_pybind11_state.InvalidGraph,
    onnxruntime.capi.onnxruntime_pybind11_state.NoSuchFile,
    onnxruntime.capi.onnxruntime_pybind11_state.RuntimeException,
)
"""What `session` raises for weights that are not the graph's."""
_ERRORS_ONLY = 3


def session(
    graph: str, weights: Mapping[str, NDArray[np.float32]], *, threads: int
) -> onnxruntime.InferenceSession:
    """Load `graphs/{graph}.onnx` with these weights, by the names of its parameters.

    threads: that compute; 0 for one per core this process may use. The results do not depend on it.
    Raises what ONNX Runtime raises where a weight is missing or has another shape.
    """
    options = onnxruntime.SessionOptions()
    # always told: left to itself ONNX Runtime ties its threads to cores, every worker's to the same ones
    options.intra_op_num_threads = threads or usable_cores()
    options.inter_op_num_threads = 1
    options.log_severity_level = _ERRORS_ONLY
    # waiting threads sleep: decoding, drawing and encoding want the same cores (docs/decisions/0012)
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    values = [onnxruntime.OrtValue.ortvalue_from_numpy(value) for value in weights.values()]
    options.add_external_initializers(list(weights), values)
    return onnxruntime.InferenceSession(
        (GRAPHS / f"{graph}.onnx").read_bytes(), options, providers=["CPUExecutionProvider"]
    )
