"""What a region looks like, in the space of sentences and in the words of ImageNet.

Legend: B images, R regions of one image, C channels of ImageNet's map, F features of a region,
D sentence embedding, K ImageNet names.
"""

import torch.nn.functional as F
from torch import Tensor, nn


class RegionEmbedder(nn.Module):
    """Reads regions from the feature maps and says each twice.

    Once as a vector among sentences, learnt from boxes with words; once as ImageNet's posterior, which
    knows many words that were never seen with a box.
    """

    def __init__(
        self,
        *,
        mix: nn.Linear,
        embed_mix: nn.Linear,
        embed_image: nn.Linear,
        image_classes: nn.Linear,
    ) -> None:
        super().__init__()
        self.mix = mix
        self.embed_mix = embed_mix
        self.embed_image = embed_image
        self.image_classes = image_classes

    def forward(self, image_BRC: Tensor, features_BRF: Tensor) -> tuple[Tensor, Tensor]:
        """Return (B, R, D) raw embeddings and (B, R, K) ImageNet logits, float32.

        image_BRC: averages of ImageNet's map. features_BRF: those, and what was pooled of the pyramid.
        """
        hidden = F.silu(self.mix(features_BRF))
        embedding_BRD = self.embed_mix(hidden) + self.embed_image(image_BRC)
        return embedding_BRD.float(), self.image_classes(image_BRC).float()
