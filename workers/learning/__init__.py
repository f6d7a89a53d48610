"""From example pictures to entries of a vocabulary: labels of whole pictures suffice, no network is trained.

examples       pictures to looks: the region a detector is surest of is what the label means
discriminant   looks to weights, in closed form
calibration    margins to odds, by examples that were held out
confusion      which labels cannot be told apart
learn          all of it
"""

from workers.learning.confusion import Confusion
from workers.learning.examples import Pictures, find_pictures
from workers.learning.learn import Learnt, learn

__all__ = ["Confusion", "Learnt", "Pictures", "find_pictures", "learn"]
