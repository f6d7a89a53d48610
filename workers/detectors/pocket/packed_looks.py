"""What is kept of a region, all that scoring needs: packed here, and in `scoring` read.

Legend: R regions, K ImageNet's names, T kept ImageNet names of a region, D sentence embedding.
"""

import numpy as np
from numpy.typing import NDArray

from workers.detectors.pocket.known_names import Floats, normalised

KEPT_NAMES = 16
"""How many of ImageNet's names are kept of a region's posterior."""


def pack(embedding_RD: Floats, image_logits_RK: Floats) -> NDArray[np.float16]:
    """(R, D + 2 T) float16: the embedding, the likeliest ImageNet names and their probabilities."""
    exponential_RK = np.exp(image_logits_RK - image_logits_RK.max(-1, keepdims=True))
    share_RK = exponential_RK / exponential_RK.sum(-1, keepdims=True)
    name_RT = _likeliest(share_RK)
    share_RT = np.take_along_axis(share_RK, name_RT, axis=-1)
    return np.concatenate((normalised(embedding_RD), name_RT, share_RT), axis=-1).astype(np.float16)


def _likeliest(share_RK: Floats) -> NDArray[np.int64]:
    """(R, T) names, the likeliest first."""
    some_RT = np.argpartition(-share_RK, KEPT_NAMES, axis=-1)[:, :KEPT_NAMES]
    order_RT = np.argsort(-np.take_along_axis(share_RK, some_RT, axis=-1), axis=-1, kind="stable")
    return np.take_along_axis(some_RT, order_RT, axis=-1)
