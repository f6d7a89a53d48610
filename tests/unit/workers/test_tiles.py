"""A frame is looked at whole and in tiles, and what both show is one box."""

import numpy as np
import pytest

from api_client.contract.tiling import Tiling, tiling_of
from api_client.errors import SettingsError
from tests import colour_detector
from vocabularies import Vocabulary
from workers.detectors import Detections, EmbeddedVocabulary
from workers.detectors.facts import Facts, facts_of
from workers.detectors.merged_views import View, merged
from workers.detectors.tiled import TiledDetector
from workers.detectors.tiles import Tile, tiles_of

HD = (1080, 1920)
LEFT, RIGHT = Tile(x=0, y=0, width=120, height=100), Tile(x=80, y=0, width=120, height=100)
WHOLE = Tile(x=0, y=0, width=200, height=100)


@pytest.mark.parametrize(
    ("tiling", "size_wh", "corners"),
    [
        (Tiling(columns=2, rows=1), (1067, 1080), [(0, 0), (853, 0)]),
        (Tiling(columns=1, rows=2, overlap=0), (1920, 540), [(0, 0), (0, 540)]),
        (Tiling(size_px=1080), (1080, 1080), [(0, 0), (840, 0)]),
        (Tiling(size_px=1400), (1400, 1080), [(0, 0), (520, 0)]),
    ],
)
def test_tiles_lie_at_equal_distances(tiling: Tiling, size_wh, corners) -> None:
    tiles = tiles_of(HD, tiling)

    assert [(tile.x, tile.y) for tile in tiles] == corners
    assert {(tile.width, tile.height) for tile in tiles} == {size_wh}


@pytest.mark.parametrize("tiling", [Tiling(columns=1, rows=1), Tiling(size_px=2000)])
def test_one_tile_is_the_whole_frame_and_not_looked_at_twice(tiling: Tiling) -> None:
    assert tiles_of(HD, tiling) == []


@pytest.mark.parametrize("overlap", [0, 0.2, 0.5])
@pytest.mark.parametrize("frame_hw_px", [(1, 1), (7, 300), (1080, 1920), (721, 1283)])
@pytest.mark.parametrize("asked", [{"columns": 3, "rows": 2}, {"columns": 16, "rows": 16}, {"size_px": 64}])
def test_tiles_cover_every_pixel_and_overlap_as_asked(asked, frame_hw_px, overlap) -> None:
    covered = np.zeros(frame_hw_px, np.uint8)
    tiles = tiles_of(frame_hw_px, Tiling(**asked, overlap=overlap))

    for tile in tiles:
        covered[tile.y : tile.y + tile.height, tile.x : tile.x + tile.width] = 1
    assert covered.all() or not tiles
    starts = sorted({tile.x for tile in tiles})
    steps = np.diff(starts)
    assert not tiles or (steps <= np.ceil(tiles[0].width * (1 - overlap)) + 1).all()


