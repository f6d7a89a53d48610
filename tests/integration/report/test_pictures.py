"""The page of a set of pictures, in a browser."""

from dataclasses import replace
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser, Page, expect

from api_client.contract.marker import Gap
from api_client.cutting import PictureCutting
from api_client.log.boxes import LoggedBox
from api_client.log.frames import frames_of
from api_client.log.report import write_picture_report
from api_client.picture_set import checked_pictures
from tests.integration.report.conftest import SCRIPT
from tests.manifests import asking, manifest
from vocabularies import Vocabulary

NAMES = ("cat & dog #1.png", "dog.png", "nothing.png", "lost.png")


def box(frame: int, label: int, confidence: float) -> LoggedBox:
    name = ("cat", "dog", SCRIPT)[label]
    return LoggedBox(
        frame, frame, float(frame), label, name, confidence, 2, 2, 20, 20, None, False, None, None
    )


@pytest.fixture
def page_path(tmp_path: Path) -> Path:
    (tmp_path / "annotated").mkdir()
    for number, name in enumerate(NAMES):
        Image.new("RGB", (60 + number, 40), (40 * number, 90, 90)).save(tmp_path / "annotated" / name)
    named = checked_pictures([tmp_path / "annotated" / name for name in NAMES])
    cutting = PictureCutting(named)
    ((chunk, _),) = cutting.parts(tmp_path)
    vocabulary = Vocabulary(name="custom", labels=("cat", "dog", SCRIPT))
    job = replace(
        asking(manifest(chunks=(chunk,)), vocabulary=vocabulary),
        footage=cutting.source("5" * 32, (chunk,), None),
    )
    gaps = (Gap(first_frame=3, last_frame=3, reason="lost.png cannot be decoded"),)
    boxes = [box(0, 0, 0.9), box(0, 1, 0.6), box(0, 2, 0.58), box(1, 1, 0.8)]
    write_picture_report(
        tmp_path / "report.html",
        manifest=job,
        frames=frames_of(job, gaps, iter(boxes)),
        summary={"not_found": ["bird"]},
        annotated={name: f"annotated/{name}" for name in NAMES[:3]},
        gaps=gaps,
    )
    return tmp_path / "report.html"


@pytest.fixture
def page(browser: Browser, page_path: Path) -> Page:
    page = browser.new_page()
    page.goto(page_path.as_uri())
    page.wait_for_selector("html[data-ready=yes]")
    return page


def shown(page: Page) -> list[str]:
    return page.locator("#gallery li span").all_inner_texts()


def test_pictures_in_which_something_is_are_shown_from_their_files(page: Page) -> None:
    expect(page.locator("#counts")).to_have_text("4 detections, 3 words, in 2 pictures, 2 shown")
    assert shown(page) == ["cat & dog #1.png", "dog.png"]
    first = page.locator("#gallery img").first
    page.wait_for_function("document.querySelector('#gallery img').naturalWidth === 60")
    assert first.get_attribute("src") == "annotated/cat%20%26%20dog%20%231.png"


def test_word_confidence_and_file_filter_what_is_shown(page: Page) -> None:
    page.get_by_role("button", name="dog 2").click()
    assert shown(page) == ["cat & dog #1.png", "dog.png"]

    for _ in range(62 - 58):
        page.locator("#confidence").press("ArrowRight")
    expect(page.locator("#counts")).to_have_text("1 detection, 1 word, in 1 picture, 1 shown")
    assert shown(page) == ["dog.png"]

    page.get_by_role("button", name="dog 1").click()
    page.locator("#empty").check()
    page.locator("#file").fill("NOTH")
    expect(page.locator("#gallery li")).to_have_count(1)
    assert shown(page) == ["nothing.png"]


def test_a_picture_opens_large_and_arrows_lead_on(page: Page) -> None:
    page.locator("#gallery button").first.click()
    expect(page.locator("#large-title")).to_have_text("cat & dog #1.png")
    expect(page.locator("#large-found")).to_contain_text("cat 90 %")

    page.keyboard.press("ArrowRight")
    expect(page.locator("#large-title")).to_have_text("dog.png")
    page.keyboard.press("Escape")

    expect(page.locator("#large")).not_to_be_visible()
    expect(page.locator("#picture-1")).to_be_focused()  # by an event that comes after the dialog is gone


def test_a_label_is_text_and_nothing_is_loaded_from_elsewhere(page: Page, page_path: Path) -> None:
    expect(page.locator("#words")).to_contain_text(SCRIPT)
    assert page.title() == "clip.mp4: what was found"
    assert "http" not in page_path.read_text().replace("http-equiv", "")
    expect(page.locator("#gaps")).to_have_text("lost.png cannot be decoded")
