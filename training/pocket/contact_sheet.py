"""Pictures of what the detector finds in a clip.

`python -m training.pocket.contact_sheet clip.mp4 --words "person, dog" --out sheet.jpg`
"""

import argparse
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from training.pocket.evaluate import embed
from workers.detectors import Detections, Frame
from workers.detectors.pocket import DEFAULT_THRESHOLD, load

TILE_WIDTH_PX = 480
COLOURS = ((230, 60, 60), (40, 140, 240), (250, 170, 30), (50, 180, 90), (170, 80, 220), (20, 190, 190))


def main() -> None:
    """Detect in frames spread over the clip and write them as one picture."""
    options = _options()
    detector = load(device="cpu", weights=options.weights, threads=options.threads)
    labels = [word.strip() for word in options.words.split(",")]
    words = embed(detector, labels)
    tiles = []
    for frame in evenly_spaced(options.clip, options.tiles):
        found = detector.detect([frame], words, threshold=options.threshold)[0]
        tiles.append(_tile(frame, found, labels))
    _write(options.out, tiles, options.columns)


def evenly_spaced(clip: Path, count: int) -> list[Frame]:
    """`count` frames of a clip, RGB."""
    with av.open(str(clip)) as container:
        frames = [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)]
    return [frames[round(i)] for i in np.linspace(0, len(frames) - 1, count)]


def _tile(frame: Frame, found: Detections, labels: list[str]) -> NDArray[np.uint8]:
    scale = TILE_WIDTH_PX / frame.shape[1]
    tile = cv2.resize(frame, (TILE_WIDTH_PX, round(frame.shape[0] * scale)), interpolation=cv2.INTER_AREA)
    for box, score, label in zip(found.boxes_xyxy_px, found.scores, found.label_ids, strict=True):
        low, high = (tuple(int(v) for v in corner) for corner in np.round(box * scale).reshape(2, 2))
        colour = COLOURS[label % len(COLOURS)]
        cv2.rectangle(tile, low, high, colour, 2)
        text, (x, y) = f"{labels[label]} {score:.2f}", (low[0] + 2, max(12, low[1] - 4))
        (width, height), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_SIMPLEX, 0.42, 1)
        cv2.rectangle(tile, (x - 3, y - height - 3), (x + width + 3, y + 4), colour, cv2.FILLED)
        cv2.putText(tile, text, (x, y), cv2.FONT_HERSHEY_SIMPLEX, 0.42, (255, 255, 255), 1, cv2.LINE_AA)
    return np.asarray(tile, np.uint8)


def _write(path: Path, tiles: list[NDArray[np.uint8]], columns: int) -> None:
    rows = [np.hstack(tiles[i : i + columns]) for i in range(0, len(tiles), columns)]
    sheet = cv2.cvtColor(np.vstack(rows), cv2.COLOR_RGB2BGR)
    cv2.imwrite(str(path), sheet, [cv2.IMWRITE_JPEG_QUALITY, 80])


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("clip", type=Path)
    parser.add_argument("--words", required=True, help='"person, dog"')
    parser.add_argument("--out", type=Path, required=True, help="JPEG or PNG")
    parser.add_argument("--threshold", type=float, default=DEFAULT_THRESHOLD)
    parser.add_argument("--tiles", type=int, default=6)
    parser.add_argument("--columns", type=int, default=3)
    parser.add_argument("--weights", type=Path, default=None)
    parser.add_argument("--threads", type=int, default=1)
    return parser.parse_args()


if __name__ == "__main__":
    main()