@pytest.mark.parametrize(
    ("grid", "size_px", "said"),
    [("2", None, "write columns and rows"), ("0x2", None, "write columns"), ("2x2", 640, "give one of them"),
     ("20x2", None, "columns"), (None, 3, "size_px")],
)  # fmt: skip
def test_what_cannot_be_is_one_line(grid, size_px, said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        tiling_of(grid, size_px)


def found(*rows: tuple[float, float, float, float, float, int]) -> Detections:
    """Of (x_min, y_min, x_max, y_max, score, label)."""
    table = np.array(rows, np.float32).reshape(-1, 6)
    return Detections(
        boxes_xyxy_px=table[:, :4], scores=table[:, 4], label_ids=table[:, 5].astype(np.int32),
        label_scores=np.array([table[:, 4].max(initial=0)], np.float32),
    )  # fmt: skip


def rows_of(*views: tuple[Tile, Detections]) -> list[list[float]]:
    together = merged([View(tile=t, found=f) for t, f in views], frame_hw_px=(100, 200), regions=0)
    return np.column_stack([together.boxes_xyxy_px, together.scores]).astype(float).round(2).tolist()


def test_of_one_object_in_two_tiles_the_surer_box_stays() -> None:
    rows = rows_of((LEFT, found((90, 10, 110, 30, 0.7, 0))), (RIGHT, found((9, 10, 30, 30, 0.9, 0))))

    assert rows == [[89, 10, 110, 30, 0.9]]


def test_other_words_for_it_stay() -> None:
    assert (
        len(rows_of((LEFT, found((90, 10, 110, 30, 0.7, 0))), (RIGHT, found((10, 10, 30, 30, 0.9, 1))))) == 2
    )


def test_the_part_a_tile_shows_of_something_large_is_no_thing_of_its_own() -> None:
    rows = rows_of((WHOLE, found((60, 10, 180, 90, 0.6, 0))), (LEFT, found((62, 10, 120, 90, 0.9, 0))))

    assert rows == [[60, 10, 180, 90, 0.6]]


def test_a_cut_box_of_something_nobody_else_shows_stays() -> None:
    assert rows_of((WHOLE, found()), (LEFT, found((62, 10, 120, 90, 0.9, 0)))) == [[62, 10, 120, 90, 0.9]]


def test_a_cut_box_does_not_yield_to_a_guess() -> None:
    rows = rows_of((WHOLE, found((60, 10, 180, 90, 0.1, 0))), (LEFT, found((62, 10, 120, 90, 0.9, 0))))

    assert len(rows) == 2


def test_a_box_at_the_frames_own_border_is_not_cut() -> None:
    rows = rows_of((WHOLE, found((0, 0, 80, 99, 0.5, 0))), (LEFT, found((0, 0, 40, 100, 0.6, 0))))

    assert len(rows) == 2


class Counting(colour_detector.ColourDetector):
    """Remembers how many pictures of which size it was given at once."""

    batch_size = 3

    def __init__(self) -> None:
        self.calls: list[tuple[int, tuple[int, ...]]] = []

    def detect(self, frames, vocabulary, *, threshold, regions=0):
        assert all(frame.flags.c_contiguous for frame in frames)
        self.calls.append((len(frames), frames[0].shape))
        return super().detect(frames, vocabulary, threshold=threshold, regions=regions)

    def facts(self, vocabulary: Vocabulary) -> Facts:
        return Facts(facts={"of": "its own"}, notes=("a note",))


@pytest.fixture
def colours() -> EmbeddedVocabulary:
    rows = np.array([[1, 0, 0], [0, 0, 1]], np.float32)
    return EmbeddedVocabulary(vocabulary=Vocabulary(name="test", labels=("red", "blue")), embeddings=rows)


def frame_of(**boxes: tuple[int, int, int, int]) -> np.ndarray:
    frame = np.full((100, 200, 3), 128, np.uint8)
    for colour, (x, y, width, height) in boxes.items():
        frame[y : y + height, x : x + width] = np.array(colour_detector.COLOURS[colour]) * 255
    return frame


def test_boxes_masks_and_regions_of_tiles_are_the_frames(colours) -> None:
    frame = frame_of(red=(10, 10, 20, 20), blue=(150, 70, 30, 20))
    detector = Counting()

    (alone,) = detector.detect([frame], colours, threshold=0.5, regions=4)
    (tiled,) = TiledDetector(detector, Tiling(columns=2, rows=2)).detect(
        [frame], colours, threshold=0.5, regions=4
    )

    for name in ("boxes_xyxy_px", "scores", "label_ids", "masks"):
        np.testing.assert_array_equal(getattr(tiled, name), getattr(alone, name))
    np.testing.assert_array_equal(tiled.regions.boxes_xyxy_px, alone.regions.boxes_xyxy_px)
    np.testing.assert_array_equal(tiled.regions.features, alone.regions.features)


def test_tiles_of_several_frames_are_looked_at_in_the_detectors_batches(colours) -> None:
    detector = Counting()
    frames = [frame_of(red=(10 * n, 10, 20, 20)) for n in range(2)]

    both = TiledDetector(detector, Tiling(columns=2, rows=2)).detect(frames, colours, threshold=0.5)

    assert [one.boxes_xyxy_px[0, 0] for one in both] == [0, 10]
    assert detector.calls == [(2, (100, 200, 3)), (3, (56, 112, 3)), (3, (56, 112, 3)), (2, (56, 112, 3))]


def test_how_frames_are_divided_is_told_beside_what_the_detector_tells(colours) -> None:
    said = facts_of(TiledDetector(Counting(), Tiling(size_px=640)), colours.vocabulary)

    assert said.facts["of"] == "its own"
    assert said.facts["tiles"]["size_px"] == 640
    assert said.notes == ("a note",)
