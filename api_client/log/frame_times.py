"""When a frame is shown, from its index."""

from bisect import bisect_right

from api_client.contract import Manifest


class FrameTimes:
    """Frame index → seconds since frame 0, without a list of all frames."""

    def __init__(self, manifest: Manifest) -> None:
        self._video = manifest.video
        self._runs: list[tuple[int, int, int]] = []
        self._starts: list[int] = []
        for chunk in manifest.chunks:
            start = chunk.first_frame
            for first_pts, step, count in chunk.pts.runs:
                self._runs.append((start, first_pts, step))
                self._starts.append(start)
                start += count

    def seconds(self, frame_index: int) -> float:
        """Seconds since frame 0 of a frame the video has."""
        start, first_pts, step = self._runs[bisect_right(self._starts, frame_index) - 1]
        return self._video.time_seconds(first_pts + step * (frame_index - start))
