"""ImageNet's 1000 names in the classifier's order, with a hypernym where the bare name would not tell."""

from importlib.resources import files


def imagenet_names() -> list[str]:
    """Return the names shipped with the detector, in the order of the logits."""
    return files("workers.detectors.pocket").joinpath("imagenet_names.txt").read_text().split("\n")[:-1]
