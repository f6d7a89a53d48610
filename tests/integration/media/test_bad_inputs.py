"""What is no video is refused in one line that names the file and says what to do."""

import os
from pathlib import Path

import pytest

from api_client.errors import IntegrityError, MediaError
from api_client.media.frames.decode import decode_chunk
from api_client.media.parts.plan import plan
from api_client.media.parts.split import split
from api_client.media.source.probe import probe
from tests.integration.media.films import Film, x264

_FILM = Film(codec="libx264", suffix=".mp4", options=x264())


def _refusal(path: Path) -> str:
    with pytest.raises(MediaError) as caught:
        probe(path)
    message = str(caught.value)
    assert str(path) in message
    assert "\n" not in message
    return message


def test_text(tmp_path):
    path = tmp_path / "notes.mp4"
    path.write_text("this is no video\n" * 100)

    assert "is not a video" in _refusal(path)


def test_nothing(tmp_path):
    path = tmp_path / "empty.mp4"
    path.touch()

    assert "0 bytes" in _refusal(path)


def test_noise(tmp_path):
    path = tmp_path / "noise.mp4"
    path.write_bytes(bytes((i * i * 31 + i) % 251 for i in range(20_000)))

    _refusal(path)


def test_a_directory(tmp_path):
    assert "is a directory" in _refusal(tmp_path)


def test_a_file_that_is_not_there(tmp_path):
    assert "does not exist" in _refusal(tmp_path / "missing.mp4")


def test_a_path_through_a_file(tmp_path):
    (tmp_path / "file").touch()

    assert "does not exist" in _refusal(tmp_path / "file" / "film.mp4")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_one_may_not_read(tmp_path):
    path = _FILM.write(tmp_path)
    path.chmod(0)

    assert "may not be read" in _refusal(path)


def test_sound_alone(tmp_path):
    path = Film(codec="libx264", suffix=".mp4", options=x264(), audio=[("aac", 48_000)]).write(tmp_path)
    sound = _only_sound(path)

    assert "contains no video" in _refusal(sound)


@pytest.mark.parametrize("suffix", [".mp4", ".mkv", ".avi"])
@pytest.mark.parametrize("fraction", [0.3, 0.9])
def test_a_file_cut_short(suffix, fraction, tmp_path):
    path = Film(codec="mpeg4", suffix=suffix).write(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: int(len(data) * fraction)])

    message = _refusal(path)

    assert suffix == ".mp4" or "truncated" in message


def test_an_mp4_with_its_index_in_front_cut_short(tmp_path):
    film = Film(codec="libx264", suffix=".mp4", options=x264(), muxer={"movflags": "faststart"})
    path = film.write(tmp_path)
    data = path.read_bytes()
    path.write_bytes(data[: len(data) * 3 // 4])

    assert "truncated" in _refusal(path)


def test_pictures_scrambled_by_encryption(tmp_path):
    path = _FILM.write(tmp_path)
    data = path.read_bytes()
    start = data.index(b"mdat") + 4
    end = data.index(b"moov") - 4
    scrambled = bytes(byte ^ 0xA5 for byte in data[start:end])
    path.write_bytes(data[:start] + scrambled + data[end:])

    assert "cannot be decoded" in _refusal(path)


def test_a_film_without_frames(tmp_path):
    path = Film(codec="mpeg4", suffix=".avi", frames=0).write(tmp_path)

    _refusal(path)


def test_a_file_that_disappears_while_it_is_split(tmp_path):
    path = _FILM.write(tmp_path)
    source = probe(path)
    path.unlink()

    with pytest.raises(MediaError, match="does not exist"):
        list(split(source, plan(source.table, target_seconds=1, max_frames=10), tmp_path))


def test_a_damaged_chunk_file_is_our_own_inconsistency(tmp_path):
    source = probe(_FILM.write(tmp_path))
    chunk, path = next(split(source, plan(source.table, target_seconds=1, max_frames=10), tmp_path))
    path.write_bytes(b"not what was uploaded")

    with pytest.raises(IntegrityError, match="damaged"):
        list(decode_chunk(path, source.video, chunk))


def test_a_splitter_that_is_stopped_leaves_no_unfinished_file(tmp_path):
    source = probe(Film(codec="libx264", suffix=".mp4", options=x264(open_gop=1, bframes=2)).write(tmp_path))
    chunks = tmp_path / "chunks"
    chunks.mkdir()

    splitting = split(source, plan(source.table, target_seconds=1, max_frames=10), chunks)
    _, first = next(splitting)
    splitting.close()

    assert list(chunks.iterdir()) == [first]


def _only_sound(path: Path) -> Path:
    import av

    sound = path.with_stem("sound")
    with av.open(str(path)) as source, av.open(str(sound), "w") as file:
        track = file.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(audio=0):
            if packet.size:
                packet.stream = track
                file.mux(packet)
    return sound
