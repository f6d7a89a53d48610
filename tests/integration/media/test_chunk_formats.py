"""Which container a video's parts get, and how that is found out."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from api_client.media.parts import chunk_format
from api_client.media.parts.chunk_file import ChunkWriter
from api_client.media.source.probe import probe
from tests.integration.media.films import Film, x264


def test_of_packets_that_an_mp4_gives_back_to_the_bit_none_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Film(codec="libx264", suffix=".mp4", options=x264(), b_frames=2).write(tmp_path)
    decoded = _noted(monkeypatch)

    assert probe(path).chunk_format == "mp4"
    assert decoded == []


@pytest.mark.parametrize(("codec", "suffix"), [("libx264", ".ts"), ("libx264", ".mkv"), ("mpeg4", ".mp4")])
def test_of_packets_that_are_written_otherwise_or_say_less_the_pictures_are_compared(
    codec: str, suffix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Film(codec=codec, suffix=suffix).write(tmp_path)
    decoded = _noted(monkeypatch)

    assert probe(path).chunk_format == "mp4"
    assert decoded == [path.name]


def test_a_container_that_gives_packets_back_at_other_times_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = Film(codec="libx264", suffix=".mp4", options=x264(), b_frames=2).write(tmp_path)
    monkeypatch.setattr(chunk_format, "ChunkWriter", _LateMp4)

    assert probe(path).chunk_format == "mov"


class _LateMp4(ChunkWriter):
    """Every frame but the first is shown later, in an mp4."""

    def __init__(self, path: Path, template: Any, **options: Any) -> None:
        if options["format_name"] == "mp4":
            options["pts"] = options["pts"] + 10 * (np.arange(len(options["pts"])) > 0)
        super().__init__(path, template, **options)


def _noted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the files whose first packets are decoded from here on."""
    decoded: list[str] = []
    as_it_was = chunk_format._decoded

    def noting(stream: Any, *rest: Any) -> Any:
        decoded.append(Path(stream.container.name).name)
        return as_it_was(stream, *rest)

    monkeypatch.setattr(chunk_format, "_decoded", noting)
    return decoded
