"""The report without a mouse, and without seeing it."""

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.integration.report.conftest import OpenReport

_CONTROLS = {"button", "slider", "searchbox", "textbox", "treegrid", "link", "Video"}
_CONTRAST = """
() => {
  const channels = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const luminance = ([r, g, b]) => [r, g, b].map((c) => c / 255)
    .map((c) => (c <= 0.03928 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4))
    .reduce((sum, c, i) => sum + c * [0.2126, 0.7152, 0.0722][i], 0);
  const ground = (element) => {
    for (let e = element; e; e = e.parentElement) {
      const colour = channels(getComputedStyle(e).backgroundColor);
      if (colour.length < 4 || colour[3] > 0) return colour;
    }
    return [255, 255, 255];
  };
  const found = [];
  const texts = "p, h1, h2, label, button, dt, dd, .name, .number, small, kbd, output";
  for (const element of document.querySelectorAll(texts)) {
    if (!element.offsetParent || !element.textContent.trim()) continue;
    const [a, b] = [luminance(channels(getComputedStyle(element).color)), luminance(ground(element))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(`${element.tagName} ${element.className} ${ratio.toFixed(2)}`);
  }
  return found;
}
"""


def nodes(page: Page) -> list[dict[str, Any]]:
    """What the browser tells a screen reader."""
    session = page.context.new_cdp_session(page)
    tree = session.send("Accessibility.getFullAXTree")["nodes"]
    return [node for node in tree if not node.get("ignored")]


def test_every_control_has_a_name(open_report: OpenReport) -> None:
    page = open_report()

    controls = [
        (n["role"]["value"], n["name"]["value"]) for n in nodes(page) if n["role"]["value"] in _CONTROLS
    ]

    assert {"slider", "searchbox", "textbox", "treegrid", "button", "link"} <= {role for role, _ in controls}
    assert all(name.strip() for _, name in controls), controls


def test_regions_headings_and_language_are_said(open_report: OpenReport) -> None:
    page = open_report()

    levels = [
        int(tag[1]) for tag in page.locator("h1, h2, h3").evaluate_all("(all) => all.map((e) => e.tagName)")
    ]
    regions = {node["name"]["value"] for node in nodes(page) if node["role"]["value"] == "region"}

    assert levels[0] == 1
    assert set(levels[1:]) == {2}
    assert {"Video", "Timeline", "Objects", "Where this comes from"} <= regions
    assert page.locator("html").get_attribute("lang") == "en"


def test_rows_say_their_place_their_level_and_their_numbers(open_report: OpenReport) -> None:
    page = open_report()

    rows = [n for n in nodes(page) if n["role"]["value"] == "row" and "cat" in n["name"]["value"]]
    first = page.locator(".row:visible").first

    assert "40" in rows[0]["name"]["value"]
    assert first.get_attribute("aria-level") == "1"
    assert first.get_attribute("aria-expanded") == "true"
    assert first.get_attribute("aria-rowindex") == "2"
    assert page.locator("#grid").get_attribute("aria-rowcount") == str(1 + 4 + 4)


def test_tab_goes_through_the_page_in_reading_order(open_report: OpenReport) -> None:
    page = open_report()
    reached = []

    for _ in range(40):
        page.keyboard.press("Tab")
        focused = page.evaluate("document.activeElement.id || document.activeElement.className")
        if focused and (not reached or reached[-1] != focused):
            reached.append(focused)

    wanted = ["skip", "video", "word", "confidence", "from", "to", "whole", "grid"]
    assert [name for name in reached if name in wanted][: len(wanted)] == wanted


def test_arrow_keys_choose_a_row_and_go_from_moment_to_moment(open_report: OpenReport) -> None:
    page = open_report()
    page.locator("#grid").focus()

    for _ in range(2):  # past the cat's object
        page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowRight")

    chosen = page.locator("#grid").get_attribute("aria-activedescendant")
    expect(page.locator(f"#{chosen}")).to_have_attribute("aria-selected", "true")
    expect(page.locator("#said")).to_contain_text("dog, moment 1 of 1, 0:02.0 to 0:03.9")
    page.wait_for_function("document.getElementById('video').currentTime >= 2")


def test_enter_closes_and_opens_a_word(open_report: OpenReport) -> None:
    page = open_report()
    page.locator("#grid").focus()

    page.keyboard.press("Enter")
    expect(page.locator(".row:visible").first).to_have_attribute("aria-expanded", "false")
    assert page.locator("#grid").get_attribute("aria-rowcount") == "8"

    page.keyboard.press("Enter")
    assert page.locator("#grid").get_attribute("aria-rowcount") == "9"


@pytest.mark.parametrize("dark", [False, True])
def test_text_stands_out_from_its_ground(open_report: OpenReport, dark: bool) -> None:
    page = open_report(dark=dark)

    assert page.evaluate(_CONTRAST) == []
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (ground == "rgb(255, 255, 255)") is not dark
