"""Official checkpoints: downloaded once, resumed where interrupted, checked at every use."""

import hashlib
import logging
import re
import threading
from concurrent.futures import ThreadPoolExecutor
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from workers.detectors.detic.config import RELEASES
from workers.detectors.detic.download import cached_checkpoint
from workers.detectors.detic.progress_bar import download_bar
from workers.detectors.errors import WeightsError

CONTENT = bytes(range(256)) * 16384


class FileServer(ThreadingHTTPServer):
    """Serves one file, from any byte on; can break off."""

    ranges: list[str | None]
    most_bytes = len(CONTENT)


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range")
        self.server.ranges.append(wanted)
        start = int(re.search(r"\d+", wanted)[0]) if wanted else 0
        if start >= len(CONTENT):
            self.send_error(416)
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(CONTENT) - start))
        self.end_headers()
        self.wfile.write(CONTENT[start : start + self.server.most_bytes])

    def log_message(self, *arguments):
        pass


@pytest.fixture
def server():
    with FileServer(("127.0.0.1", 0), Handler) as server:
        server.ranges = []
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@pytest.fixture
def url(server):
    return f"http://127.0.0.1:{server.server_port}/model.pth"


def test_a_file_is_downloaded_once_and_its_digest_recorded(server, url, tmp_path):
    seen = []

    path = cached_checkpoint(
        url, tmp_path / "cache", progress=lambda there, total: seen.append((there, total))
    )
    again = cached_checkpoint(url, tmp_path / "cache")

    assert path == again == tmp_path / "cache/model.pth"
    assert path.read_bytes() == CONTENT
    assert (tmp_path / "cache/model.pth.sha256").read_text().strip() == hashlib.sha256(CONTENT).hexdigest()
    assert len(server.ranges) == 1
    assert seen[-1] == (len(CONTENT), len(CONTENT))


def test_an_interrupted_download_goes_on_where_it_stopped(server, url, tmp_path):
    server.most_bytes = 1_000_000
    with pytest.raises(WeightsError, match=r"ended after 1000000 of 4194304 bytes"):
        cached_checkpoint(url, tmp_path)
    assert not (tmp_path / "model.pth").exists()
    there = (tmp_path / "model.pth.part").stat().st_size
    server.most_bytes = len(CONTENT)

    path = cached_checkpoint(url, tmp_path)

    assert path.read_bytes() == CONTENT
    assert server.ranges == [None, f"bytes={there}-"]
    assert there > 0


def test_a_download_that_stopped_just_before_its_end_is_done_again(server, url, tmp_path):
    (tmp_path / "model.pth.part").write_bytes(bytes(len(CONTENT)))

    path = cached_checkpoint(url, tmp_path)

    assert path.read_bytes() == CONTENT
    assert server.ranges == [f"bytes={len(CONTENT)}-", None]
    assert not (tmp_path / "model.pth.part").exists()


def test_several_workers_that_start_together_download_once(server, url, tmp_path):
    with ThreadPoolExecutor(4) as threads:
        paths = list(threads.map(lambda _: cached_checkpoint(url, tmp_path), range(4)))

    assert set(paths) == {tmp_path / "model.pth"}
    assert server.ranges == [None]


def test_a_worker_without_a_terminal_logs_each_tenth(url, tmp_path, caplog):
    with caplog.at_level(logging.INFO), download_bar("model.pth") as show:
        cached_checkpoint(url, tmp_path, progress=show)

    lines = [record.getMessage() for record in caplog.records]
    assert lines[-1] == "downloading model.pth: 4 of 4 MB"
    assert len(lines) == 4


def test_a_file_put_there_by_hand_is_taken_and_recorded(tmp_path):
    (tmp_path / "model.pth").write_bytes(CONTENT)

    path = cached_checkpoint("http://127.0.0.1:9/model.pth", tmp_path)

    assert path.read_bytes() == CONTENT
    assert (tmp_path / "model.pth.sha256").read_text().strip() == hashlib.sha256(CONTENT).hexdigest()


def test_a_cache_that_cannot_be_written_is_one_clear_error(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(WeightsError, match=r"cannot keep weights in .*file/cache: Not a directory"):
        cached_checkpoint("http://127.0.0.1:9/model.pth", tmp_path / "file/cache")


def test_a_file_that_changed_since_its_first_use_is_refused(url, tmp_path):
    path = cached_checkpoint(url, tmp_path)
    path.write_bytes(b"something else")

    with pytest.raises(WeightsError, match="has changed since its first use"):
        cached_checkpoint(url, tmp_path)


def test_without_network_one_line_says_where_to_put_the_file(tmp_path):
    with pytest.raises(WeightsError) as caught:
        cached_checkpoint("http://127.0.0.1:9/model.pth", tmp_path)

    assert str(tmp_path / "model.pth") in str(caught.value)
    assert "--weights FILE" in str(caught.value)
    assert "\n" not in str(caught.value)


def test_official_models_are_at_the_official_location():
    assert RELEASES["detic-swinb"].url == (
        "https://dl.fbaipublicfiles.com/detic/Detic_LCOCOI21k_CLIP_SwinB_896b32_4x_ft4x_max-size.pth"
    )
    assert len({release.url for release in RELEASES.values()}) == len(RELEASES)
