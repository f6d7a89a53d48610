"""The report in a real browser: Debian's Chromium, without a window."""

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright

from api_client.contract.marker import Gap
from api_client.job_files import JobFiles
from api_client.report import report_job
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job, row

SCRIPT = "<script>document.title='taken over'</script>"
BREAKS_OUT = "</script><img src=x onerror=\"document.title='taken over'\">"
LABELS = ("cat", "dog", SCRIPT, BREAKS_OUT)
RATE, FRAMES = 10, 40
OpenReport = Callable[..., Page]


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    """Skips where there is no Chromium; fails where REQUIRE_CHROMIUM says that there must be one."""
    path = shutil.which("chromium")
    if path is None:
        if os.environ.get("REQUIRE_CHROMIUM") == "1":
            pytest.fail("REQUIRE_CHROMIUM=1, yet there is no chromium: apt-get install chromium")
        pytest.skip("needs a program that is not here: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(home=tmp_path / "home", chunk_frames=20)


def rows() -> list[Any]:
    """A sure cat all along; a dog in the second half, less sure; two labels that try to be markup."""
    cat = [row(i, 0, 0.95, (4 + i, 8, 30 + i, 34)) for i in range(FRAMES)]
    dog = [row(i, 1, 0.7, (110 - i, 56, 140 - i, 82)) for i in range(20, FRAMES)]
    hostile = [
        row(i, label, 0.6, (60, 30 * label - 40, 90, 30 * label - 20)) for label in (2, 3) for i in range(10)
    ]
    return [*cat, *dog, *hostile]


@pytest.fixture
def job(settings: Settings, tmp_path: Path) -> JobFiles:
    clip = write_clip(tmp_path / "squares & co #1.mp4", frames=FRAMES, gop=10, rate=RATE)
    gap = Gap(first_frame=36, last_frame=39, reason="<b>worker</b> lost")
    return finish_job(settings, clip, rows(), labels=LABELS, gaps=(gap,))


@pytest.fixture
def open_report(browser: Browser, job: JobFiles, tmp_path: Path) -> Iterator[OpenReport]:
    """Open the page of a job; whatever goes wrong in it fails the test."""
    contexts, troubles = [], []

    def open_page(files: JobFiles = job, *, width: int = 1280, dark: bool = False) -> Page:
        path = report_job(files, tmp_path / "results")
        context = browser.new_context(
            viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
        )
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: troubles.append(str(error)))
        page.on("console", lambda said: troubles.append(said.text))
        page.goto(path.as_uri())
        page.wait_for_selector("html[data-ready]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert not troubles
