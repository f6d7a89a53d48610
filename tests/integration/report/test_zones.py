"""Zones and lines in the report."""

from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api_client.job_files import JobFiles
from api_client.report import report_job
from api_client.zones.asked import Shapes, shapes_of

SHAPES = shapes_of(["left=0,0,40,96"], ["middle=60,0,60,96"])


def page_of(job: JobFiles, directory: Path, shapes: Shapes | None) -> str:
    return report_job(job, directory, shapes=shapes).as_uri()


def test_they_lie_over_the_video_and_leave_its_controls_alone(
    browser: Browser, job: JobFiles, tmp_path: Path
) -> None:
    page = browser.new_page()
    page.goto(page_of(job, tmp_path / "results", SHAPES))
    page.wait_for_selector("html[data-ready]")

    video, shapes = (page.locator(name).bounding_box() for name in ("#video", "#shapes"))
    assert video == pytest.approx(shapes)
    assert page.locator("#shapes polygon").count() == page.locator("#shapes line").count() == 1
    middle = (video["x"] + video["width"] / 2, video["y"] + video["height"] / 2)
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).id", middle) == "video"
    expect(page.locator("#zones tbody").first).to_contain_text("cat")
    expect(page.locator("#zones")).to_contain_text("middle")
    page.close()


def test_on_a_phone_the_page_is_no_wider_than_the_screen(
    browser: Browser, job: JobFiles, tmp_path: Path
) -> None:
    shapes = shapes_of(["the-grass-before-the-entrance=0,0,40,96"], ["middle=60,0,60,96"])
    page = browser.new_page(viewport={"width": 360, "height": 700})
    page.goto(page_of(job, tmp_path / "results", shapes))
    page.wait_for_selector("html[data-ready]")

    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.close()


def test_where_nothing_is_asked_there_is_nothing(browser: Browser, job: JobFiles, tmp_path: Path) -> None:
    page = browser.new_page()
    page.goto(page_of(job, tmp_path / "results", None))

    expect(page.locator("#zones, #shapes")).to_have_count(0)
    page.close()
