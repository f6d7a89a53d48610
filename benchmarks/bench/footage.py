"""Real footage cut into parts on disk, and the work of looking at and drawing each part."""

from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api_client.contract import ChunkSpec, DetectorSpec, JobDocument, JobSpec, Manifest, Rendering, Source
from api_client.cutting import cutting_of
from api_client.log.boxes import LoggedBox
from api_client.log.frames import frames_of
from api_client.log.part_rows import PartRows
from api_client.picture_set import checked_footage
from api_client.settings import Settings
from api_client.store.directory import DirectoryStore
from benchmarks.bench.measuring import ffmpeg
from tasks.work import DetectWork, RenderWork
from vocabularies import Vocabulary

LABELS = ("person", "car")
_LOOPS = 4


def clip_of(clip: Path, directory: Path, *, height_px: int | None = None) -> Path:
    """A longer clip of real pictures, scaled to a height where one is named."""
    scale = ["-vf", f"scale=-2:{height_px}"] if height_px else []
    path = directory / f"clip-{height_px or 'own'}.mp4"
    ffmpeg(
        "-stream_loop", _LOOPS - 1, "-i", clip, *scale, "-c:v", "libx264", "-preset", "fast", "-g", 50, path
    )
    return path


def longer(clip: Path, directory: Path, *, times: int) -> Path:
    """The same packets over and over."""
    path = directory / f"{clip.stem}-{times}-times.mp4"
    ffmpeg("-stream_loop", times - 1, "-i", clip, "-c", "copy", path)
    return path


@dataclass(frozen=True, kw_only=True)
class Parts:
    """Footage in parts."""

    manifest: Manifest
    paths: tuple[Path, ...]
    directory: Path

    @classmethod
    def of(cls, named: Path | list[Path], directory: Path, **job: object) -> "Parts":
        """Cut footage as a client does."""
        directory.mkdir()
        footage = checked_footage(named, stream=None, deinterlace=True)
        cutting = cutting_of(footage, Settings.load())
        cut = [
            (spec, path.rename(directory / f"part-{spec.index}")) for spec, path in cutting.parts(directory)
        ]
        source = cutting.source("5" * 32, tuple(spec for spec, _ in cut), None)
        return cls(
            manifest=_manifest(source, **job), paths=tuple(path for _, path in cut), directory=directory
        )

    @property
    def frames(self) -> int:
        """How many there are."""
        return self.manifest.footage.video.frame_count

    def detect_works(self) -> Iterator[DetectWork]:
        """What a worker is given, part by part."""
        for chunk, path in self._parts():
            yield DetectWork(
                manifest=self.manifest,
                chunk=chunk,
                video_path=path,
                output_dir=self._output(chunk),
                store=DirectoryStore(self.directory / "store"),
                heartbeat=lambda _frames: None,
                lock=lambda _name: nullcontext(),
            )

    def render_works(self) -> Iterator[RenderWork]:
        """What a render worker is given, with two boxes in every frame."""
        rows = self._rows()
        for chunk, path in self._parts():
            yield RenderWork(
                manifest=self.manifest,
                chunk=chunk,
                video_path=path,
                rows={index: file for index, file in rows.items() if index == chunk.index},
                gaps=(),
                output_dir=self._output(chunk),
                heartbeat=lambda _frames: None,
            )

    def _parts(self) -> Iterator[tuple[ChunkSpec, Path]]:
        yield from zip(self.manifest.chunks, self.paths, strict=True)

    def _output(self, chunk: ChunkSpec) -> Path:
        output = self.directory / f"output-{chunk.index}"
        output.mkdir(exist_ok=True)
        return output

    def _rows(self) -> dict[int, Path]:
        directory = self.directory / "rows"
        directory.mkdir(exist_ok=True)
        passing = PartRows(self.manifest, directory, {1: 0.9, 2: 0.8}).passing(
            frames_of(self.manifest, (), _boxes(self.frames, *self.manifest.footage.size_px(0)))
        )
        for _ in passing:
            pass
        return {int(path.stem): path for path in directory.iterdir()}


def _boxes(frames: int, width: int, height: int) -> Iterator[LoggedBox]:
    for frame in range(frames):
        for number in (1, 2):
            left = (frame * 2 * number) % (width // 2)
            corners = (left, height / 4, left + width / 4, height / 2)
            yield LoggedBox(
                frame, frame, 0.0, number - 1, LABELS[number - 1], 0.8, *corners, number, False, None, None
            )


def _manifest(source: Source, **job: object) -> Manifest:
    spec = JobSpec(
        vocabulary=Vocabulary(name="custom", labels=LABELS),
        detector=DetectorSpec(name="pocket"),
        rendering=Rendering(),
    ).model_copy(update=job)
    document = JobDocument(
        job_id="bench",
        created_at=datetime.now(UTC),
        source={"file_name": "clip.mp4", "size_bytes": 1, "container": "mp4"},  # type: ignore[arg-type]
        source_id=source.source_id,
        job=spec,
    )
    return Manifest(document=document, footage=source)
