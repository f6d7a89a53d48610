"""What a worker process is asked to do: look at parts of videos and draw into them, one after the other."""

from functools import cached_property
from typing import TYPE_CHECKING

from api_client.settings import Settings
from tasks.work import (
    AskOutput,
    AskWork,
    DetectOutput,
    DetectWork,
    EmbedWork,
    RenderOutput,
    RenderWork,
)

if TYPE_CHECKING:
    from workers.ask_processor import AskProcessor
    from workers.detect_processor import DetectProcessor


class WorkerProcessors:
    """`tasks.work.Processors`. One per process, made after any fork; not for several threads.

    What only one of them needs is imported when it is first asked for: a worker that draws has OpenCV, and
    none of the packages that detectors need.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    @property
    def device(self) -> str:
        """What detectors run on, for people. Raises `SettingsError` where the device is not there."""
        return self._detecting.device

    def warm_up(self, detector: str = "pocket") -> None:
        """Load a detector. Raises `HoratioError` where the device or the detector cannot be had."""
        self._detecting.warm_up(detector)

    def detect(self, work: DetectWork) -> DetectOutput:
        """Look at a part. Raises `HoratioError`s; anything else is a bug."""
        return self._detecting.detect(work)

    def embed(self, work: EmbedWork) -> None:
        """Embed words. Raises `HoratioError`s; anything else is a bug."""
        self._detecting.embed(work)

    def ask(self, work: AskWork) -> AskOutput | None:
        """Ask words of a part's regions. Raises `HoratioError`s; anything else is a bug."""
        return self._asking.ask(work)

    def render(self, work: RenderWork) -> RenderOutput:
        """Draw a part. Raises `HoratioError`s; anything else is a bug."""
        from workers.device import use_one_opencv_thread
        from workers.render_pipeline import RenderPipeline

        use_one_opencv_thread()
        return RenderPipeline(work).run()

    @cached_property
    def _detecting(self) -> "DetectProcessor":
        from workers.detect_processor import DetectProcessor

        return DetectProcessor(self._settings)

    @cached_property
    def _asking(self) -> "AskProcessor":
        from workers.ask_processor import AskProcessor

        return AskProcessor(self._settings)
