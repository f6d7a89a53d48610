"""What can go wrong with a detector that its user can put right.

    HoratioError
    ├── WeightsError      permanent: a file of weights is missing, damaged, or of something else
    ├── FrameError        permanent: a frame no detector can work on
    └── DetectorError     permanent: a detector returned what cannot be

All carry one message and nothing else, so they survive `pickle`.
"""

from vocabularies.errors import HoratioError


class WeightsError(HoratioError):
    """A file of weights is missing, damaged, unsafe, of another network or another digest. Permanent."""


class FrameError(HoratioError):
    """A frame is too small for the network, or the frames of one batch differ in size. Permanent."""


class DetectorError(HoratioError):
    """A detector returned boxes, scores, labels or a number of results that cannot be. Permanent."""
