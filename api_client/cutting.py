"""How footage becomes parts: a video is split, pictures are packed. Nobody else asks which kind it is."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Protocol

import av

from api_client.contract import ChunkSpec, Source
from api_client.contract.digest import file_sha256, sha256_of
from api_client.contract.picture import PICTURES, PictureSpec
from api_client.contract.pts_runs import PtsRuns
from api_client.contract.source import SideStreams, SourceId, VideoSpec
from api_client.errors import MediaError
from api_client.media.assemble.side_streams import copy_side_streams
from api_client.media.parts.plan import notes_on, plan
from api_client.media.parts.split import notes_on_chunks, split
from api_client.media.pictures.packing import PicturePack, stored_name
from api_client.media.source.source_video import SourceVideo
from api_client.picture_set import PictureSet
from api_client.settings import Settings

_PICTURES_A_PART = 32
_BYTES_A_PART = 128 << 20
"""Of pictures in a part, at most (but one, at least)."""


class Cutting(Protocol):
    """The cutting of one source. One use each."""

    @property
    def frame_count(self) -> int:
        """How many frames there are to be."""
        ...

    def said(self) -> tuple[str, Mapping[str, object]]:
        """(sha256 of all that is read, whatever else decides the bytes of the parts)."""
        ...

    def parts(self, directory: Path) -> Iterator[tuple[ChunkSpec, Path]]:
        """Write one part after the other."""
        ...

    def side_streams(self, directory: Path) -> tuple[SideStreams, Path] | None:
        """Write what accompanies the frames; None where nothing does."""
        ...

    def source(self, identity: SourceId, chunks: tuple[ChunkSpec, ...], side: SideStreams | None) -> Source:
        """Return the document, when all parts are written."""
        ...


def cutting_of(footage: SourceVideo | PictureSet, settings: Settings) -> Cutting:
    """Return what suits the footage."""
    if isinstance(footage, PictureSet):
        return PictureCutting(footage)
    return VideoCutting(footage, settings)


class VideoCutting:
    """A `Cutting`: split at key frames."""

    def __init__(self, video: SourceVideo, settings: Settings) -> None:
        self._video, self._settings = video, settings
        self._left_out: tuple[str, ...] = ()

    @property
    def frame_count(self) -> int:
        """Of the video."""
        return self._video.video.frame_count

    def said(self) -> tuple[str, Mapping[str, object]]:
        """FFmpeg's version too, which writes the parts."""
        return file_sha256(self._video.path), {
            **({} if self._is_whole() else {"frames": [self._video.frames.start, self._video.frames.stop]}),
            "stream": self._video.stream_index,
            "is_deinterlaced": self._video.video.is_deinterlaced,
            "chunk_seconds": self._settings.chunk_seconds,
            "chunk_frames": self._settings.chunk_frames,
            "av": av.__version__,
        }

    def parts(self, directory: Path) -> Iterator[tuple[ChunkSpec, Path]]:
        """Packet copies."""
        self._plans = plan(
            self._video.table,
            target_seconds=self._settings.chunk_seconds,
            max_frames=self._settings.chunk_frames,
            frames=self._video.frames,
        )
        return split(self._video, self._plans, directory)

    def side_streams(self, directory: Path) -> tuple[SideStreams, Path] | None:
        """Sound and subtitles."""
        copied = copy_side_streams(self._video, directory)
        self._left_out = copied.left_out
        return copied.file

    def source(self, identity: SourceId, chunks: tuple[ChunkSpec, ...], side: SideStreams | None) -> Source:
        """Return the document."""
        return Source(
            source_id=identity,
            video=self._video.video,
            chunks=chunks,
            side_streams=side,
            notes=(
                *self._video.notes,
                *notes_on(self._plans, max_frames=self._settings.chunk_frames),
                *notes_on_chunks(self._video, chunks),
                *self._left_out,
            ),
        )

    def _is_whole(self) -> bool:
        return self._video.span_seconds == (None, None)


class PictureCutting:
    """A `Cutting`: some dozens of files a part, byte for byte."""

    def __init__(self, pictures: PictureSet) -> None:
        self._set = pictures

    @property
    def frame_count(self) -> int:
        """Of pictures."""
        return len(self._set.pictures)

    def said(self) -> tuple[str, Mapping[str, object]]:
        """Every file's digest and name."""
        digests = (f"{file_sha256(path)} {spec.name}\n" for path, spec in self._pairs())
        return sha256_of("".join(digests).encode()), {"kind": PICTURES}

    def parts(self, directory: Path) -> Iterator[tuple[ChunkSpec, Path]]:
        """Packs of the original files."""
        for index, frames in enumerate(self._frames_by_part()):
            path = directory / f"{index:06d}.zip"
            with PicturePack(path) as pack:
                for frame_index in frames:
                    pack.add(*self._packed(frame_index))
            yield _chunk(index, frames, path), path

    def side_streams(self, directory: Path) -> None:
        """Pictures have none."""

    def source(self, identity: SourceId, chunks: tuple[ChunkSpec, ...], side: SideStreams | None) -> Source:
        """Return the document: one picture a second, in the size of the largest."""
        pictures = self._set.pictures
        slides = VideoSpec(
            codec=PICTURES,
            width_px=max(picture.width_px for picture in pictures),
            height_px=max(picture.height_px for picture in pictures),
            time_base=(1, 1),
            average_rate=(1, 1),
            frame_count=len(pictures),
            first_pts=0,
        )
        return Source(source_id=identity, video=slides, pictures=pictures, chunks=chunks, side_streams=side)

    def _pairs(self) -> Iterator[tuple[Path, PictureSpec]]:
        yield from zip(self._set.files, self._set.pictures, strict=True)

    def _frames_by_part(self) -> Iterator[range]:
        first, size_bytes = 0, 0
        for frame_index, picture in enumerate(self._set.pictures):
            size_bytes += picture.size_bytes
            if frame_index > first and (
                frame_index - first == _PICTURES_A_PART or size_bytes > _BYTES_A_PART
            ):
                yield range(first, frame_index)
                first, size_bytes = frame_index, picture.size_bytes
        yield range(first, self.frame_count)

    def _packed(self, frame_index: int) -> tuple[str, bytes]:
        path, spec = self._set.files[frame_index], self._set.pictures[frame_index]
        data = path.read_bytes()
        if len(data) != spec.size_bytes:
            raise MediaError(f"{path} has changed while it was submitted: submit it again")
        return stored_name(frame_index, spec.name), data


def _chunk(index: int, frames: range, path: Path) -> ChunkSpec:
    return ChunkSpec(
        index=index,
        first_frame=frames.start,
        pts=PtsRuns.from_pts(frames),
        offset_pts=0,
        size_bytes=path.stat().st_size,
        sha256=file_sha256(path),
    )
