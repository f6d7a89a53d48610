"""What a person does with the report, done in a browser."""

import pytest
from playwright.sync_api import Locator, Page, expect

from api_client.job_files import JobFiles
from api_client.settings import Settings
from tests.clips import write_clip
from tests.finished_jobs import finish_job
from tests.integration.report.conftest import BREAKS_OUT, FRAMES, LABELS, RATE, SCRIPT, OpenReport, rows

VIDEO_TIME = "document.getElementById('video').currentTime"


def strip(page: Page, word: str) -> Locator:
    """The bars of a word."""
    return page.locator(".row:visible", has=page.get_by_text(word, exact=True)).first.locator(".strip")


def click_at(strip: Locator, share: float) -> None:
    box = strip.bounding_box()
    assert box
    strip.click(position={"x": box["width"] * share, "y": box["height"] / 2})


def wait_for_video(page: Page, seconds: float, *, within: float) -> None:
    page.wait_for_function(f"Math.abs({VIDEO_TIME} - {seconds}) < {within}")


def test_a_click_on_a_bar_moves_the_video_there(open_report: OpenReport) -> None:
    page = open_report()
    assert page.evaluate(VIDEO_TIME) == 0

    click_at(strip(page, "dog"), 0.75)

    wait_for_video(page, 3.0, within=0.15)
    expect(page.locator("#now")).to_contain_text("dog #")


def test_a_click_just_beside_a_bar_goes_to_its_begin(open_report: OpenReport) -> None:
    page = open_report()

    click_at(strip(page, "dog"), 0.49)

    wait_for_video(page, 2.0, within=0.09)
    expect(page.locator("#now")).to_contain_text("frame 20")


def test_the_slider_changes_the_counts(open_report: OpenReport) -> None:
    page = open_report()
    expect(page.locator("#counts")).to_have_text("80 detections, 4 objects, 4 words, in 40 frames")

    page.locator("#confidence").focus()
    for _ in range(70 - 60 + 1):  # from the lowest confidence in the log to one above the dog's
        page.keyboard.press("ArrowRight")

    expect(page.locator("#confidence-value")).to_have_text("71 %")
    expect(page.locator("#counts")).to_have_text("40 detections, 1 object, 1 word, in 40 frames")
    expect(page.locator("#gallery li")).to_have_count(1)


def test_a_box_at_the_confidence_itself_is_counted(open_report: OpenReport) -> None:
    page = open_report()

    page.locator("#confidence").fill("70")

    expect(page.locator("#counts")).to_have_text("60 detections, 2 objects, 2 words, in 40 frames")


def test_a_word_narrows_the_rows(open_report: OpenReport) -> None:
    page = open_report()

    page.locator("#word").fill("DOG")

    expect(page.locator("#counts")).to_contain_text("20 detections, 1 object")
    expect(page.locator(".row[aria-level='1']:visible")).to_have_count(1)


def test_a_drag_zooms_and_counts_what_is_in_view(open_report: OpenReport) -> None:
    page = open_report()
    box = strip(page, "cat").bounding_box()
    assert box

    page.mouse.move(box["x"] + 1, box["y"] + 5)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.25, box["y"] + 5, steps=4)
    page.mouse.up()

    expect(page.locator("#to")).to_have_value("0:01.0")
    expect(page.locator("#counts")).to_contain_text("3 words")
    page.get_by_role("button", name="Whole video").click()
    expect(page.locator("#counts")).to_contain_text("4 words")


def test_times_can_be_written(open_report: OpenReport) -> None:
    page = open_report()

    page.locator("#from").fill("0:03")
    page.locator("#from").press("Enter")

    expect(page.locator("#counts")).to_contain_text("20 detections, 2 objects, 2 words, in 10 frames")


def test_labels_are_text_whatever_they_say(open_report: OpenReport) -> None:
    page = open_report()

    for label in (SCRIPT, BREAKS_OUT):
        expect(page.locator(".name", has_text=label).first).to_be_visible()
    assert "squares & co #1.mp4" in page.title()
    assert page.locator("section b", has_text="worker").count() == 0
    assert page.locator("img[src=x]").count() == 0
    assert page.locator("script").count() == 4


def test_gaps_say_why_and_lead_there(open_report: OpenReport) -> None:
    page = open_report()
    gaps = page.locator("#gaps li")
    expect(gaps).to_have_text(["0:03.6 to 0:03.9frames 36 to 39: <b>worker</b> lost"])

    gaps.get_by_role("button").click()

    wait_for_video(page, 3.6, within=0.05)


def test_the_best_look_at_an_object_is_a_picture_that_leads_there(open_report: OpenReport) -> None:
    page = open_report()
    card = page.locator("#gallery button", has_text="dog")

    size = card.locator("img").evaluate("(i) => i.decode().then(() => [i.naturalWidth, i.naturalHeight])")
    card.click()

    assert size == [36, 32]  # 30 by 26 pixels, a margin of 8 % around them, whole pixels
    page.wait_for_function(f"{VIDEO_TIME} >= 2")


def test_without_a_video_the_page_still_tells(
    open_report: OpenReport, settings: Settings, tmp_path_factory: pytest.TempPathFactory
) -> None:
    clip = write_clip(tmp_path_factory.mktemp("clip") / "walk.mp4", frames=FRAMES, gop=10, rate=RATE)
    page = open_report(finish_job(settings, clip, rows(), labels=LABELS, with_video=False))
    assert page.locator("video").count() == 0

    click_at(strip(page, "dog"), 0.75)

    expect(page.locator("#now")).to_contain_text("dog #")
    expect(page.locator("#gallery li")).to_have_count(4)


def test_nothing_is_asked_of_a_network(open_report: OpenReport, job: JobFiles) -> None:
    page = open_report()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))

    page.reload()
    page.wait_for_selector("html[data-ready]")

    assert {url.split(":")[0] for url in asked} <= {"file", "data"}


@pytest.mark.parametrize("width", [320, 390, 800])
def test_a_small_screen_needs_no_scrolling_sideways(open_report: OpenReport, width: int) -> None:
    page = open_report(width=width)

    assert page.evaluate("document.documentElement.scrollWidth") <= width
    expect(strip(page, "cat")).to_be_visible()
