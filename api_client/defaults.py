"""What is asked for where nothing is said. By itself, so that the command line lists it and loads nothing."""

DEFAULT_DETECTOR = "pocket"
DEFAULT_TILE_OVERLAP = 0.2
DEFAULT_VOCABULARY = "coco"
