"""Labels that were learnt from pictures, beside words.

What was learnt is judged as odds against everything ordinary. A look that shows a learnt thing is less likely
to be one of the words, and the other way round: p = o / (1 + sum of all odds) for each learnt label, and what
a word says times 1 / (1 + sum) (Bayes with one more class).

Legend: L looks, W words of a look, E learnt labels.
"""

import numpy as np
from numpy.typing import NDArray

from vocabularies.learnt_file import LearntEntries
from workers.detectors.protocol import Naming

Floats = NDArray[np.float32]


def with_learnt(
    naming: Naming, learnt: LearntEntries, compared_LG: Floats, *, first_label: int, power: float, most: int
) -> Naming:
    """Return the best labels of each look, words and learnt ones together.

    first_label: of the learnt ones, which follow the words. power: of a probability in a word score.
    """
    chances_LE, none_L = learnt.chances(compared_LG)
    scores_LE = chances_LE ** np.float32(power)
    words_LW = naming.word_scores_LW * (none_L ** np.float32(power))[:, None]
    labels_E = np.arange(first_label, first_label + scores_LE.shape[1])
    scores = np.concatenate((scores_LE, words_LW), axis=1)
    labels = np.concatenate((np.broadcast_to(labels_E, scores_LE.shape), naming.labels_LW), axis=1)
    order = np.argsort(-scores, axis=1, kind="stable")[:, :most]
    return Naming(
        labels_LW=np.take_along_axis(labels, order, axis=1).astype(np.int64),
        word_scores_LW=np.take_along_axis(scores, order, axis=1).astype(np.float32),
    )


def no_words(looks: int) -> Naming:
    """The naming of looks by a vocabulary without words."""
    return Naming(labels_LW=np.zeros((looks, 0), np.int64), word_scores_LW=np.zeros((looks, 0), np.float32))


def spread(naming: Naming, labels: int) -> Floats:
    """(L, labels) the score of every label, 0 where the naming does not say it."""
    scores = np.zeros((len(naming.labels_LW), labels), np.float32)
    np.put_along_axis(scores, naming.labels_LW, naming.word_scores_LW, axis=1)
    return scores
