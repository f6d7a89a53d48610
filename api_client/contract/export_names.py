"""What the formats are called that a job's log can be written in."""

ALWAYS = ("parquet", "jsonl", "txt")
"""Every job writes these."""
EXPORT_NAMES = (*ALWAYS, "csv", "coco", "mot", "yolo", "cvat", "labelstudio", "webvtt")
"""What `client export --format` and `client submit --export` take."""
NEEDS_TIME = ("mot", "cvat", "labelstudio", "webvtt")
"""These tell of a video, not of pictures."""
NEEDS_TRACKS = ("mot",)
"""These hold nothing but tracks."""
