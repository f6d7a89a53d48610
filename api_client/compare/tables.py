"""How far two jobs agree, as `agreement.csv` and `agreement.json`."""

import csv
import json
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from api_client.compare.agreement import Agreement, ClassAgreement, Disagreement
from api_client.compare.matching import LEAST_IOU
from api_client.contract import Manifest
from api_client.log.boxes import LoggedBox

_COLUMNS = ("class_name", "both", "only_a", "only_b", "agreement", "mean_iou")


def write_tables(
    agreement: Agreement,
    worst: Iterable[Disagreement],
    jobs: Sequence[Manifest],
    directory: Path,
) -> list[Path]:
    """Write both; return the files. jobs: A and B."""
    rows = [_row(counted) for counted in agreement.in_order()]
    as_csv, as_json = directory / "agreement.csv", directory / "agreement.json"
    with as_csv.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, _COLUMNS)
        writer.writeheader()
        writer.writerows(rows)
    document = {
        "a": _said_of(jobs[0]),
        "b": _said_of(jobs[1]),
        "least_iou": LEAST_IOU,
        "frames_compared": agreement.frames_compared,
        "classes": rows,
        "asked_only_of_a": _asked_only(jobs[0], jobs[1]),
        "asked_only_of_b": _asked_only(jobs[1], jobs[0]),
        "most_disagreement": [_frame(frame) for frame in worst],
    }
    text = json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)
    as_json.write_text(text + "\n", encoding="utf-8")
    return [as_csv, as_json]


def _row(counted: ClassAgreement) -> dict[str, Any]:
    return {
        "class_name": counted.class_name,
        "both": counted.both,
        "only_a": counted.only_first,
        "only_b": counted.only_second,
        "agreement": round(counted.agreement, 4),
        "mean_iou": None if counted.mean_iou is None else round(counted.mean_iou, 4),
    }


def _said_of(manifest: Manifest) -> dict[str, Any]:
    job = manifest.job
    return {
        "job_id": manifest.job_id,
        "detector": job.detector.name,
        "vocabulary": job.vocabulary.name,
        "words": len(job.vocabulary.labels),
        "threshold": job.threshold,
        "every": job.every,
    }


def _asked_only(manifest: Manifest, other: Manifest) -> list[str]:
    known = {label.casefold() for label in other.job.vocabulary.labels}
    return [label for label in manifest.job.vocabulary.labels if label.casefold() not in known]


def _frame(frame: Disagreement) -> dict[str, Any]:
    return {
        "frame_index": frame.frame_index,
        "time_seconds": round(frame.time_seconds, 3),
        "only_a": [_box(box) for box in frame.found.only_first],
        "only_b": [_box(box) for box in frame.found.only_second],
    }


def _box(box: LoggedBox) -> dict[str, Any]:
    corners = [round(side, 1) for side in box.box_xyxy_px]
    return {"class_name": box.class_name, "confidence": round(box.confidence, 4), "box_xyxy_px": corners}
