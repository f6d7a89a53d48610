"""Pictures that are all different and never alike when turned, for films whose results are verified."""

import numpy as np

Rgb = np.ndarray
WIDTH, HEIGHT = 160, 96


def picture(index: int, *, width: int = WIDTH, height: int = HEIGHT) -> Rgb:
    """(H, W, 3): a bright corner, a slope, and blobs that move from frame to frame."""
    y, x = np.mgrid[0:height, 0:width].astype(float)
    x, y = x / width, y / height
    grey = 60 + 90 * x + 30 * y
    for number in range(3):
        centre_x = (0.15 + 0.31 * number + 0.027 * index) % 1.0
        centre_y = 0.5 + 0.35 * np.sin(0.31 * index + 2.1 * number)
        grey += 110 * np.exp(-(((x - centre_x) ** 2) + (y - centre_y) ** 2) / 0.01)
    grey[(x < 0.15) & (y < 0.25)] = 235
    grey[(x < 0.1) & (y > 0.6)] = 20
    frame = np.stack([grey, 0.9 * grey + 10, 0.8 * grey + 20], axis=-1)
    return np.clip(frame, 0, 255).astype(np.uint8)


def film(frames: int, **size: int) -> list[Rgb]:
    """So many pictures."""
    return [picture(index, **size) for index in range(frames)]


def with_box(frame: Rgb, box_px: tuple[int, int, int, int]) -> Rgb:
    """The frame with a box drawn in."""
    x_min, y_min, x_max, y_max = box_px
    drawn = frame.copy()
    drawn[y_min : y_min + 2, x_min:x_max] = drawn[y_max - 2 : y_max, x_min:x_max] = (230, 60, 200)
    drawn[y_min:y_max, x_min : x_min + 2] = drawn[y_min:y_max, x_max - 2 : x_max] = (230, 60, 200)
    return drawn
